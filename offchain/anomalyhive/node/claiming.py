"""Claims: what all tasks owe a node, in as few transactions as fit a block."""

from __future__ import annotations

from collections.abc import Mapping

from anomalyhive.chain.dues import Dues, dues_of
from anomalyhive.node.amounts import tokens
from anomalyhive.node.hands import Hand
from anomalyhive.node.place import Place
from anomalyhive.node.slots import events_of_terms, tasks_of


def unclaimed(place: Place, node: int) -> dict[int, Dues]:
    """Task -> what it owes a node, for every task in which it ever held a slot."""
    contracts = place.contracts
    return {
        task: dues_of(contracts, events_of_terms(contracts, task), task, node) for task in tasks_of(contracts, node)
    }


def claim_dues(place: Place, hand: Hand, node: int, owed: Mapping[int, Dues]) -> None:
    """Claim what tasks owe a node, to its owner."""
    for task, dues in owed.items():
        words = f"claim what node {node} has earned in task {task}, {tokens(dues.unclaimed)} in all"
        for items in dues.claims:
            rows = [(one.task, int(one.kind), one.index, one.term, one.through) for one in items]
            hand.do(place.contracts.hive.call("claim", node, rows), words)
