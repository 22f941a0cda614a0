"""From which score an address is called, and below which an alert about it does not hold any more."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from anomalyhive.core.learner import Integers
from anomalyhive.errors import BadSetting
from anomalyhive.evaluation.scoring import PROBABILITY_BITS
from anomalyhive.fusion.opinion import Judge
from anomalyhive.monitor.alert import MOST_BP

CLEARED_TENTHS = 9
"""An alert is cleared below nine tenths of the threshold: a score that wavers around it does not flicker."""

Flags = NDArray[np.bool_]


def basis_points(probabilities: Integers) -> Integers:
    """Probabilities (n,) in 2^-32 as basis points, floored."""
    return (probabilities * MOST_BP) >> PROBABILITY_BITS


@dataclass(frozen=True)
class Threshold:
    """``bp`` in basis points; where it was chosen on test rows, ``logit`` (1/65536) counts, and bp is near it."""

    bp: int
    logit: int | None = None

    def __post_init__(self) -> None:
        """Raise BadSetting for what is no probability."""
        if not 1 <= self.bp <= MOST_BP:
            raise BadSetting(f"--threshold {self.bp} is none: give basis points from 1 to {MOST_BP}, 9000 being 90 %")

    @property
    def cleared_bp(self) -> int:
        """An address with fewer basis points has fallen clearly below."""
        return self.bp * CLEARED_TENTHS // 10

    def called(self, judge: Judge, images: Integers, points: Integers) -> Flags:
        """Whether each row (n, F), whose probabilities are ``points`` (n,) in basis points, is called."""
        if self.logit is None:
            return points >= self.bp
        # Probabilities rise with logits: only about rows that come near it is there a question.
        found: Flags = points >= self.bp
        near = np.flatnonzero(found)
        if len(near):
            found[near] = judge.learner.logits(judge.state, images[near]) >= self.logit
        return found


@dataclass(frozen=True)
class Wish:
    """What the threshold is to be: basis points, or what it keeps on rows that no node learned from; one of them."""

    bp: int | None = None
    precision: Fraction | None = None
    false_positive_rate: Fraction | None = None

    def __post_init__(self) -> None:
        """Raise BadSetting unless exactly one is given."""
        if sum(one is not None for one in (self.bp, self.precision, self.false_positive_rate)) != 1:
            raise BadSetting("--threshold, --precision and --false-positive-rate choose a threshold each: give one")
        if self.bp is not None:
            Threshold(self.bp)

    def on(self, judge: Judge, rows: tuple[Integers, Integers] | None) -> Threshold:
        """The threshold of a model; ``rows`` are features (n, F) and labels (n,) that no node learned from.

        Raises BadSetting where those are needed and there are none, and for a precision that is out of reach.
        """
        if self.bp is not None:
            return Threshold(self.bp)
        if rows is None:
            raise BadSetting("there are no test rows to choose a threshold by: give --threshold in basis points")
        features, labels = rows
        logit = judge.threshold(features, labels, self.precision, self.false_positive_rate)
        logits = judge.learner.logits(judge.state, features)
        points = basis_points(judge.learner.probabilities(judge.state, features))
        # The lowest row that is called; of none, whatever is above the highest.
        above = points[logits >= logit]
        return Threshold(min(max(int(above.min()) if len(above) else int(points.max()), 1), MOST_BP), logit)
