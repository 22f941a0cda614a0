"""Lower medians, and who has a say in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.protocol import lower_median, median_of_update


@pytest.mark.parametrize(
    ("scores", "median"),
    [([], 0), ([7], 7), ([9, 3], 3), ([1, 2, 3], 2), ([4, 1, 3, 2], 2), ([0, 0, 255, 255], 0), ([0, 255, 255], 255)],
)
def test_lower_median_is_the_lower_of_the_two_in_the_middle(scores: list[int], median: int) -> None:
    assert lower_median(scores) == median


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 255), min_size=1, max_size=20))
def test_lower_median_has_half_of_the_scores_on_each_side(scores: list[int]) -> None:
    median = lower_median(scores)
    assert median in scores
    assert 2 * sum(score <= median for score in scores) >= len(scores)
    assert 2 * sum(score < median for score in scores) < len(scores)


def test_median_of_update_leaves_the_own_verdict_out() -> None:
    verdicts = {0: (1, b"\xff"), 1: (2, b"\x0a"), 2: (3, b"\x14")}
    assert median_of_update(0, 9, verdicts) == 20
    assert median_of_update(0, 1, verdicts) == 10


def test_median_of_update_that_only_its_own_node_judged_is_zero() -> None:
    assert median_of_update(0, 1, {0: (1, b"\xff")}) == 0
