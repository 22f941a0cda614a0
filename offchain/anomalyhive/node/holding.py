"""A node's slot in a task: found again, taken where it is free, told of a new operator, taken again when it is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from anomalyhive.chain.views import Kind, Phase, Role
from anomalyhive.errors import ChainFailure, Reverted
from anomalyhive.node.duties import Equipment

RETRY_SECONDS = 30.0
"""Between two attempts to get a slot where none could be had."""


@dataclass(frozen=True)
class Words:
    """What the contract and the node call things of one kind of slot."""

    role: Role
    noun: str
    take: str
    refresh: str
    free: str


WORDS: Mapping[Kind, Words] = MappingProxyType(
    {
        Kind.UPDATE: Words(Role.TRAIN, "shard", "takeShard", "refreshShard", "freeShard"),
        Kind.VERDICT: Words(Role.VALIDATE, "seat", "takeSeat", "refreshSeat", "freeSeat"),
    }
)

LOST = ("SlotHeld", "AlreadySeated")
"""Refusals that mean that somebody was quicker, or that this node was, before it was killed."""


class Holding:
    """The slot of one kind that a node holds in a task of ``count`` of them; ``wanted`` is None for any."""

    def __init__(self, gear: Equipment, task: int, kind: Kind, count: int, wanted: int | None) -> None:
        self._gear = gear
        self._task = task
        self._kind = kind
        self._words = WORDS[kind]
        self._count = count
        self._wanted = wanted
        self._index: int | None = None
        self._looked = False
        self._again = 0.0

    def ensure(self, take: bool = True) -> int | None:
        """The index of the slot that the node holds by now; None where none is to be had yet, or not to ``take``.

        Raises Reverted where the node may hold none, such as NotEligible, and other ChainFailures.
        """
        index = self._held()
        if index is None and take and self._gear.clock() >= self._again:
            index = self._take()
            self._again = 0.0 if index is not None else self._gear.clock() + RETRY_SECONDS
        self._index = index
        return index

    def _held(self) -> int | None:
        """The slot held, with the operator that it knows set right."""
        if self._index is not None and (held := self._refreshed(self._index)) is not None:
            return held
        if self._index is None and self._looked:
            return None
        self._looked = True
        found = self._find()
        return None if found is None else self._refreshed(found)

    def _find(self) -> int | None:
        hive, node = self._gear.contracts.hive, self._gear.node
        if self._kind is Kind.VERDICT:
            seat = int(hive.read("seatOf", self._task, node))
            return seat - 1 if seat else None
        if not hive.read("held", node):
            return None
        return next((index for index in self._order() if self._holder(index)[1] == node), None)

    def _refreshed(self, index: int) -> int | None:
        """A slot that this node holds, and that knows its operator from now on; None where it is another's."""
        operator, node = self._holder(index)
        if node != self._gear.node:
            return None
        if operator != self._gear.signer.address:
            self._send(self._words.refresh, index)
        return index

    def _take(self) -> int | None:
        for free in (True, False):
            for index in self._order():
                holder = self._holder(index)[1]
                if (holder == 0) is not free or (holder and not self._vacated(index)):
                    continue
                try:
                    self._send(self._words.take, index)
                except Reverted as refusal:
                    if refusal.error not in LOST:
                        self._again = self._gear.clock() + RETRY_SECONDS
                        raise
                    if self._find() is not None:
                        return self._find()
                    continue
                return index
        return None

    def _vacated(self, index: int) -> bool:
        """Whether an absent holder's slot could be freed, as the contract allows anyone to."""
        try:
            self._send(self._words.free, index)
        except Reverted:
            return False
        return True

    def _order(self) -> Iterator[int]:
        """The slots in the order in which this node tries them: nodes begin at different ones."""
        if self._wanted is not None:
            if self._wanted >= self._count:
                raise ChainFailure(
                    f"task {self._task} has {self._count} {self._words.noun}s, the first is 0: there is no "
                    f"{self._words.noun} {self._wanted}"
                )
            return iter((self._wanted,))
        return ((self._gear.node + offset) % self._count for offset in range(self._count))

    def _holder(self, index: int) -> tuple[str, int]:
        """The operator that a slot knows, and the node that holds it."""
        holder = self._gear.contracts.hive.read(self._words.noun, self._task, index)
        return str(holder[0]), int(holder[1])

    def _send(self, function: str, index: int) -> None:
        self._gear.signer.transact(self._gear.contracts.hive.call(function, self._task, index))
        self._gear.watcher.acted(self._task, 0, Phase.NONE, self._words.role, f"{function} {index}")
