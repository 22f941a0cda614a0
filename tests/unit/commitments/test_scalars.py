"""Vectors as scalars, against Python's own integers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.commitments.scalars import Signed, bits_of, combination, signed

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
EXTREMES = st.sampled_from([-(1 << 63), (1 << 63) - 1])
ENTRY = st.one_of(st.integers(-3, 3), st.integers(-(1 << 15), (1 << 15) - 1), EXTREMES, INT64)
COEFFICIENT = st.one_of(st.integers(0, 2), st.integers(0, (1 << 128) - 1), st.just((1 << 128) - 1))


def integers(value: Signed) -> list[int]:
    magnitudes = [int.from_bytes(row.astype("<u2").tobytes(), "little") for row in value.limbs]
    return [-m if n else m for m, n in zip(magnitudes, value.negative.tolist(), strict=True)]


@settings(deadline=None, derandomize=True)
@given(st.lists(ENTRY, max_size=20))
def test_signed_is_the_vector(entries: list[int]) -> None:
    assert integers(signed(np.array(entries, dtype=np.int64))) == entries


@settings(deadline=None, derandomize=True)
@given(st.lists(ENTRY, max_size=20))
def test_part_has_every_entry_but_zeros_once(entries: list[int]) -> None:
    value = signed(np.array(entries, dtype=np.int64))
    rebuilt = [0] * len(entries)
    for sign, negative in ((1, False), (-1, True)):
        indices, scalars = value.part(negative)
        for index, scalar in zip(indices, scalars, strict=True):
            assert rebuilt[index] == 0
            rebuilt[index] = sign * int(scalar)
    assert rebuilt == entries


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.data())
def test_combination_is_that_of_python_integers(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 4))
    rows = data.draw(st.lists(st.lists(ENTRY, min_size=length, max_size=length), min_size=1, max_size=6))
    coefficients = [data.draw(COEFFICIENT) for _ in rows]
    expected = [sum(c * row[i] for c, row in zip(coefficients, rows, strict=True)) for i in range(length)]
    assert integers(combination([np.array(row, dtype=np.int64) for row in rows], coefficients)) == expected


def test_combination_of_many_extremes_does_not_overflow() -> None:
    low = np.array([-(1 << 63)] * 2 + [(1 << 63) - 1], dtype=np.int64)
    top = (1 << 128) - 1
    assert integers(combination([low] * 3000, [top] * 3000)) == [int(x) * top * 3000 for x in low.tolist()]


def test_bits_of_counts_the_largest_magnitude() -> None:
    for entries, bits in (([], 0), ([0, 0], 0), ([1, -1], 1), ([255, -256], 9), ([-(1 << 63)], 64)):
        assert bits_of(np.array(entries, dtype=np.int64)) == bits
