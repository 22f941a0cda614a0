"""hold_out and carve_out: no account and no set of features on two sides, classes in proportion."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TypeVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.errors import BadSetting
from anomalyhive.tables import CarveOut, HoldOut, Table, carve_out, hold_out
from anomalyhive.tables.holdout import parse_fraction

from .conftest import make_table
from .strategies import content, shuffled, tables

Sides = TypeVar("Sides", HoldOut, CarveOut)
FRACTIONS = st.fractions(0, Fraction(9, 10), max_denominator=20).filter(bool)


def names(table: Table, rows: np.ndarray) -> set[object]:
    """All that a model could know a row by: its id and its features."""
    taken = table.take(rows)
    return set(taken.ids or ()) | set(map(tuple, taken.features.tolist()))


def parted(part: Callable[[], Sides], refusal: str) -> Sides | None:
    """The sides, or None if there are none for the reason that one expects."""
    try:
        return part()
    except BadSetting as error:
        if refusal not in str(error):
            raise
        return None


def assert_parted(table: Table, sides: list[np.ndarray]) -> None:
    """Every row on one side, and nothing that names a row on two."""
    assert sorted(np.concatenate(sides).tolist()) == list(range(len(table)))
    for i, one in enumerate(sides):
        for other in sides[i + 1 :]:
            assert not names(table, one) & names(table, other)


@given(tables(smallest=2), FRACTIONS, st.integers(0, 9))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_hold_out_parts_rows_or_says_which_class_is_missing(table: Table, fraction: Fraction, seed: int) -> None:
    sides = parted(lambda: hold_out(table, fraction, seed), "leaves no row of class")
    if sides is None:
        return
    assert_parted(table, [sides.train, sides.test])
    for rows in (sides.train, sides.test):
        assert set(table.labels[rows].tolist()) == {0, 1}


@given(tables(smallest=4), FRACTIONS, st.integers(0, 9), st.data())
@settings(deadline=None, derandomize=True)
def test_hold_out_does_not_depend_on_the_order_of_rows(
    table: Table, fraction: Fraction, seed: int, data: st.DataObject
) -> None:
    other = shuffled(data, table)
    try:
        sides = hold_out(table, fraction, seed)
    except BadSetting:
        with pytest.raises(BadSetting):
            hold_out(other, fraction, seed)
        return
    assert content(table, sides.test) == content(other, hold_out(other, fraction, seed).test)


@given(st.integers(2, 60), st.integers(2, 60), FRACTIONS, st.integers(0, 9))
@settings(deadline=None, derandomize=True)
def test_hold_out_of_distinct_rows_takes_the_nearest_share_of_each_class(
    negatives: int, positives: int, fraction: Fraction, seed: int
) -> None:
    table = make_table(np.arange(negatives + positives), [0] * negatives + [1] * positives)
    test = table.labels[hold_out(table, fraction, seed).test]
    for label, rows in ((0, negatives), (1, positives)):
        nearest = min(max(int(fraction * rows + Fraction(1, 2)), 1), rows - 1)
        assert int((test == label).sum()) == nearest


def test_fraction_zero_trains_on_every_row() -> None:
    sides = hold_out(make_table(np.arange(5), [1] * 5), "0", 3)
    assert sides.train.tolist() == [0, 1, 2, 3, 4]
    assert sides.test.tolist() == []


def test_group_larger_than_the_share_stays_in_training() -> None:
    table = make_table([0] * 50 + list(range(1, 51)), [1] * 50 + [0] * 40 + [1] * 10)
    for seed in range(20):
        assert set(range(50)) <= set(hold_out(table, "0.25", seed).train.tolist())


def test_one_account_of_a_class_is_named_as_the_reason() -> None:
    table = make_table(np.arange(6), [0, 0, 0, 0, 1, 1], ["a", "b", "c", "d", "e", "e"])
    with pytest.raises(BadSetting, match=r"test fraction 1/4 of 6 rows leaves no row of class 1 to test on \(rows of"):
        hold_out(table, "0.25", 0)


def test_seed_decides_the_test_rows() -> None:
    table = make_table(np.arange(100), np.arange(100) % 2)
    first, again, other = (hold_out(table, "0.25", seed).test.tolist() for seed in (1, 1, 2))
    assert first == again != other


@pytest.mark.parametrize(("text", "value"), [("0.25", Fraction(1, 4)), ("1/3", Fraction(1, 3)), (0, Fraction(0))])
def test_fraction_is_exact(text: str | int, value: Fraction) -> None:
    assert parse_fraction(text, "share") == value


@pytest.mark.parametrize("text", ["1", "-0.1", "abc", "", "nan", "inf", "1/0", "1e-999999999", "0." + "0" * 40, "1e99"])
def test_fraction_out_of_range_is_named(text: str) -> None:
    with pytest.raises(BadSetting, match=r"share is .*: give a decimal from 0 to below 1"):
        parse_fraction(text, "share")


def test_fraction_of_a_wish_may_be_the_whole_and_no_more() -> None:
    assert parse_fraction("1", "share", whole=True) == parse_fraction("1.0", "share", whole=True) == 1
    for text in ("1.01", "-0.1", "2"):
        with pytest.raises(BadSetting, match=r"share is .*: give a decimal from 0 to 1, such"):
            parse_fraction(text, "share", whole=True)


@given(tables(smallest=3), st.integers(1, 4), FRACTIONS, st.integers(0, 9))
@settings(deadline=None, derandomize=True, max_examples=300)
def test_carve_out_parts_rows_or_says_that_they_are_too_few(
    table: Table, validators: int, share: Fraction, seed: int
) -> None:
    sides = parted(lambda: carve_out(table, validators, share, seed), f"{validators} validators with")
    if sides is None:
        return
    assert len(sides.validators) == validators
    assert all(len(rows) for rows in [sides.trainers, *sides.validators])
    assert_parted(table, [sides.trainers, *sides.validators])


@given(st.integers(1, 4), st.integers(0, 9))
@settings(deadline=None, derandomize=True)
def test_carve_out_gives_both_classes_to_all_where_there_are_enough(validators: int, seed: int) -> None:
    table = make_table(np.arange(60), [0] * 50 + [1] * 10)
    sides = carve_out(table, validators, "0.05", seed)
    for rows in [sides.trainers, *sides.validators]:
        assert set(table.labels[rows].tolist()) == {0, 1}


@pytest.mark.parametrize(("validators", "share"), [(0, "0.1"), (4, "0.25")])
def test_carve_out_of_everything_is_named(validators: int, share: str) -> None:
    with pytest.raises(BadSetting, match=f"{validators} validators with 1/.* of the rows each"):
        carve_out(make_table(np.arange(60), np.arange(60) % 2), validators, share, 0)


def test_carve_out_of_too_few_rows_is_named() -> None:
    with pytest.raises(BadSetting, match="5 validators with 1/10 of 3 rows each: somebody would have no row"):
        carve_out(make_table(np.arange(3), [0, 1, 0]), 5, "0.1", 0)
