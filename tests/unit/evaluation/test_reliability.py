"""The Brier score and the table of reliability."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from anomalyhive.evaluation.reliability import reliability


def test_reliability_equals_scikit_learn_and_counts_every_row_once() -> None:
    random = np.random.default_rng(3)
    p, labels = random.integers(0, (1 << 32) + 1, 500), random.integers(0, 2, 500)
    p[:2] = 0, 1 << 32
    found = reliability(p, labels)
    assert found.brier == pytest.approx(brier_score_loss(labels, p / 2**32))
    assert found.base == pytest.approx(labels.mean() * (1 - labels.mean()))
    assert sum(one.rows for one in found.bins) == 500
    assert sum(one.positive for one in found.bins) == labels.sum()
    assert all(one.low <= one.said <= one.low + 0.1 for one in found.bins if one.said is not None)


def test_reliability_without_rows_has_no_score() -> None:
    found = reliability(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))
    assert found.brier is None
    assert found.bins[0].said is found.bins[0].seen is None
