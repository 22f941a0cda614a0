"""What nodes may claim, and what a claim must come to."""

from __future__ import annotations

from typing import Any

from outcomes import outcome_of

from anomalyhive.chain.views import TaskConfig
from rehearsal import BASE, Node, Round

UPDATE, VERDICT = 0, 1
"""IHiveTypes.Kind."""

PRESENT = 0
"""The term of the present holder, as a claim names it."""

ALL = 0
"""As far as possible, as a claim names it."""

Item = tuple[int, int, int, int, int]


def of_shard(task: int, shard: int, term: int = PRESENT, through: int = ALL) -> Item:
    """The contract's Claim for the updates of a shard."""
    return task, UPDATE, shard, term, through


def of_seat(task: int, seat: int, term: int = PRESENT, through: int = ALL) -> Item:
    """The contract's Claim for the verdicts of a seat."""
    return task, VERDICT, seat, term, through


def owed(round_: Round, kind: int, index: int, config: TaskConfig = BASE) -> int:
    """What an update or a verdict of a round earns, by Python's arithmetic."""
    outcome = outcome_of(config, round_)
    return outcome.rate * outcome.medians[index] if kind == UPDATE else outcome.share * (index in outcome.paid)


def told(node: Node, item: Item, after: int, through: int, amount: int) -> dict[str, Any]:
    """Claimed, field by field."""
    task, kind, index, term, _ = item
    return {
        "task": task,
        "node": node.number,
        "kind": kind,
        "index": index,
        "term": term,
        "after_": after,
        "through": through,
        "amount": amount,
    }
