"""A slot that changes hands, be it a shard or a seat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dues import UPDATE, VERDICT, Item
from logs import logged, plain

from anomalyhive.chain.views import Phase
from rehearsal import TOKEN, Node, Rehearsal, Round

NO_TERM = (0, 0, 0)

EARNED = {UPDATE: 140 * TOKEN, VERDICT: 100 * TOKEN}
"""What each update and each verdict of a round of BASE earns in which everybody takes part and agrees."""

MINE = 0
"""The shard or the seat that changes hands."""


@dataclass(frozen=True)
class Slot:
    """Slot MINE of a task, a shard or a seat: the same rules under two names."""

    hive: Any
    task: int
    kind: int

    @property
    def name(self) -> str:
        """As the hive calls it."""
        return ("Shard", "Seat")[self.kind]

    def call(self, verb: str, sender: Any) -> Any:
        """takeShard, releaseSeat, and so on; the transaction."""
        return getattr(self.hive, f"{verb}{self.name}")(self.task, MINE, {"from": sender})

    def holder(self) -> tuple[str, int, int, int]:
        """Operator, node, since and how far it is paid."""
        return plain(getattr(self.hive, self.name.lower())(self.task, MINE))

    def term(self, through: int) -> tuple[int, int, int]:
        """Node, how far it is paid, and its last final round."""
        return plain(self.hive.term(self.task, self.kind, MINE, through))

    def item(self, term: int = 0, through: int = 0) -> Item:
        """The contract's Claim."""
        return self.task, self.kind, MINE, term, through

    def claim(self, node: Node, term: int = 0, through: int = 0) -> list[dict[str, Any]]:
        """What a claim of the node alone tells."""
        transaction = self.hive.claim(node.number, [self.item(term, through)], {"from": node.owner})
        return logged(transaction, "Claimed")


def finals(rehearsal: Rehearsal, task: int, count: int) -> list[Round]:
    """So many rounds in which everybody takes part and agrees."""
    return [rehearsal.reach(task, Phase.FINAL) for _ in range(count)]
