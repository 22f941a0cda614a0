"""What a node's terms have earned, and the claims that draw it, from the events and the contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.events import Event
from anomalyhive.chain.hive import ClaimItem
from anomalyhive.chain.terms import Term, terms_of

ROUNDS_A_CLAIM = 1_000
"""At 5,000 gas each, far below a block's limit."""


@dataclass(frozen=True)
class Dues:
    """What a node has earned in a task, in 1e-18 tokens: what was claimed, what was not, and how to claim that.

    ``claims`` are transactions, each a list of items.
    """

    claimed: int
    unclaimed: int
    claims: Sequence[Sequence[ClaimItem]]


def dues_of(contracts: Contracts, events: Sequence[Event], task: int, node: int) -> Dues:
    """What a node has earned in a task, and what of it is to be claimed."""
    its = [event for event in events if event.values.get("task") == task]
    finals = [event.values["round"] for event in its if event.name == "RoundFinalized"]
    claimed = sum(event.values["amount"] for event in its if event.name == "Claimed" and event.values["node"] == node)
    owed: dict[Term, dict[int, int]] = {}
    for term in terms_of(its, task):
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
