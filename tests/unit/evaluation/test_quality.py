"""Quality: against scikit-learn, against the definition over all pairs, and at the edges."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from anomalyhive.errors import BadTable
from anomalyhive.evaluation import Quality, average_precision, quality, roc_auc

SCORED = st.integers(1, 60).flatmap(
    lambda ties: st.lists(st.tuples(st.integers(-ties, ties), st.booleans()), min_size=1, max_size=80)
)


def arrays(scored: list[tuple[int, bool]]) -> tuple[np.ndarray, np.ndarray]:
    scores, labels = zip(*scored, strict=True)
    return np.array(scores, dtype=np.int64), np.array(labels, dtype=np.int64)


@given(SCORED)
@settings(deadline=None, derandomize=True, max_examples=200)
def test_both_measures_equal_scikit_learn(scored: list[tuple[int, bool]]) -> None:
    scores, labels = arrays(scored)
    if len(set(labels.tolist())) < 2:
        assert quality(scores, labels) == Quality(None, None)
        return
    assert average_precision(scores, labels) == pytest.approx(average_precision_score(labels, scores), abs=1e-12, rel=0)
    assert roc_auc(scores, labels) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12, rel=0)


@given(SCORED)
@settings(deadline=None, derandomize=True)
def test_both_measures_equal_their_definition_in_fractions_to_the_last_bit(scored: list[tuple[int, bool]]) -> None:
    positives = [score for score, label in scored if label]
    negatives = [score for score, label in scored if not label]
    if not positives or not negatives:
        return
    wins = sum(Fraction((a > b) - (a < b) + 1, 2) for a, b in product(positives, negatives))
    precisions = sum(
        Fraction(sum(p >= score for p in positives), sum(s >= score for s, _ in scored)) for score in positives
    )
    scores, labels = arrays(scored)
    assert roc_auc(scores, labels) == float(wins / (len(positives) * len(negatives)))
    assert average_precision(scores, labels) == float(precisions / len(positives))


@given(SCORED, st.randoms(use_true_random=False))
@settings(deadline=None, derandomize=True)
def test_order_of_rows_is_irrelevant(scored: list[tuple[int, bool]], random: object) -> None:
    other = list(scored)
    random.shuffle(other)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert quality(*arrays(scored)) == quality(*arrays(other))


def test_many_rows_equal_scikit_learn_to_1e_12() -> None:
    rng = np.random.default_rng(7)
    labels = (rng.random(50_000) < 0.1).astype(np.int64)
    scores = (rng.normal(labels * 1.0) * 1000).astype(np.int64)
    assert abs((average_precision(scores, labels) or 0) - average_precision_score(labels, scores)) < 1e-12
    assert abs((roc_auc(scores, labels) or 0) - roc_auc_score(labels, scores)) < 1e-12


def test_scores_at_the_ends_of_int64_keep_their_order() -> None:
    scores = np.array([-(2**63), 2**63 - 1, 2**63 - 2], dtype=np.int64)  # the last two are one float64
    assert quality(scores, np.array([0, 1, 0])) == Quality(1.0, 1.0)
    assert quality(scores, np.array([1, 0, 0])) == Quality(1 / 3, 0.0)


def test_one_score_for_all_is_chance() -> None:
    labels = np.array([1, 0, 0, 0])
    assert quality(np.zeros(4, dtype=np.int64), labels) == Quality(0.25, 0.5)


@pytest.mark.parametrize("labels", [[], [1], [0, 0], [1, 1, 1]])
def test_rows_of_one_class_or_none_have_no_measure(labels: list[int]) -> None:
    scores = np.arange(len(labels), dtype=np.int64)
    assert quality(scores, np.array(labels, dtype=np.int64)) == Quality(None, None)


def test_scores_for_other_rows_are_refused() -> None:
    with pytest.raises(BadTable, match=r"scores of shape \(2,\) for labels of shape \(3,\)"):
        roc_auc(np.arange(2), np.array([0, 1, 0]))
