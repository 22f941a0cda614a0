"""Thresholds: by basis points, and as `score` chooses them on rows that no node learned from."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.monitor.models import Learned
from anomalyhive.monitor.threshold import Threshold, Wish, basis_points
from monitor.learnt import sample_rows


def test_basis_points_are_floored() -> None:
    assert basis_points(np.array([0, 1 << 31, (1 << 32) - 1, 1 << 32, 429_496])).tolist() == [0, 5000, 9999, 10_000, 0]


@pytest.mark.parametrize("bp", [0, -1, 10_001])
def test_threshold_that_is_no_probability_is_refused(bp: int) -> None:
    with pytest.raises(BadSetting, match=str(bp)):
        Wish(bp=bp)


@pytest.mark.parametrize(
    "wishes",
    [{}, {"bp": 1, "precision": Fraction(1, 2)}, {"precision": Fraction(1, 2), "false_positive_rate": Fraction(0)}],
)
def test_wish_for_no_or_two_thresholds_is_refused(wishes: dict[str, Any]) -> None:
    with pytest.raises(BadSetting, match="give one"):
        Wish(**wishes)


@pytest.mark.parametrize("wish", [Wish(precision=Fraction(9, 10)), Wish(false_positive_rate=Fraction(1, 20))])
def test_threshold_on_rows_calls_what_the_judge_calls(model: Learned, wish: Wish) -> None:
    images = model.opinion(sample_rows().features).images
    labels = (np.arange(len(images)) % 3 == 0) * 1
    logits = model.judge.learner.logits(model.judge.state, images)
    labels = np.where(logits > np.median(logits), 1, labels * 0)
    threshold = wish.on(model.judge, (images, labels))
    due = model.judge.verdicts(images, model.judge.threshold(images, labels, wish.precision, wish.false_positive_rate))
    points = basis_points(model.judge.learner.probabilities(model.judge.state, images))
    assert threshold.called(model.judge, images, points).tolist() == due
    assert 0 < sum(due) < len(due)
    assert min(point for point, one in zip(points.tolist(), due, strict=True) if one) == threshold.bp


def test_threshold_on_rows_where_there_are_none_is_refused(model: Learned) -> None:
    with pytest.raises(BadSetting, match="--threshold in basis points"):
        Wish(precision=Fraction(1, 2)).on(model.judge, None)
    assert Wish(bp=7000).on(model.judge, None) == Threshold(7000)


def test_cleared_is_below_nine_tenths() -> None:
    assert [Threshold(bp).cleared_bp for bp in (10_000, 5000, 1)] == [9000, 4500, 0]
