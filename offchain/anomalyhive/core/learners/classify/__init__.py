"""Several classes in one model, with calibrated probabilities (learner ``classify``).

A boosted model a class, of this class against all others (for two classes one model, of class 1): every round sums for
all of them in one vector. After ``boosting`` rounds one more counts, on rows that were kept from boosting, how often a
score was right, and scores become probabilities (learner ``calibration``).

Each model draws its own candidates. With trees shared by all classes a vector would have the same coordinates for as
many trees a class, while one class's good features are another's noise; and every model keeps the line search and
the guard of ``boost`` as they are. Against softmax see docs/fusion.md.

When it fails: on classes of less than some tens of rows, of which the held ones are a handful.

>>> from anomalyhive.core.learners import get_learner
>>> learner = get_learner("classify")
>>> state = learner.initial(columns=38, params={"classes": 5, "boosting": 19})
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from anomalyhive.core.fixedpoint import sigmoid
from anomalyhive.core.learner import (
    BadState,
    Integers,
    Plan,
    Rows,
    State,
    checked_columns,
    checked_features,
    checked_vector,
)
from anomalyhive.core.learners.boost import Boost
from anomalyhive.core.learners.boost.predict import logits as boost_logits
from anomalyhive.core.learners.classify.calibrated import calibrated
from anomalyhive.core.learners.classify.params import chosen_params
from anomalyhive.core.learners.classify.plans import (
    ClassCounts,
    ClassPlan,
    ClassTrees,
    absorb,
    contribute,
    propose,
)
from anomalyhive.core.learners.classify.state import empty_classifier, read_classifier

__all__ = ["CLASSIFY", "Classify", "class_probabilities", "class_scores", "read_classifier"]

CLASSIFY = "classify"
"""The name in a task's spec."""


def _own(plan: Plan) -> ClassPlan:
    if not isinstance(plan, ClassPlan):
        raise BadState(f"{type(plan).__name__} is no plan of the learner classify")
    return plan


def class_scores(state: State, features: Integers) -> Integers:
    """The score (n, models) of rows (n, F) before calibration, in 1/65536."""
    held = read_classifier(state)
    checked_features(features, held.columns)
    return np.stack([boost_logits(model, features) for model in held.models], axis=1)


def class_logits(state: State, features: Integers) -> Integers:
    """The calibrated logit (n, K) of each class against all others, in 1/65536."""
    held = read_classifier(state)
    scores = class_scores(state, features)
    found = np.stack([calibrated(one, counts) for one, counts in zip(scores.T, held.counts, strict=True)], axis=1)
    return np.concatenate([-found, found], axis=1) if len(held.models) == 1 else found


def class_probabilities(state: State, features: Integers) -> Integers:
    """The probability (n, K) of each class in 2^-32: each against all others, divided by their sum, floored."""
    single = sigmoid(class_logits(state, features), 32)
    if single.shape[1] == 2:
        return single
    shares: Integers = (single << 24) // np.maximum(single.sum(axis=1, keepdims=True) >> 8, 1)
    return np.minimum(shares, 1 << 32)


class Classify:
    """The learner ``classify``."""

    name = CLASSIFY

    def initial(self, columns: int, params: Mapping[str, int]) -> State:
        """Models that score every row 0; parameters and defaults are in classify.params.PARAMS."""
        return empty_classifier(checked_columns(columns), chosen_params(params)).state()

    def propose(self, state: State, seed: bytes) -> Plan:
        """Counts in the first round, candidates afterwards, scores at last."""
        return propose(read_classifier(state), seed)

    def contribute(self, plan: Plan, rows: Rows) -> Integers:
        """The vector (P,) of these rows."""
        return contribute(_own(plan), rows)

    def absorb(self, state: State, plan: Plan, total: Integers) -> State:
        """The next state."""
        return absorb(read_classifier(state), _own(plan), checked_vector(plan, total)).state()

    def bounds(self, plan: Plan, rows: int) -> tuple[Integers, Integers]:
        """Counts 0 .. n; the sums of each model within the bounds of ``boost``."""
        own = _own(plan)
        if isinstance(own, ClassTrees):
            parts = [Boost().bounds(one, rows) for one in own.plans]
            ends = [one.blocks[2] for one in own.plans]
            rest = [side[ends[0] :] for side in parts[0]]
            low, high = (
                np.concatenate([*(part[side][:end] for part, end in zip(parts, ends, strict=True)), rest[side]])
                for side in (0, 1)
            )
            return low, high
        return np.zeros(plan.length, dtype=np.int64), np.full(plan.length, rows, dtype=np.int64)

    def worth(self, plan: Plan, vector: Integers) -> int:
        """The curvature that all models can still use; where rows are counted, their number."""
        own, vector = _own(plan), checked_vector(plan, vector)
        if isinstance(own, ClassTrees):
            return sum(Boost().worth(*one) for one in zip(own.plans, own.parts(vector), strict=True))
        rows = int(vector.sum())
        each = own.held.columns if isinstance(own, ClassCounts) else len(own.held.models)
        return max(0, rows // each)

    def logits(self, state: State, features: Integers) -> Integers:
        """The calibrated logit (n,) that a row is of any class but the first, in 1/65536."""
        return -class_logits(state, features)[:, 0]

    def probabilities(self, state: State, features: Integers) -> Integers:
        """The probability (n,) of any class but the first in 2^-32."""
        return sigmoid(self.logits(state, features), 32)
