"""Amounts and bytes of a node's JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin.answers import amount, number, octets


@pytest.mark.parametrize(
    ("value", "units"),
    [
        (Decimal("50.00000000"), 5_000_000_000),
        (Decimal("0.1"), 10_000_000),
        (Decimal("5.4e-07"), 54),
        (Decimal("20999999.9769"), 2_099_999_997_690_000),
        (Decimal("0.1000000000000"), 10_000_000),
        (Decimal("-0.00010001"), -10_001),
        (Decimal("0E-30"), 0),
        (21, 2_100_000_000),
    ],
)
def test_amount_is_exact(value: Any, units: int) -> None:
    assert amount({"value": value}, "value") == units


@pytest.mark.parametrize(
    "value",
    [0.5, "0.5", None, True, Decimal("0.000000001"), Decimal("1e-999999"), Decimal("1e999999"), Decimal("NaN"), 10**40],
)
def test_amount_that_is_none_is_refused_naming_it(value: Any) -> None:
    with pytest.raises(BadInput, match="'value' is"):
        amount({"value": value}, "value")


@pytest.mark.parametrize("value", [1 << 32, -(1 << 31) - 1, "1", True, None])
def test_number_beyond_its_bits_is_refused(value: Any) -> None:
    with pytest.raises(BadInput, match="'version' is"):
        number({"version": value}, "version")


@pytest.mark.parametrize("value", ["0", "zz", "00 00", 0, None])
def test_octets_of_what_is_no_hex_are_refused(value: Any) -> None:
    with pytest.raises(BadInput, match="'hex' is"):
        octets({"hex": value}, "hex")
