"""Nodes and rewards as they are answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from anomalyhive.chain.views import Role
from anomalyhive.dashboard.api.schemas.nodes import Node, Reward, RoleName, Totals
from anomalyhive.dashboard.api.shaping.models import finals_of
from anomalyhive.dashboard.api.shaping.names import names_of
from anomalyhive.dashboard.live.ledger import Account, NodeEntry
from anomalyhive.dashboard.live.roundbook import RoundBook
from anomalyhive.dashboard.live.snapshot import Snapshot

ROLES: tuple[tuple[Role, RoleName], ...] = (
    (Role.TRAIN, "train"), (Role.VALIDATE, "validate"), (Role.MONITOR, "monitor"), (Role.AUDIT, "audit"),
)  # fmt: skip


def node_of(snapshot: Snapshot, entry: NodeEntry) -> Node:
    """A node, with what it did in the task that is shown."""
    book = snapshot.book
    account = Account() if book is None else book.accounts.get(entry.number, Account())
    state: Literal["active", "leaving", "left"] = (
        "left" if entry.withdrawn else "leaving" if entry.exit_at else "active"
    )
    return Node(
        id=entry.number,
        name=names_of(snapshot)[entry.number],
        owner=entry.owner,
        operator=entry.operator,
        roles=[name for role, name in ROLES if entry.roles & role],
        stake=str(entry.stake),
        slashed=str(entry.slashed),
        state=state,
        exit_at=entry.exit_at or None,
        registered_at=entry.registered_at,
        shards=[] if book is None else sorted(one for one, node in book.shards.items() if node == entry.number),
        seats=[] if book is None else sorted(one for one, node in book.seats.items() if node == entry.number),
        updates=account.updates,
        accepted=account.accepted,
        rejected=account.rejected,
        verdicts=account.verdicts,
        unrevealed=account.unrevealed,
        earned=str(account.earned),
        claimed=str(account.claimed),
        unclaimed=str(account.earned - account.claimed),
    )


def rewards_of(snapshot: Snapshot, node: int | None, last: int | None = None) -> Iterator[Reward]:
    """What final rounds up to ``last`` paid, the newest first, updates before verdicts; of one node or of all."""
    names = names_of(snapshot)
    for book in finals_of(snapshot):
        if last is not None and book.number > last:
            continue
        for kind, place, who, amount in _paid(book):
            if node is None or who == node:
                yield Reward(
                    round=book.number,
                    node=who,
                    name=names.get(who, f"node {who}"),
                    kind=kind,
                    place=place,
                    amount=str(amount),
                )


def _paid(book: RoundBook) -> Iterator[tuple[Literal["update", "verdict"], int, int, int]]:
    assert book.tallied is not None
    for shard in book.tallied.accepted:
        yield "update", shard, book.submissions[shard].node, book.tallied.rate * book.tallied.medians[shard]
    for seat in sorted(book.paid):
        if seat in book.reveals:
            yield "verdict", seat, book.reveals[seat].node, book.tallied.share


def totals_of(snapshot: Snapshot, node: int | None) -> Totals:
    """Sums over all final rounds; of one node or of all."""
    book = snapshot.book
    accounts = {} if book is None else book.accounts
    chosen = [one for number, one in accounts.items() if node is None or number == node]
    earned, claimed = sum(one.earned for one in chosen), sum(one.claimed for one in chosen)
    return Totals(earned=str(earned), claimed=str(claimed), unclaimed=str(earned - claimed))
