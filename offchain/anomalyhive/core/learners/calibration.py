"""Calibration of another model's score (learner ``calibration``).

Rows have one feature: the score, a logit in 1/65536 as int64 (not the image of a float). A round counts labels by
score bin; bins are then pooled until the share of label 1 never falls as the score rises (pool adjacent violators,
Zadrozny & Elkan 2002), and the calibrated logit is interpolated between the centres of the bins.

When it fails: with few rows of a label, since a bin's share is then mostly the half row that is added to either label.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anomalyhive.core.fixedpoint import ONE, logit_of, sigmoid
from anomalyhive.core.learner import (
    BadParameter,
    BadState,
    Integers,
    Plan,
    Rows,
    State,
    checked_features,
    checked_labels,
    checked_params,
    checked_vector,
    held_params,
    integers,
)

RANGE = 16
"""Scores are binned from -16 to 16; those beyond fall into the outermost bins."""

PARAMS = {"bins": (128, 2, 1 << 14)}
"""bins: equally wide bins of the score."""


@dataclass(frozen=True, eq=False)
class CalibrationPlan(Plan):
    """Rows by label and score bin, (2, bins) flattened."""

    bins: int


def _own(plan: Plan) -> CalibrationPlan:
    if not isinstance(plan, CalibrationPlan):
        raise BadState(f"{type(plan).__name__} is no plan of the learner calibration")
    return plan


def score_bins(scores: Integers, bins: int) -> Integers:
    """Bin (n,) of scores (n,)."""
    inside = np.clip(scores, -RANGE * ONE, RANGE * ONE - 1) + RANGE * ONE
    found: Integers = inside * bins // (2 * RANGE * ONE)
    return found


def pooled_logits(counts: Integers) -> Integers:
    """The logit (bins,) of counts (2, bins) by label after pooling; never decreasing.

    Shares are compared as cross-products. A bin without rows takes the pool of the bin before it.
    """
    pools: list[list[int]] = []  # positive rows, rows, bins
    for negative, positive in counts.T.tolist():
        pools.append([positive, negative + positive, 1])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = [ours + theirs for ours, theirs in zip(pools[-1], last, strict=True)]
    found: list[int] = []
    for positive, rows, width in pools:
        logit = logit_of(positive, rows)
        # Half a row weighs more in a small pool, so that two logits can be out of order though shares are not.
        found += [max(logit, found[-1]) if found else logit] * width
    return np.array(found, dtype=np.int64)


class Calibration:
    """The learner ``calibration``."""

    name = "calibration"

    def initial(self, columns: int, params: Mapping[str, int]) -> State:
        """No counts yet: scores are taken for calibrated."""
        if columns != 1:
            raise BadParameter("columns", columns, "calibration takes one column, the score")
        bins = checked_params(params, PARAMS)["bins"]
        width = 2 * RANGE * ONE
        centres = (2 * np.arange(bins, dtype=np.int64) + 1) * width // (2 * bins) - width // 2
        return {"bins": bins, "centres": centres, "logits": centres}

    def propose(self, state: State, seed: bytes) -> CalibrationPlan:  # noqa: ARG002 - part of the protocol
        """The same counts every round; nothing is drawn."""
        bins = held_params(state, PARAMS)["bins"]
        return CalibrationPlan(length=2 * bins, bins=bins)

    def contribute(self, plan: Plan, rows: Rows) -> Integers:
        """Counts (P,)."""
        bins = _own(plan).bins
        scores = checked_features(rows.features, 1)[:, 0]
        keys = checked_labels(rows) * bins + score_bins(scores, bins)
        return np.bincount(keys, minlength=plan.length).astype(np.int64)

    def absorb(self, state: State, plan: Plan, total: Integers) -> State:
        """Logits of this round's counts; earlier ones are replaced."""
        counts = checked_vector(plan, total).reshape(2, _own(plan).bins)
        return {**state, "logits": pooled_logits(counts)}

    def bounds(self, plan: Plan, rows: int) -> tuple[Integers, Integers]:
        """Each count is between 0 and the number of rows."""
        return np.zeros(plan.length, dtype=np.int64), np.full(plan.length, rows, dtype=np.int64)

    def worth(self, plan: Plan, vector: Integers) -> int:
        """The number of rows counted."""
        return int(checked_vector(plan, vector).sum())

    def logits(self, state: State, features: Integers) -> Integers:
        """The calibrated logit (n,), linear between the centres of bins and level beyond the outermost."""
        centres, known = integers(state, "centres", 1), integers(state, "logits", 1)
        if (
            centres.shape != known.shape
            or centres.size != held_params(state, PARAMS)["bins"]
            or (np.diff(centres) <= 0).any()
        ):
            raise BadState(f"state holds {known.size} logits for {centres.size} ascending centres of bins")
        scores = np.clip(checked_features(features, 1)[:, 0], centres[0], centres[-1])
        right = np.clip(np.searchsorted(centres, scores, side="right"), 1, centres.size - 1)
        left = right - 1
        rise = (known[right] - known[left]) * (scores - centres[left]) // (centres[right] - centres[left])
        found: Integers = known[left] + rise
        return found

    def probabilities(self, state: State, features: Integers) -> Integers:
        """The calibrated probability (n,) of label 1 in 2^-32."""
        return sigmoid(self.logits(state, features), 32)
