"""Thresholds by precision and by false-positive rate."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.fusion.threshold import Steps, threshold_of_false_positives, threshold_of_precision

RANDOM = np.random.default_rng(1)
LABELS = RANDOM.integers(0, 2, 400)
SCORES = RANDOM.integers(0, 60, 400) + 30 * LABELS


def shares(threshold: int) -> tuple[Fraction, Fraction]:
    """Precision and false-positive rate of calling from a threshold on."""
    called = threshold <= SCORES
    true, false = int((called & (LABELS == 1)).sum()), int((called & (LABELS == 0)).sum())
    return Fraction(true, max(1, true + false)), Fraction(false, int((LABELS == 0).sum()))


@pytest.mark.parametrize("least", ["0.6", "0.9", "0.97"])
def test_threshold_of_precision_keeps_it_and_no_lower_one_does(least: str) -> None:
    found = threshold_of_precision(Steps.of(SCORES, LABELS), Fraction(least))
    assert shares(found)[0] >= Fraction(least)
    assert all(shares(lower)[0] < Fraction(least) for lower in set(SCORES.tolist()) if lower < found)


@pytest.mark.parametrize("most", ["0.3", "0.1", "0.01", "0"])
def test_threshold_of_false_positives_keeps_it_and_the_next_lower_one_does_not(most: str) -> None:
    found = threshold_of_false_positives(Steps.of(SCORES, LABELS), Fraction(most))
    assert shares(found)[1] <= Fraction(most)
    below = max(score for score in SCORES.tolist() if score < found)
    assert shares(below)[1] > Fraction(most)


def test_threshold_of_false_positives_above_the_highest_score_calls_nothing() -> None:
    steps = Steps.of(np.array([9, 5, 5]), np.array([0, 1, 0]))
    assert threshold_of_false_positives(steps, Fraction(0)) == 10


def test_threshold_of_precision_out_of_reach_names_the_best() -> None:
    steps = Steps.of(np.array([9, 5, 5]), np.array([0, 1, 0]))
    with pytest.raises(BadSetting, match=r"--precision 0\.9000 is out of reach: the best on held-out rows is 0\.3333"):
        threshold_of_precision(steps, Fraction("0.9"))


def test_steps_of_one_class_are_refused() -> None:
    with pytest.raises(BadSetting, match="both classes"):
        Steps.of(np.array([1, 2]), np.array([1, 1]))
