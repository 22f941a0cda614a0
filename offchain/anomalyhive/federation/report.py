"""The report of a run: report.json."""

from __future__ import annotations

from typing import Any

import numpy as np

from anomalyhive.chain.gas import DEPLOYMENT, Spent, by_function
from anomalyhive.evaluation.classes import class_quality, scores_by_class
from anomalyhive.evaluation.reliability import reliability
from anomalyhive.federation.rows import Raw
from anomalyhive.federation.session import Session
from anomalyhive.urls import redact


def build_report(session: Session, claims: dict[str, int]) -> dict[str, Any]:
    """All of the report but the audit, which reads the run folder afterwards.

    ``claims`` are in 1e-18 tokens, ``gas`` in gas, ``seconds`` of work over all starts of the run.
    """
    # scikit-learn is half of what the command imports, and nothing but this needs it.
    from anomalyhive.evaluation.pooled import pooled_quality

    deployed = [Spent(f"deploy {name}", gas) for name, gas in session.deployment.gas.items()]
    called = [one for one in session.spent() if one.function != DEPLOYMENT]
    pooled = pooled_quality(session.shared.pooled, session.shared.test)
    raw = session.shared.raw
    return {
        # A URL may hold the key of an RPC provider, and reports are shown around.
        "settings": {**session.settings.as_json(), "chain": redact(session.settings.chain)},
        "chain": {
            "chain_id": session.deployment.chain_id,
            "hive": session.deployment.hive,
            "task": session.task.number,
            "sums_checked_on_chain": session.deployment.verify_sums,
        },
        "rows": {
            "columns": len(session.shared.pooled.columns),
            "shards": [len(shard) for shard in session.shared.shards],
            "validators": [len(own) for own in session.shared.own],
            "test": len(session.shared.test),
        },
        "rounds": session.progress.rounds,
        "cancelled": session.progress.cancelled,
        "gas": by_function([*deployed, *called]),
        "claims": claims,
        "pooled": {"average_precision": pooled.average_precision, "roc_auc": pooled.roc_auc},
        **last_quality(session),
        "seconds": round(session.progress.seconds, 3),
        **({} if raw is None else _of_the_chain(session, raw)),
    }


def last_quality(session: Session) -> dict[str, Any]:
    """``classes`` and ``calibration`` of the last model on rows that no node has; nothing without rows or rounds."""
    test, rounds = session.shared.test, session.progress.rounds
    if not len(test) or not rounds:
        return {}
    task = session.task
    state = task.state_of(session.store, bytes.fromhex(rounds[-1]["model"]))
    measured = class_quality(scores_by_class(task.learner, state, test.features), test.labels)
    known = (test.labels > 0).astype(np.int64)
    return {
        "classes": measured.as_json(task.spec.classes or ("0", "1")),
        "calibration": reliability(task.learner.probabilities(state, test.features), known).as_json(),
    }


def _of_the_chain(session: Session, raw: Raw) -> dict[str, Any]:
    """What only a run on raw transactions has: its accounts, the era-matched subset, and what privacy costs."""
    from anomalyhive.evaluation.pooled import pooled_quality

    shared = session.shared
    found: dict[str, Any] = {}
    if raw.whole is not None:
        whole = pooled_quality(raw.whole, shared.test)
        found["whole"] = vars(whole) | {"rows": len(raw.whole)}
    if raw.era is not None:
        era = shared.test.take(raw.era)
        views = (
            session.contracts.hive.round(session.task.number, one["round"]) for one in session.progress.rounds[-1:]
        )
        for view in views:
            state = session.task.state_of(session.store, view.model)
            last = class_quality(scores_by_class(session.task.learner, state, era.features), era.labels).macro
            found["era"] = {
                "days": session.settings.era,
                "rows": len(era),
                **vars(last),
                "pooled": vars(pooled_quality(shared.pooled, era)),
                **({} if raw.whole is None else {"whole": vars(pooled_quality(raw.whole, era))}),
            }
    return found
