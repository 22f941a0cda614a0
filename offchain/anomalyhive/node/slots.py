"""What a node holds in a task, from the events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.events import Event, read_named
from anomalyhive.chain.terms import LEFT, TAKEN
from anomalyhive.chain.views import Kind

TERM_EVENTS = (*TAKEN, *LEFT, "RoundFinalized", "Claimed")

NAMES = {Kind.UPDATE: "shard", Kind.VERDICT: "seat"}


@dataclass(frozen=True)
class Slot:
    """A shard or a seat of a task."""

    task: int
    kind: Kind
    index: int

    def __str__(self) -> str:
        return f"{NAMES[self.kind]} {self.index} of task {self.task}"


def events_of_terms(contracts: Contracts, task: int) -> list[Event]:
    """The events of a task that tell of terms and claims."""
    hive = contracts.hive
    return read_named(hive.web3, [hive.address], TERM_EVENTS, hive.deployed_in, task)


def tasks_of(contracts: Contracts, node: int) -> list[int]:
    """The tasks in which a node ever held a slot."""
    hive = contracts.hive
    taken = read_named(hive.web3, [hive.address], tuple(TAKEN), hive.deployed_in, None, None, node)
    return sorted({event.values["task"] for event in taken})


def slots_of(events: Sequence[Event], task: int, node: int) -> list[Slot]:
    """The slots of a task that a node holds now."""
    holders: dict[tuple[Kind, int], int] = {}
    for event in events:
        for table in (TAKEN, LEFT):
            if event.name in table:
                kind, name = table[event.name]
                holders[kind, event.values[name]] = event.values["node"] if table is TAKEN else 0
    return [Slot(task, kind, index) for (kind, index), holder in sorted(holders.items()) if holder == node]
