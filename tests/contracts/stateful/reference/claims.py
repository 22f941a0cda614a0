"""How owners are paid, as the model sees it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, NoReturn

from anomalyhive.chain.views import Phase
from reference.part import Part, refuse
from reference.state import Holder, Task, Term


class Claim(NamedTuple):
    """`IHiveTypes.Claim`."""

    task: int
    kind: int
    index: int
    term: int
    through: int


class Claims(Part):
    """See IHive.claim."""

    def claim(self, node: int, claims: Sequence[Claim]) -> None:
        total = 0
        for one in claims:
            total += self._collect(node, one)
        if total == 0:
            refuse("NothingToClaim", node)
        if node not in self.state.nodes:
            refuse("UnknownNode", node)
        self.move(self.hive, self.state.nodes[node].owner, total)

    def _collect(self, node: int, one: Claim) -> int:
        task, term = self.state.tasks.get(one.task), self._term(one)
        # Node 0 is nobody: a free slot is "its", and pays it nothing.
        if node != (term.node if term else 0) or (one.term and one.through > one.term):
            _refuse(one)
        through = one.through or one.term or (task.last_final if task else 0)
        paid_through = term.paid_through if term else 0
        if through <= paid_through:
            return 0
        if task is None or through not in task.rounds or task.rounds[through].phase is not Phase.FINAL:
            _refuse(one)
        rounds = [task.rounds[number] for number in task.finals if paid_through < number <= through]
        amount = sum(round_.earned(one.kind, one.index) for round_ in rounds)
        if term:
            self.amend(term, paid_through=through)
        self.emit("Claimed", one.task, node, one.kind, one.index, one.term, paid_through, through, amount)
        return amount

    def _term(self, one: Claim) -> Holder | Term | None:
        task: Task | None = self.state.tasks.get(one.task)
        if task is None:
            return None
        if one.term:
            return task.terms.get((one.kind, one.index, one.term))
        return task.slots(one.kind).get(one.index)


def _refuse(one: Claim) -> NoReturn:
    refuse("WrongClaim", *one)
