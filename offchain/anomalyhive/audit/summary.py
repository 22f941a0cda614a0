"""What a lineage came to, task by task and round by round, as JSON values: what a person asks of an audit.

It says what the chain's events and the content say, right or wrong; what of it does not hold is in the checks. Amounts
are decimal texts in 1e-18 tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from anomalyhive.audit.naming import quality_text, root_name
from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.replay import Hive, Round, Task
from anomalyhive.audit.rewards import rewards_of_round, rewards_of_task
from anomalyhive.chain.events import Event
from anomalyhive.chain.gas import Spent, by_function
from anomalyhive.chain.views import ZERO_DIGEST, Phase, Reveal
from anomalyhive.content.kinds import Model, Spec, Verdict
from anomalyhive.content.store import Store
from anomalyhive.errors import BadInput, ContentFailure
from anomalyhive.evaluation.quality import Quality

Measure: TypeAlias = Callable[[bytes], Quality | None]
"""The quality of a model, by its digest; None where it cannot be measured."""


@dataclass(frozen=True)
class Lineage:
    """All that a summary reads.

    ``spent`` is transaction -> what it used, as far as receipts are known; ``measure`` None where no rows are at hand.
    """

    record: ChainRecord
    hive: Hive
    store: Store
    spent: Mapping[bytes, Spent] = field(default_factory=dict)
    measure: Measure | None = None


def summarise(lineage: Lineage) -> dict[str, Any]:
    """``tasks`` with their rounds, and ``gas`` by function over all of the hive."""
    events: dict[tuple[int, int], list[Event]] = {}
    for event in lineage.record.events:
        task, round_ = event.values.get("task"), event.values.get("round")
        if isinstance(task, int) and isinstance(round_, int):
            events.setdefault((task, round_), []).append(event)
    return {
        "tasks": [_task(lineage, task, events) for task in lineage.hive.tasks.values()],
        "gas": by_function(lineage.spent.values()),
        "nodes": [{"node": number, "owner": one.owner} for number, one in sorted(lineage.hive.nodes.items())],
    }


def _task(lineage: Lineage, task: Task, events: Mapping[tuple[int, int], Sequence[Event]]) -> dict[str, Any]:
    return {
        "task": task.number,
        "sponsor": task.sponsor,
        "spec": root_name(task.spec),
        "learning": _learning(lineage.store, task.spec),
        "head": root_name(task.head),
        "escrow": str(task.escrow),
        "shards": task.config.shards,
        "seats": task.config.seats,
        "quorum": task.config.quorum,
        "rounds": [
            _round(lineage, task, round_, events.get((task.number, round_.number), ()))
            for round_ in task.rounds.values()
        ],
        "rewards": rewards_of_task(lineage.record, task),
    }


def _learning(store: Store, digest: bytes) -> dict[str, Any] | None:
    """What is learned, as the spec says; None where it cannot be read."""
    try:
        spec = Spec.fetch(store, digest)
    except (ContentFailure, BadInput):
        return None
    return {
        "name": spec.name,
        "learner": spec.learner,
        "mode": spec.mode,
        "columns": len(spec.columns),
        "classes": list(spec.classes),
        "rows": sum(shard.rows for shard in spec.shards),
    }


def _round(lineage: Lineage, task: Task, round_: Round, events: Sequence[Event]) -> dict[str, Any]:
    updates = _updates(lineage.store, round_)
    accepted = sum(one["accepted"] for one in updates)
    tally = round_.tally
    return {
        "round": round_.number,
        "end": {Phase.FINAL: "final", Phase.CANCELLED: "cancelled"}.get(round_.phase, "open"),
        "phase": _reached(round_, events),
        "base": root_name(round_.base),
        "model": root_name(round_.model),
        "updates": updates,
        "participation": {
            "submitted": len(updates),
            "accepted": accepted,
            "shards": task.config.shards,
            "revealed": len(round_.reveals),
            "seats": task.config.seats,
        },
        "verdicts": _verdicts(round_),
        "sum": None if tally is None else {**_sum(lineage.store, round_.model), "commitment": tally.sum.hex()},
        "attestations": [
            {"seat": seat, "model": model.hex(), "final": round_.final and model == round_.model}
            for seat, model in sorted(round_.attested.items())
        ],
        "reward": str(round_.reward),
        "rewards": rewards_of_round(round_),
        "transactions": len({event.transaction for event in events}),
        "gas": _gas(lineage.spent, events),
        **_times(lineage.record, events),
        "quality": _quality(lineage.measure, round_),
    }


def _reached(round_: Round, events: Sequence[Event]) -> str:
    """The phase that a round is in, or had come to when it was cancelled."""
    for event in events:
        if event.name == "RoundCancelled" and event.values.get("reached") in set(Phase):
            return Phase(event.values["reached"]).name
    return round_.phase.name


def _updates(store: Store, round_: Round) -> list[dict[str, Any]]:
    reasons = _reasons(store, round_)
    return [
        {
            "shard": shard,
            "node": one.node,
            **(root_name(one.digest) or {"digest": one.digest.hex(), "cid": None}),
            "accepted": bool(round_.medians.get(shard)),
            "median": round_.medians.get(shard),
            "reasons": reasons.get(shard, []),
        }
        for shard, one in sorted(round_.submissions.items())
    ]


def _reasons(store: Store, round_: Round) -> dict[int, list[dict[str, Any]]]:
    """Shard -> what validators say of its update, the seats that say the same together."""
    said: dict[int, dict[str, list[int]]] = {}
    for seat, reveal in sorted(round_.reveals.items()):
        for shard, reason in _said(store, reveal).items():
            said.setdefault(shard, {}).setdefault(reason, []).append(seat)
    return {
        shard: [{"reason": reason, "seats": seats} for reason, seats in words.items()] for shard, words in said.items()
    }


def _said(store: Store, reveal: Reveal) -> Mapping[int, str]:
    try:
        return Verdict.fetch(store, reveal.digest).reasons
    except (ContentFailure, BadInput):
        return {}  # a fault that the checks name; the verdict counts all the same


def _verdicts(round_: Round) -> list[dict[str, Any]]:
    return [
        {
            "seat": seat,
            "node": commit.node,
            **((root_name(round_.reveals[seat].digest) if seat in round_.reveals else None) or {}),
            "revealed": seat in round_.reveals,
            "paid": round_.final and seat in round_.paid,
            "burned": str(round_.slashed.get(seat, 0)),
        }
        for seat, commit in sorted(round_.commits.items())
    ]


def _sum(store: Store, model: bytes) -> dict[str, str | None]:
    """The root of the sum that a model names, where there is a model that can be read."""
    nothing: dict[str, str | None] = {"digest": None, "cid": None}
    if model == ZERO_DIGEST:
        return nothing
    try:
        summed = Model.fetch(store, model).sum
    except (ContentFailure, BadInput):
        return nothing
    return nothing if summed is None else {**nothing, **(root_name(summed) or {})}


def _gas(spent: Mapping[bytes, Spent], events: Sequence[Event]) -> int | None:
    """Gas of a round's transactions; None where a receipt is not known."""
    used = [spent.get(one) for one in {event.transaction for event in events}]
    known = [one.gas for one in used if one is not None]
    return sum(known) if used and len(known) == len(used) else None


def _times(record: ChainRecord, events: Sequence[Event]) -> dict[str, int | None]:
    """Unix seconds of the opening, and seconds to the last event."""
    times = [record.times[event.block] for event in events if event.block in record.times]
    if not times:
        return {"opened_at": None, "seconds": None}
    return {"opened_at": times[0], "seconds": times[-1] - times[0]}


def _quality(measure: Measure | None, round_: Round) -> dict[str, str | None] | None:
    measured = measure(round_.model) if measure is not None and round_.final else None
    if measured is None:
        return None
    return {
        "average_precision": quality_text(measured.average_precision),
        "roc_auc": quality_text(measured.roc_auc),
    }
