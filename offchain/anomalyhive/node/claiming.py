"""Claims: what all tasks owe a node, in as few transactions as fit a block."""

from __future__ import annotations

from collections.abc import Callable

from anomalyhive.node.amounts import tokens
from anomalyhive.node.hands import Hand
from anomalyhive.node.place import Place
from anomalyhive.node.slots import dues_of, events_of_terms, tasks_of


def claim_dues(place: Place, hand: Callable[[], Hand], node: int) -> int:
    """Claim what a node has earned; the amount in 1e-18 tokens. ``hand`` is asked for only if there is anything."""
    contracts, owed, acting = place.contracts, 0, None
    for task in tasks_of(contracts, node):
        dues = dues_of(contracts, events_of_terms(contracts, task), task, node)
        owed += dues.unclaimed
        for items in dues.claims:
            acting = acting or hand()
            rows = [(one.task, int(one.kind), one.index, one.term, one.through) for one in items]
            words = f"claim what node {node} has earned in task {task}, {tokens(dues.unclaimed)} in all"
            acting.do(contracts.hive.call("claim", node, rows), words)
    return owed
