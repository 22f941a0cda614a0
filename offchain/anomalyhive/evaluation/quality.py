"""How well scores rank the rows of class 1 above the others: exact, in integers, ties included.

Both measures depend on the order of the scores alone. They are ratios of integers until the very last
division, so that equal scores give equal bits on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anomalyhive.core.learner import Integers
from anomalyhive.errors import BadTable

PRECISION_BITS = 128
"""Fraction bits of a precision inside a sum: n terms are off by less than n/2^128 together."""


@dataclass(frozen=True)
class Quality:
    """Both measures in [0, 1], or None where the rows have one class only, since neither is defined then."""

    average_precision: float | None
    roc_auc: float | None


@dataclass(frozen=True)
class Ranking:
    """Rows by distinct score, highest first: how many of class 1 and of class 0 have it. Python integers."""

    positives: list[int]
    negatives: list[int]


def ranking(scores: Integers, labels: Integers) -> Ranking:
    """Counts by distinct score. ``scores`` int64 (n,), higher is more suspicious; ``labels`` int64 (n,)."""
    if scores.shape != labels.shape or scores.ndim != 1:
        raise BadTable(f"scores of shape {scores.shape} for labels of shape {labels.shape}: give one a row")
    distinct, place = np.unique(scores, return_inverse=True)
    counts = [np.bincount(place[labels == label], minlength=len(distinct))[::-1].tolist() for label in (1, 0)]
    return Ranking(*counts)


def average_precision(scores: Integers, labels: Integers) -> float | None:
    """AP = sum over thresholds of (R_i - R_(i-1)) P_i, recall R, precision P; None unless both classes are there.

    The step-wise sum, that of scikit-learn; why not to interpolate: Davis & Goadrich, ICML 2006.
    """
    ranks = ranking(scores, labels)
    positives, rows = sum(ranks.positives), len(labels)
    if positives in {0, rows}:
        return None
    total, true, called = 0, 0, 0
    for more_true, more_false in zip(ranks.positives, ranks.negatives, strict=True):
        true += more_true
        called += more_true + more_false
        total += ((more_true * true) << PRECISION_BITS) // called
    return total / (positives << PRECISION_BITS)


def roc_auc(scores: Integers, labels: Integers) -> float | None:
    """Share of pairs of class 1 and class 0 ranked rightly, a tie counting half; None with one class.

    The Mann-Whitney statistic, which is the area under the ROC curve (Hanley & McNeil 1982).
    """
    ranks = ranking(scores, labels)
    positives, negatives = sum(ranks.positives), sum(ranks.negatives)
    if not positives or not negatives:
        return None
    halves, above = 0, 0
    for here, below in zip(ranks.positives, ranks.negatives, strict=True):
        halves += below * (2 * above + here)
        above += here
    return halves / (2 * positives * negatives)


def quality(scores: Integers, labels: Integers) -> Quality:
    """Both measures of the same scores."""
    return Quality(average_precision(scores, labels), roc_auc(scores, labels))
