"""Claims: every node takes what its terms earned, all their rounds in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.events import Event
from anomalyhive.chain.hive import ClaimItem
from anomalyhive.chain.terms import terms_of
from anomalyhive.federation.crew import Member

ROUNDS_A_CLAIM = 1_000
"""At 5,000 gas each, far below a block's limit."""


def claim_all(contracts: Contracts, task: int, members: Sequence[Member], events: Sequence[Event]) -> dict[str, int]:
    """Claim for every member what it has not claimed; member -> 1e-18 tokens earned over the whole run."""
    hive, terms = contracts.hive, terms_of(events, task)
    finals = [e.values["round"] for e in events if e.name == "RoundFinalized" and e.values["task"] == task]
    amounts: dict[str, int] = {}
    for member in members:
        node = member.number(contracts)
        earned = {
            term: {n: hive.earned(task, n, term.kind, term.index) for n in finals if term.begin < n <= term.last}
            for term in terms
            if term.node == node
        }
        for first in range(0, len(finals), ROUNDS_A_CLAIM):
            items = []
            for term, amount in earned.items():
                due = [n for n in finals[first : first + ROUNDS_A_CLAIM] if term.paid < n <= term.last]
                # A claim that moves nothing reverts. The next one that does takes these rounds with it.
                if any(amount[n] for n in due):
                    items.append(ClaimItem(task, term.kind, term.index, term.number, due[-1]))
            if items:
                hive.claim(member.operator, node, items)
        amounts[member.name] = sum(sum(amount.values()) for amount in earned.values())
    return amounts
