"""The token: balances, allowances, and that what moves to or from a contract has its cause in the same transaction."""

from __future__ import annotations

from collections import Counter

from anomalyhive.audit.replay.context import Replay, Values
from anomalyhive.audit.replay.state import ZERO_ADDRESS
from anomalyhive.errors import AuditFailure

UNLIMITED = (1 << 256) - 1
"""An allowance that is never used up (OpenZeppelin's ERC20)."""


def transferred(at: Replay, v: Values) -> None:
    """Tokens moved; from address 0 they are new, to address 0 they are burned."""
    source, target, amount = v["from"], v["to"], v["value"]
    at.findings.count("tokens")
    if source == ZERO_ADDRESS:
        # The constructor makes all tokens that there will ever be.
        if at.state.supply:
            raise AuditFailure(f"makes {amount} new tokens out of nothing")
        at.state.supply = amount
    elif at.state.balances[source] < amount:
        raise AuditFailure(f"moves {amount} out of {source}, which has {at.state.balances[source]}")
    else:
        at.state.balances[source] -= amount
    if target == ZERO_ADDRESS:
        at.state.supply -= amount
    else:
        at.state.balances[target] += amount
    if {source, target} & {at.hive, at.registry}:
        at.moved[source, target] += amount


def approved(at: Replay, v: Values) -> None:
    """An owner lets somebody move so much."""
    at.state.allowances[v["owner"], v["spender"]] = v["value"]


def settle(at: Replay) -> None:
    """Hold what a transaction moved against what its events say that it had to."""
    for source, target in sorted({*at.due, *at.moved}):
        due, moved = at.due[source, target], at.moved[source, target]
        if target in (at.hive, at.registry) and moved > due:
            at.state.given[target] += moved - due
        elif moved != due:
            at.fault(f"its transaction moves {moved} from {source} to {target} and must move {due}", "tokens")
        if target in (at.hive, at.registry):
            _spend(at, source, target, due)
    at.due, at.moved = Counter(), Counter()


def _spend(at: Replay, owner: str, spender: str, amount: int) -> None:
    """Both contracts pull what comes to them, so an allowance pays for it."""
    allowed = at.state.allowances[owner, spender]
    if allowed < amount:
        at.fault(f"{spender} pulls {amount} from {owner}, who allows {allowed}", "tokens")
    elif allowed != UNLIMITED:
        at.state.allowances[owner, spender] = allowed - amount
