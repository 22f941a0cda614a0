"""Boosting with public random trees (learner ``boost``): the default learner, complete by itself.

Round 1 counts rows by label, feature and cell of a public grid. That gives the thresholds that later rounds draw from,
the prior, and additive tables of the single features that tell most, so that the model scores from then on. Each later
round sums gradient and curvature of the logistic loss by cell of randomly drawn candidates; the best, pruned to small
trees, are added together as one step, whose length the next round's sums correct.

When it fails: on fewer than some hundreds of rows, where the tables of round 1 already overfit; on labels that
depend on differences of features alone, since every cut is along one feature.

>>> from anomalyhive.core.learners import get_learner
>>> boost = get_learner("boost")
>>> state = boost.initial(columns=38, params={})
>>> plan = boost.propose(state, seed=bytes(32))
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from anomalyhive.core.fixedpoint import LARGEST_LOGIT, ONE, sigmoid
from anomalyhive.core.learner import (
    BadState,
    Integers,
    Plan,
    Rows,
    State,
    checked_columns,
    checked_features,
    checked_labels,
    checked_vector,
)
from anomalyhive.core.learners.boost.absorb import absorb
from anomalyhive.core.learners.boost.contribute import contribute
from anomalyhive.core.learners.boost.model import empty_model, read_model
from anomalyhive.core.learners.boost.params import chosen_params
from anomalyhive.core.learners.boost.predict import logits
from anomalyhive.core.learners.boost.propose import CountPlan, TreePlan, propose

__all__ = ["Boost"]


def _own(plan: Plan) -> CountPlan | TreePlan:
    if not isinstance(plan, (CountPlan, TreePlan)):
        raise BadState(f"{type(plan).__name__} is no plan of the learner boost")
    return plan


class Boost:
    """The learner ``boost``."""

    name = "boost"

    def initial(self, columns: int, params: Mapping[str, int]) -> State:
        """An empty model that scores every row 0; parameters and defaults are in boost.params.PARAMS."""
        return empty_model(checked_columns(columns), chosen_params(params)).state()

    def propose(self, state: State, seed: bytes) -> Plan:
        """Counts on the grid in the first round, candidates afterwards."""
        return propose(read_model(state), seed)

    def contribute(self, plan: Plan, rows: Rows) -> Integers:
        """The vector (P,) of these rows."""
        checked_labels(rows)
        return contribute(_own(plan), rows)

    def absorb(self, state: State, plan: Plan, total: Integers) -> State:
        """The next state; the pending step of the last round is settled, a new one is added."""
        return absorb(read_model(state), _own(plan), checked_vector(plan, total)).state()

    def bounds(self, plan: Plan, rows: int) -> tuple[Integers, Integers]:
        """Counts 0 .. n; in the model's unit gradients +-n, curvatures 0 .. n/4, differences of the loss +-25 n."""
        low = np.zeros(plan.length, dtype=np.int64)
        high = np.full(plan.length, rows, dtype=np.int64)
        own = _own(plan)
        if isinstance(own, TreePlan):
            curved, losses, counts = own.blocks
            unit = 1 << own.model.unit_bits
            steepest = (LARGEST_LOGIT // ONE + 1) * unit * rows
            low[:curved], high[:curved] = -unit * rows, unit * rows
            high[curved:losses] = unit // 4 * rows
            low[losses:counts], high[losses:counts] = -steepest, steepest
        return low, high

    def worth(self, plan: Plan, vector: Integers) -> int:
        """The curvature of all rows in the model's unit, what they can still tell; in the first round their number."""
        own = _own(plan)
        checked_vector(plan, vector)
        if isinstance(own, CountPlan):
            return max(0, int(vector.sum()) // own.columns)
        start = own.blocks[0]
        return max(0, int(vector[start : start + own.cells].sum()))

    def logits(self, state: State, features: Integers) -> Integers:
        """The logit (n,) of rows (n, F) in 1/65536."""
        model = read_model(state)
        return logits(model, checked_features(features, model.columns))

    def probabilities(self, state: State, features: Integers) -> Integers:
        """The probability (n,) of label 1 in 2^-32."""
        return sigmoid(self.logits(state, features), 32)
