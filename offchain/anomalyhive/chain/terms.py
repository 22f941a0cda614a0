"""The terms of a task's slots, and how far each was paid: what there is to be claimed, from the events alone."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from anomalyhive.chain.events import Event
from anomalyhive.chain.views import Kind
from anomalyhive.errors import ChainFailure

Key = TypeVar("Key", bound=Hashable)

TAKEN: Mapping[str, tuple[Kind, str]] = MappingProxyType(
    {"ShardTaken": (Kind.UPDATE, "shard"), "SeatTaken": (Kind.VERDICT, "seat")}
)
LEFT: Mapping[str, tuple[Kind, str]] = MappingProxyType(
    {
        "ShardReleased": (Kind.UPDATE, "shard"),
        "ShardFreed": (Kind.UPDATE, "shard"),
        "SeatReleased": (Kind.VERDICT, "seat"),
        "SeatFreed": (Kind.VERDICT, "seat"),
    }
)
"""Events at which a term begins or ends -> the kind of the slot, and what the event calls it."""


@dataclass(frozen=True)
class Term:
    """The time for which a node holds a slot.

    Its final rounds are those after ``begin`` up to ``last``; those up to ``paid`` are paid. ``ended``: the slot has
    another holder, or none.
    """

    kind: Kind
    index: int
    node: int
    begin: int
    last: int
    paid: int
    ended: bool = False

    @property
    def number(self) -> int:
        """What a claim calls the term; see `IHiveTypes.Claim`."""
        return self.last if self.ended else 0


def terms_of(events: Iterable[Event], task: int) -> list[Term]:
    """The terms of a task that have a final round, in the order in which they began."""
    final = 0
    terms: list[Term] = []
    holding: dict[tuple[Kind, int], int] = {}
    ended: dict[tuple[Kind, int, int], int] = {}
    for event in events:
        v = event.values
        if v.get("task") != task:
            continue
        if event.name == "RoundFinalized":
            final = v["round"]
        elif event.name in TAKEN:
            kind, name = TAKEN[event.name]
            holding[kind, v[name]] = len(terms)
            terms.append(Term(kind, v[name], v["node"], final, final, final))
        elif event.name in LEFT:
            kind, name = LEFT[event.name]
            at = _known(holding, (kind, v[name]), event)
            del holding[kind, v[name]]
            terms[at] = replace(terms[at], last=final, ended=True)
            # Of two terms that end after the same final round, the first alone has anything to be paid.
            ended.setdefault((kind, v[name], final), at)
        elif event.name == "Claimed":
            kind, index, number = Kind(v["kind"]), v["index"], v["term"]
            at = _known(ended, (kind, index, number), event) if number else _known(holding, (kind, index), event)
            terms[at] = replace(terms[at], paid=v["through"])
    terms = [one if one.ended else replace(one, last=final) for one in terms]
    return [one for one in terms if one.last > one.begin]


def _known(places: Mapping[Key, int], key: Key, event: Event) -> int:
    if key not in places:
        raise ChainFailure(f"block {event.block} has {event.name} of a term that never began: the endpoint omits logs")
    return places[key]
