"""What a round of ``classify`` sums, a node's sums, and what becomes of the total.

First the rows by class, feature and cell of the grid: every model's counts of "this class" and "any other" follow from
them. Then, for each model, what ``boost`` sums; the cells that are counted again are the same for all and counted once.
At last the held rows by class and score.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from anomalyhive.core.grid import CELLS, label_counts
from anomalyhive.core.learner import Integers, Plan, Rows, checked_features, checked_labels
from anomalyhive.core.learners.boost.absorb import absorb as absorb_boost
from anomalyhive.core.learners.boost.contribute import contribute as contribute_boost
from anomalyhive.core.learners.boost.predict import logits as boost_logits
from anomalyhive.core.learners.boost.propose import CountPlan, TreePlan
from anomalyhive.core.learners.boost.propose import propose as propose_boost
from anomalyhive.core.learners.calibration import Calibration, CalibrationPlan
from anomalyhive.core.learners.classify.folds import held_rows
from anomalyhive.core.learners.classify.state import Classifier

COUNTER = Calibration()
"""Counts scores."""


@dataclass(frozen=True, eq=False)
class ClassPlan(Plan):
    """What all rounds have in common."""

    held: Classifier


@dataclass(frozen=True, eq=False)
class ClassCounts(ClassPlan):
    """The first round: rows by class, feature and cell of the grid, (K, F, C) flattened."""


@dataclass(frozen=True, eq=False)
class ClassTrees(ClassPlan):
    """A later round: the coordinates of each model's plan but its counts, then the counts of cut cells once."""

    plans: tuple[TreePlan, ...]

    @property
    def starts(self) -> list[int]:
        """Where each model's coordinates start, and where the counts do."""
        return [0, *accumulate(plan.blocks[2] for plan in self.plans)]

    def parts(self, total: Integers) -> list[Integers]:
        """The vector of each model's own plan."""
        counts = total[self.starts[-1] :]
        return [np.concatenate([total[a:b], counts]) for a, b in zip(self.starts, self.starts[1:], strict=False)]


@dataclass(frozen=True, eq=False)
class ClassScores(ClassPlan):
    """A round that calibrates: held rows by model, whether they are of its class, and bin of its score."""

    plan: CalibrationPlan


def propose(held: Classifier, seed: bytes) -> ClassPlan:
    """The plan of the next round."""
    if not held.learns:
        bins = held.params["score_bins"]
        return ClassScores(2 * bins * len(held.models), held, CalibrationPlan(2 * bins, bins))
    if held.boosted == 0:
        return ClassCounts(held.params["classes"] * held.columns * CELLS, held)
    plans = []
    for index, model in enumerate(held.models):
        plan = propose_boost(model, hashlib.sha256(seed + index.to_bytes(4, "big")).digest())
        assert isinstance(plan, TreePlan)
        plans.append(plan)
    counts = plans[0].length - plans[0].blocks[2]
    return ClassTrees(sum(plan.blocks[2] for plan in plans) + counts, held, tuple(plans))


def contribute(plan: ClassPlan, rows: Rows) -> Integers:
    """The vector (P,) of these rows."""
    held = plan.held
    checked_features(rows.features, held.columns)
    checked_labels(rows, held.params["classes"])
    if isinstance(plan, ClassCounts):
        return _class_counts(held, rows)
    if isinstance(plan, ClassScores):
        return _score_counts(held, plan.plan, rows)
    assert isinstance(plan, ClassTrees)
    views = _views(held, rows, calibrating=False)
    vectors = [contribute_boost(own, part) for own, part in zip(plan.plans, views, strict=True)]
    own = [vector[: one.blocks[2]] for vector, one in zip(vectors, plan.plans, strict=True)]
    return np.concatenate([*own, vectors[0][plan.plans[0].blocks[2] :]])


def _class_counts(held: Classifier, rows: Rows) -> Integers:
    """Rows to learn from by class, feature and cell (K * F * C,)."""
    learned = ~_held_rows(held, rows)
    found = []
    for label in range(held.params["classes"]):
        features = rows.features[learned & (rows.labels == label)]
        found.append(label_counts(features, np.zeros(len(features), dtype=np.int64))[0].ravel())
    return np.concatenate(found)


def _score_counts(held: Classifier, plan: CalibrationPlan, rows: Rows) -> Integers:
    """Held rows by model, label and bin of the score (models * 2 * bins,)."""
    found = []
    for model, part in zip(held.models, _views(held, rows, calibrating=True), strict=True):
        scores = boost_logits(model, part.features)
        found.append(COUNTER.contribute(plan, Rows(scores[:, None], part.labels)))
    return np.concatenate(found)


def absorb(held: Classifier, plan: ClassPlan, total: Integers) -> Classifier:
    """What is known after a round; ``total`` is (P,) of a plan of this learner."""
    if isinstance(plan, ClassScores):
        return replace(held, counts=np.maximum(total, 0).reshape(held.counts.shape))
    if isinstance(plan, ClassCounts):
        counts = np.maximum(total, 0).reshape(held.params["classes"], held.columns, CELLS)
        every = counts.sum(axis=0)
        of_models = counts[1:] if len(held.models) == 1 else counts
        length = 2 * held.columns * CELLS
        count_plan = CountPlan(length, held.columns)
        grown = [
            absorb_boost(model, count_plan, np.stack([every - own, own]).reshape(length))
            for model, own in zip(held.models, of_models, strict=True)
        ]
    else:
        assert isinstance(plan, ClassTrees)
        parts = plan.parts(total)
        grown = [absorb_boost(*one) for one in zip(held.models, plan.plans, parts, strict=True)]
    return replace(held, models=tuple(grown))


def _held_rows(held: Classifier, rows: Rows) -> NDArray[np.bool_]:
    key = ("classify held", held.params["held"])
    if key not in rows.memo:
        rows.memo[key] = held_rows(rows.features, held.params["held"])
    found: NDArray[np.bool_] = rows.memo[key]
    return found


def _views(held: Classifier, rows: Rows, calibrating: bool) -> list[Rows]:
    """The rows as each model sees them: held ones or the others, labelled by whether they are of its class."""
    key = ("classify views", held.params["held"], len(held.models), calibrating)
    if key not in rows.memo:
        chosen = _held_rows(held, rows)
        if not calibrating:
            chosen = ~chosen
        elif held.params["held"] < 2:
            chosen = np.ones(len(rows), dtype=np.bool_)
        features, labels = rows.features[chosen], rows.labels[chosen]
        classes = [1] if len(held.models) == 1 else range(len(held.models))
        rows.memo[key] = [Rows(features, (labels == one).astype(np.int64)) for one in classes]
    views: list[Rows] = rows.memo[key]
    return views
