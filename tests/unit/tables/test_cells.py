"""Cells: decimal numbers alone are numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.tables.cells import Fault, parse_number, parse_numbers, shown


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1.0), (" -2.5e-3 ", -0.0025), ("+7", 7.0), (".5", 0.5), ("1e308", 1e308), ("1e-999", 0.0)]
)
def test_decimals_are_numbers(text: str, value: float) -> None:
    assert parse_number(text, None) == value
    assert parse_numbers([text]) == [value]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.ABSENT),
        (" ", Fault.ABSENT),
        ("NaN", Fault.ABSENT),
        ("-nan", Fault.ABSENT),
        ("N/A", Fault.ABSENT),
        ("NULL", Fault.ABSENT),
        ("inf", Fault.INFINITE),
        ("-Infinity", Fault.INFINITE),
        ("1e999", Fault.OVERFLOW),
        ("-1e309", Fault.OVERFLOW),
        ("9" * 400, Fault.OVERFLOW),
        ("1_000", Fault.TEXT),
        ("0x10", Fault.TEXT),
        ("١٢", Fault.TEXT),
        ("1,5", Fault.TEXT),
        ("1 2", Fault.TEXT),
        ("True", Fault.TEXT),
        ("−1", Fault.TEXT),
    ],
)
def test_anything_else_is_a_named_fault_on_both_paths(text: str, fault: Fault) -> None:
    assert parse_number(text, None) is fault
    assert parse_numbers(["1", text]) is None


@given(st.text(max_size=12) | st.floats().map(str) | st.text(alphabet="0123456789.eE+-_nan inf", max_size=8))
@settings(deadline=None, derandomize=True, max_examples=400)
def test_fast_path_agrees_with_the_slow_one(text: str) -> None:
    slow = parse_number(text, None)
    assert parse_numbers([text]) == (None if isinstance(slow, Fault) else [slow])


def test_shown_value_is_short_and_on_one_line() -> None:
    assert shown("a\nb") == "'a\\nb'"
    assert shown("x" * 50) == "'" + "x" * 40 + "…'"
