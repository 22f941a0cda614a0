"""Sums are exact as far as int64 holds them, and refused beyond what a chain can hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from anomalyhive.errors import BadTable
from anomalyhive.metrics.compact import Compact
from anomalyhive.metrics.merging import MOST_SUM, highest, merged
from anomalyhive.metrics.statistics import MERGES, NEUTRAL


def of_one_address(block: int, sent_micro: int) -> Compact:
    """The statistics of one block, in which an address sent so much and nothing else is known of it."""
    values = {name: np.array([NEUTRAL[how]]) for name, how in MERGES.items()}
    values["sent_micro"] = np.array([sent_micro])
    zero = np.zeros(1, np.int64)
    return Compact(((block, block + 1),), np.full((1, 20), 7, np.uint8), zero, zero + block, values, zero[:0])


def total(amounts: Sequence[int]) -> int:
    found = merged([of_one_address(block, amount) for block, amount in enumerate(amounts)])
    assert found.cover == ((0, len(amounts)),)
    return int(found.values["sent_micro"][0])


@pytest.mark.parametrize(
    "amounts",
    [
        [MOST_SUM // 100] * 100,
        [MOST_SUM - 99, *[1] * 99],
        [(1 << 56) - 1, (1 << 56) - 1, 2, *[0] * 300],
        [(1 << 40) + 12_345] * 1000,
    ],
)
def test_merge_of_many_parts_at_once_adds_up_exactly(amounts: list[int]) -> None:
    assert total(amounts) == sum(amounts)


@pytest.mark.parametrize("amounts", [[MOST_SUM, 1], [MOST_SUM, *[0] * 200, 1], [MOST_SUM] * 64, [MOST_SUM] * 500])
def test_merge_of_sums_that_no_chain_holds_is_refused(amounts: list[int]) -> None:
    """64 of them are 2^63, which int64 would make negative, and 500 something that looks possible."""
    with pytest.raises(BadTable, match="sent_micro adds up to"):
        total(amounts)


def test_highest_keeps_one_mark_of_a_register() -> None:
    marks = np.array([5 << 6 | 9, 5 << 6 | 63, 4 << 6 | 1, 5 << 6 | 9, 6 << 6 | 2])
    assert highest(marks).tolist() == [4 << 6 | 1, 5 << 6 | 63, 6 << 6 | 2]
    assert highest(marks[:0]).tolist() == []
