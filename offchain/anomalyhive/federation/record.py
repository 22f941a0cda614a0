"""What the report says of a round: read from the chain and the store, so that it can be read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from anomalyhive.chain.events import Event
from anomalyhive.chain.gas import Spent
from anomalyhive.chain.views import RoundView, TaskConfig
from anomalyhive.content.kinds import Model, Verdict
from anomalyhive.content.store import Store
from anomalyhive.errors import ContentFailure
from anomalyhive.evaluation.classes import class_quality, scores_by_class
from anomalyhive.protocol.deviation import deviations
from anomalyhive.roles.task import Task
from anomalyhive.tables.table import Table

NameOf = Callable[[int], str]


class Configured(Protocol):
    """What has the configuration of a task."""

    @property
    def config(self) -> TaskConfig: ...


def round_record(
    task: Task, view: RoundView, store: Store, test: Table, spent: list[Spent], seconds: float, name_of: NameOf
) -> dict[str, Any]:
    """One entry of the report's ``rounds``."""
    accepted = len(view.tallied.accepted) if view.tallied else 0
    state = task.state_of(store, view.model)
    measured = (
        class_quality(scores_by_class(task.learner, state, test.features), test.labels).macro if len(test) else None
    )
    return {
        "round": view.round,
        "weights": Model.fetch(store, view.model).weights.hex(),
        "model": view.model.hex(),
        "updates": len(view.submissions),
        "accepted": accepted,
        "average_precision": None if measured is None else measured.average_precision,
        "roc_auc": None if measured is None else measured.roc_auc,
        "gas": sum(one.gas for one in spent),
        "seconds": round(seconds, 3),
        "rejected": rejected(view, store, name_of),
        "unpaid": unpaid(task, view, name_of),
    }


def cancelled_record(view: RoundView, store: Store, name_of: NameOf) -> dict[str, Any]:
    """One entry of the report's ``cancelled``."""
    return {"round": view.round, "updates": len(view.submissions), "rejected": rejected(view, store, name_of)}


def rejected(view: RoundView, store: Store, name_of: NameOf) -> list[dict[str, Any]]:
    """The updates that were not accepted, each with the reason that most validators gave."""
    if view.tallied is None:
        return []
    reasons: dict[int, Counter[str]] = {}
    for reveal in view.reveals.values():
        try:
            said: Mapping[int, str] = Verdict.fetch(store, reveal.digest).reasons
        except ContentFailure:
            continue  # a verdict without content still counts on chain; it only explains nothing
        for shard, reason in said.items():
            reasons.setdefault(shard, Counter())[reason] += 1
    return [
        {
            "shard": shard,
            "node": name_of(view.submissions[shard].node),
            "reason": min(reasons[shard].items(), key=lambda item: (-item[1], item[0]))[0]
            if shard in reasons
            else "no validator gave a reason",
        }
        for shard, median in sorted(view.tallied.medians.items())
        if not median
    ]


def unpaid(task: Configured, view: RoundView, name_of: NameOf) -> list[dict[str, Any]]:
    """The validators that earned nothing for their verdict, each with the reason."""
    if view.tallied is None:
        return []
    found = []
    strayed = deviations(
        {shard: one.node for shard, one in view.submissions.items()},
        {seat: (one.node, one.scores) for seat, one in view.reveals.items()},
        view.tallied.medians,
    )
    for seat in sorted(view.committed):
        if seat in view.slashed:
            reason = f"committed a verdict and did not reveal it: {view.slashed[seat]} of its stake burned"
        elif seat in view.paid or seat not in view.reveals:
            continue
        elif seat in view.tallied.paid:
            reason = f"attested model {view.attested[seat].hex()} instead of {view.model.hex()}"
        else:
            deviation, judged = strayed[seat]
            allowed = task.config.tolerance * judged
            reason = f"scores deviate from the medians by {deviation} over {judged} updates, {allowed} are tolerated"
        found.append({"seat": seat, "node": name_of(view.committed[seat]), "reason": reason})
    return found


def transactions_of(events: list[Event]) -> list[bytes]:
    """The transactions behind events, each once, in the order of the chain."""
    return list(dict.fromkeys(event.transaction for event in events))
