"""Measures of several classes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, confusion_matrix, f1_score

from anomalyhive.evaluation.classes import class_quality

RANDOM = np.random.default_rng(5)
LABELS = RANDOM.integers(0, 4, 300)
SCORES = RANDOM.integers(-50, 50, (300, 4)) + 40 * np.eye(4, dtype=np.int64)[LABELS]


def test_class_quality_equals_scikit_learn() -> None:
    found = class_quality(SCORES, LABELS)
    expected = [average_precision_score(label == LABELS, SCORES[:, label]) for label in range(4)]
    assert found.average_precisions == pytest.approx(expected)
    assert found.macro.average_precision == pytest.approx(sum(expected) / 4)
    assert np.array_equal(found.confusion, confusion_matrix(LABELS, SCORES.argmax(axis=1)))
    assert found.f1 == pytest.approx(f1_score(LABELS, SCORES.argmax(axis=1), average=None))
    content = found.as_json(("a", "b", "c", "d"))
    assert content["macro_f1"] == pytest.approx(f1_score(LABELS, SCORES.argmax(axis=1), average="macro"))
    assert [one["rows"] for one in content["classes"]] == np.bincount(LABELS).tolist()


def test_class_quality_of_two_classes_has_class_1_as_its_macro() -> None:
    z = RANDOM.integers(-9, 9, 80)
    labels = RANDOM.integers(0, 2, 80)
    found = class_quality(np.stack([-z, z], axis=1), labels)
    assert found.macro.average_precision == pytest.approx(average_precision_score(labels, z))


def test_class_quality_of_a_class_without_rows_is_none_and_leaves_the_mean() -> None:
    labels = np.where(LABELS == 3, 0, LABELS)
    found = class_quality(SCORES, labels)
    assert found.average_precisions[3] is None
    assert found.macro.average_precision == pytest.approx(sum(filter(None, found.average_precisions)) / 3)
