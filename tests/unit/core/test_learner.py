"""Rows and the checks of parameters."""

import numpy as np
import pytest

from anomalyhive.core.learner import BadParameter, BadState, Rows, checked_params, integer, integers
from anomalyhive.errors import BadTable

FEATURES, LABELS = np.zeros((2, 3), dtype=np.int64), np.array([0, 1])


def test_rows_freeze_their_arrays_but_not_the_givers():
    rows = Rows(FEATURES, LABELS)
    with pytest.raises(ValueError, match="read-only"):
        rows.features[0, 0] = 1
    assert FEATURES.flags.writeable
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        (FEATURES.astype(float), LABELS, "float64"),
        (FEATURES[0], LABELS, r"shape \(3,\)"),
        (FEATURES, LABELS[:1], r"give int64 of shape \(2,\)"),
        (FEATURES, LABELS.astype(np.int8), "int8"),
        (FEATURES, np.array([0, 2]), "label 2 is neither 0 nor 1"),
        (FEATURES, np.array([-1, 1]), "label -1 is neither"),
    ],
)
def test_rows_refuse_what_nobody_can_learn_from(features, labels, message):
    with pytest.raises(BadTable, match=message):
        Rows(features, labels)


def test_checked_params_fills_in_defaults_in_order_of_names():
    assert list(checked_params({"b": 3}, {"b": (1, 0, 3), "a": (5, 0, 9)}).items()) == [("a", 5), ("b", 3)]


@pytest.mark.parametrize("value", [-1, 4, True, 1.0, None])
def test_checked_params_names_the_range(value):
    with pytest.raises(BadParameter, match="give an integer from 0 to 3"):
        checked_params({"b": value}, {"b": (1, 0, 3)})


def test_state_readers_name_the_key():
    with pytest.raises(BadState, match="'k' instead of an integer"):
        integer({"k": True}, "k")
    with pytest.raises(BadState, match="2 dimensions under 'k'"):
        integers({"k": LABELS}, "k", 2)
    with pytest.raises(BadState, match="1 dimensions under 'k'"):
        integers({"k": LABELS.astype(np.int32)}, "k", 1)
