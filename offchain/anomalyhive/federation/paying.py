"""Claims: every node takes what it earned, many rounds in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.events import Event
from anomalyhive.chain.hive import claimable
from anomalyhive.federation.crew import Member

ITEMS_A_CLAIM = 100
"""At 15,000 gas each, far below a block's limit."""


def claim_all(contracts: Contracts, task: int, members: Sequence[Member], events: Iterable[Event]) -> dict[str, int]:
    """Claim for every member what it has not claimed; member -> 1e-18 tokens claimed over the whole run."""
    numbers = {member.number(contracts): member for member in members}
    claimed = {
        (e.values["node"], e.values["round"], e.values["kind"], e.values["index"])
        for e in events
        if e.name == "Claimed" and e.values["task"] == task
    }
    views = [contracts.hive.round(task, n) for n in range(1, contracts.hive.task(task).latest_round + 1)]
    amounts: dict[str, int] = {}
    for number, member in numbers.items():
        items = [item for view in views for item in claimable(view, number)]
        due = [item for item in items if (number, item.round, int(item.kind), item.index) not in claimed]
        for first in range(0, len(due), ITEMS_A_CLAIM):
            contracts.hive.claim(member.operator, number, due[first : first + ITEMS_A_CLAIM])
        amounts[member.name] = sum(contracts.hive.earned(task, item.round, item.kind, item.index) for item in items)
    return amounts
