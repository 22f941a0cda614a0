"""Many addresses at once are read, written and ordered as one by one."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest

from anomalyhive.errors import BadTable
from anomalyhive.metrics.addresses import as_packed, as_text, different, numbered

DRAW = random.Random(3)
SOME = ["0x" + DRAW.randbytes(20).hex() for _ in range(200)]
ALIKE = [f"0x{first:08x}{'00' * 12}{last:08x}" for first in (0, 1) for last in (0, 1, 255, 1 << 31)]
"""Addresses that hashes would never give, such as those of precompiles: the same first eight bytes."""


def test_text_of_packed_addresses_is_what_they_were_made_of() -> None:
    assert as_text(as_packed(pa.array(SOME))).to_pylist() == SOME
    assert as_text(as_packed(pa.array(SOME).slice(7, 5))).to_pylist() == SOME[7:12]
    assert as_text(as_packed(pa.array([], pa.string()))).to_pylist() == []


@pytest.mark.parametrize(
    "wrong", ["", "0x", SOME[0][:-1], SOME[0] + "0", SOME[0].upper(), "1x" + SOME[0][2:], SOME[0][:-1] + "g", "é" * 21]
)
def test_what_is_no_address_is_refused_with_it_named(wrong: str) -> None:
    with pytest.raises(BadTable, match=f"{wrong!r} is no address"):
        as_packed(pa.array([SOME[1], wrong, SOME[2]]))


@pytest.mark.parametrize("texts", [SOME + SOME[50:], ALIKE + SOME[:9] + ALIKE, SOME[:1], []])
def test_different_addresses_ascend_and_each_row_names_its_own(texts: list[str]) -> None:
    drawn = random.Random(1).sample(texts, len(texts))
    names, numbers = different(as_packed(pa.array(drawn, pa.string())))
    assert as_text(names).to_pylist() == sorted(set(drawn))
    assert as_text(names[numbers]).to_pylist() == drawn
    both = numbered(pa.chunked_array([drawn[:5], drawn[5:]], pa.string()))
    assert np.array_equal(both[0], names)
    assert np.array_equal(both[1], numbers)


def test_column_with_a_row_of_no_address_is_refused() -> None:
    with pytest.raises(BadTable, match="an event is of no address"):
        numbered(pa.chunked_array([[SOME[0], None]], pa.string()))
