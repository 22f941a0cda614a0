"""Table: parts that fit, frozen, taken by index."""

from __future__ import annotations

import numpy as np
import pytest

from anomalyhive.errors import BadTable
from anomalyhive.tables import Table

from .conftest import make_table


def test_take_gives_rows_in_the_order_asked() -> None:
    table = make_table([[1], [2], [3]], [0, 1, 1], ["x", "y", "z"])
    taken = table.take([2, 0])
    assert taken.ids == ["z", "x"]
    assert taken.features.tolist() == table.features[[2, 0]].tolist()
    assert taken.labels.tolist() == [1, 0]
    assert taken.columns == ("a",)


def test_take_of_unlabelled_table_stays_unlabelled() -> None:
    table = make_table([[1], [2]], [])
    assert not table.is_labelled
    assert not table.take([1]).is_labelled
    assert len(table.take([1])) == 1


def test_arrays_are_frozen() -> None:
    table = make_table([[1], [2]], [0, 1])
    for array in (table.features, table.labels):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7


def test_rows_hold_features_and_labels() -> None:
    table = make_table([[1, 2], [3, 4]], [0, 1])
    rows = table.rows()
    assert np.array_equal(rows.features, table.features)
    assert rows.labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("ids", "columns", "features", "labels", "message"),
    [
        (None, ("a",), np.zeros((2, 2), np.int64), np.zeros(2, np.int64), r"int64 of shape \(2, 2\): give int64 of"),
        (None, ("a",), np.zeros((2, 1)), np.zeros(2, np.int64), "features are float64"),
        (None, ("a",), np.zeros((2, 1), np.int64), np.zeros(3, np.int64), r"labels are int64 of shape \(3,\)"),
        (["x"], ("a",), np.zeros((2, 1), np.int64), np.zeros(2, np.int64), "1 ids for 2 rows"),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    ids: list[str] | None, columns: tuple[str, ...], features: np.ndarray, labels: np.ndarray, message: str
) -> None:
    with pytest.raises(BadTable, match=message):
        Table(ids, columns, features, labels)
