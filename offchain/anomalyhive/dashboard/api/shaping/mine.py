"""A node of one's own, and audits, as they are answered."""

from __future__ import annotations

from typing import Literal, cast

from web3 import Web3

from anomalyhive.dashboard.api.schemas.mine import (
    Audit,
    AuditCheck,
    Claim,
    Claims,
    Earnings,
    Finding,
    JournalEntry,
    Me,
    OwnRole,
)
from anomalyhive.dashboard.api.shaping.nodes import ROLES
from anomalyhive.dashboard.live.auditing import AuditStanding
from anomalyhive.dashboard.live.claims import Unsigned
from anomalyhive.dashboard.live.mine import Finding as Found
from anomalyhive.dashboard.live.mine import Mine
from anomalyhive.errors import AnomalyHiveError

MOST_FAILURES = 100
"""Failures of a check that are told; the rest is in the report of the command."""

NAMES = dict(ROLES)


def nobody() -> Me:
    """The answer without a home."""
    return Me(
        present=False,
        id=None,
        home=None,
        owner=None,
        operator=None,
        state=None,
        running=None,
        stake="0",
        roles=[],
        earnings=Earnings(earned="0", claimed="0", unclaimed="0"),
        journal=[],
        doctor=None,
        problem=None,
    )


def me_of(mine: Mine) -> Me:
    """The node as it was seen last."""
    own, findings, problem = mine.latest, mine.findings, mine.latest.problem
    try:
        roles = mine.roles()
    except AnomalyHiveError as error:
        roles, problem = [], str(error)
    claimed, unclaimed = (sum(getattr(dues, name) for dues in own.dues.values()) for name in ("claimed", "unclaimed"))
    state: Literal["active", "leaving"] | None = None
    if own.record is not None:
        state = "leaving" if own.record.exit_at else "active"
    return Me(
        present=True,
        id=own.number or None,
        home=str(mine.home.root),
        owner=own.owner,
        operator=own.operator,
        state=state,
        running=own.running,
        stake="0" if own.record is None else str(own.record.stake),
        roles=[OwnRole(role=NAMES[role], paused=paused) for role, paused in roles],
        earnings=Earnings(earned=str(claimed + unclaimed), claimed=str(claimed), unclaimed=str(unclaimed)),
        journal=[
            JournalEntry(
                purpose=one.purpose,
                function=one.function,
                nonce=one.nonce,
                state=one.state.value,
                at=int(one.made),
                block=one.block,
                transaction=Web3.to_hex(one.hash),
            )
            for one in own.journal
        ],
        doctor=None if findings is None else [_finding(one) for one in findings],
        problem=problem,
    )


def _finding(found: Found) -> Finding:
    state = cast(Literal["ok", "wrong", "unknown"], found.state)
    return Finding(check=found.check, state=state, words=found.words, remedy=found.remedy)


def claims_of(unsigned: list[Unsigned]) -> Claims:
    """What the owner may sign."""
    return Claims(transactions=[Claim(**{**vars(one), "value": str(one.value)}) for one in unsigned])


def audit_of(standing: AuditStanding) -> Audit:
    """How an audit gets on."""
    checks = [AuditCheck(**{**one, "failures": list(one["failures"])[:MOST_FAILURES]}) for one in standing.checks]
    return Audit(**{**vars(standing), "checks": checks})
