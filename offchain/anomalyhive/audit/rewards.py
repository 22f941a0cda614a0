"""Who earned what: of each round and of a whole task, by node, in decimal texts of 1e-18 tokens."""

from __future__ import annotations

from collections import Counter
from typing import Any

from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.replay import Round, Task
from anomalyhive.chain.views import Kind


def rewards_of_round(round_: Round) -> dict[str, str]:
    """Node -> what its updates and verdicts of a final round earned; nodes that earned nothing are left out."""
    earned: Counter[int] = Counter()
    for shard, one in round_.submissions.items():
        earned[one.node] += round_.earned(Kind.UPDATE, shard)
    for seat, reveal in round_.reveals.items():
        earned[reveal.node] += round_.earned(Kind.VERDICT, seat)
    return {str(node): str(amount) for node, amount in sorted(earned.items()) if amount}


def rewards_of_task(record: ChainRecord, task: Task) -> list[dict[str, Any]]:
    """A line for every node that did something: its work, what that earned, and what was claimed and burned."""
    counts: dict[str, Counter[int]] = {name: Counter() for name in ("updates", "accepted", "verdicts", "paid")}
    earned: Counter[int] = Counter()
    burned: Counter[int] = Counter()
    for round_ in task.rounds.values():
        for shard, one in round_.submissions.items():
            counts["updates"][one.node] += 1
            counts["accepted"][one.node] += bool(round_.medians.get(shard))
        for seat, reveal in round_.reveals.items():
            counts["verdicts"][reveal.node] += 1
            counts["paid"][reveal.node] += round_.final and seat in round_.paid
        for seat, amount in round_.slashed.items():
            burned[round_.commits[seat].node] += amount
        for node, text in rewards_of_round(round_).items():
            earned[int(node)] += int(text)
    claimed = _claimed(record, task.number)
    nodes = {*earned, *burned, *claimed, *(node for one in counts.values() for node in one)}
    return [
        {
            "node": node,
            **{name: one[node] for name, one in counts.items()},
            "earned": str(earned[node]),
            "claimed": str(claimed[node]),
            "burned": str(burned[node]),
        }
        for node in sorted(nodes)
    ]


def _claimed(record: ChainRecord, task: int) -> Counter[int]:
    claimed: Counter[int] = Counter()
    for event in record.events:
        node, amount = event.values.get("node"), event.values.get("amount")
        of_task = event.name == "Claimed" and event.values.get("task") == task
        if of_task and isinstance(node, int) and isinstance(amount, int):
            claimed[node] += amount
    return claimed
