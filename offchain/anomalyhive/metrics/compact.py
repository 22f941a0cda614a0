"""Partial statistics as numbers: what is counted, merged and kept between the two, without text and without an engine.

A row belongs to an address by its number among the addresses, and a mark is one integer, so that both are in order when
these integers are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomalyhive.metrics.addresses import SIZE, different
from anomalyhive.metrics.sketching import RANK_BITS, REGISTER_BITS
from anomalyhive.metrics.statistics import COLUMNS, SKETCHES

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Cover = tuple[tuple[int, int], ...]

CODE_BITS = REGISTER_BITS + (len(SKETCHES) - 1).bit_length()
"""Bits of sketch * 256 + register."""

OWNER_SHIFT = CODE_BITS + RANK_BITS
"""A mark is owner << 17 | (sketch * 256 + register) << 6 | rank."""


@dataclass(frozen=True, eq=False)
class Compact:
    """``cover`` is half-open ranges of blocks, ascending and apart.

    ``names`` (k, 20) are the addresses, ascending. A row of totals has the number of its address, ``owners`` (n,), the
    first block of its range, ``starts`` (n,), and an array (n,) for each of COLUMNS; rows ascend by both, each pair
    once. ``marks`` (m,) ascend, one of a register.
    """

    cover: Cover
    names: Bytes
    owners: Ints
    starts: Ints
    values: Mapping[str, Ints]
    marks: Ints

    def of(self, names: Bytes) -> Compact:
        """The part of these addresses alone; the cover stays."""
        known, numbers = different(np.concatenate([self.names, names]))
        asked = np.zeros(len(known), np.bool_)
        asked[numbers[len(self.names) :]] = True
        mine = asked[numbers[: len(self.names)]]
        rows, marks = mine[self.owners], mine[self.marks >> OWNER_SHIFT]
        renumbered = np.cumsum(mine) - 1
        return Compact(
            self.cover,
            self.names[mine],
            renumbered[self.owners[rows]],
            self.starts[rows],
            {name: column[rows] for name, column in self.values.items()},
            owned(self.marks[marks], renumbered),
        )


def owned(marks: Ints, numbers: Ints) -> Ints:
    """Marks whose owners get other ``numbers``."""
    found: Ints = numbers[marks >> OWNER_SHIFT] << OWNER_SHIFT | marks & (1 << OWNER_SHIFT) - 1
    return found


NONE = Compact(
    (),
    np.empty((0, SIZE), np.uint8),
    np.empty(0, np.int64),
    np.empty(0, np.int64),
    {name: np.empty(0, np.int64) for name in COLUMNS},
    np.empty(0, np.int64),
)
"""The statistics of no blocks."""
