"""What a node holds in a task, and what its terms have earned, from the events and the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.events import Event, read_named
from anomalyhive.chain.hive import ClaimItem
from anomalyhive.chain.terms import LEFT, TAKEN, Term, terms_of
from anomalyhive.chain.views import Kind

TERM_EVENTS = (*TAKEN, *LEFT, "RoundFinalized", "Claimed")

ROUNDS_A_CLAIM = 1_000
"""At 5,000 gas each, far below a block's limit."""

NAMES = {Kind.UPDATE: "shard", Kind.VERDICT: "seat"}


@dataclass(frozen=True)
class Slot:
    """A shard or a seat of a task."""

    task: int
    kind: Kind
    index: int

    def __str__(self) -> str:
        return f"{NAMES[self.kind]} {self.index} of task {self.task}"


@dataclass(frozen=True)
class Dues:
    """What a node has earned in a task, in 1e-18 tokens: what was claimed, what was not, and how to claim that.

    ``claims`` are transactions, each a list of items.
    """

    claimed: int
    unclaimed: int
    claims: Sequence[Sequence[ClaimItem]]


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


def dues_of(contracts: Contracts, events: Sequence[Event], task: int, node: int) -> Dues:
    """What a node has earned in a task, and what of it is to be claimed."""
    finals = [event.values["round"] for event in events if event.name == "RoundFinalized"]
    claimed = sum(
        event.values["amount"] for event in events if event.name == "Claimed" and event.values["node"] == node
    )
    owed: dict[Term, dict[int, int]] = {}
    for term in terms_of(events, task):
        if term.node == node:
            due = [round_ for round_ in finals if max(term.begin, term.paid) < round_ <= term.last]
            owed[term] = {round_: contracts.hive.earned(task, round_, term.kind, term.index) for round_ in due}
    claims = []
    for first in range(0, len(finals), ROUNDS_A_CLAIM):
        part = set(finals[first : first + ROUNDS_A_CLAIM])
        items = []
        for term, amounts in owed.items():
            due = [round_ for round_ in amounts if round_ in part]
            # A claim that moves nothing reverts. The next one that does takes these rounds with it.
            if any(amounts[round_] for round_ in due):
                items.append(ClaimItem(task, term.kind, term.index, term.number, due[-1]))
        if items:
            claims.append(items)
    return Dues(claimed, sum(sum(amounts.values()) for amounts in owed.values()), claims)
