"""The public logarithmic grid on which values of any feature are first counted.

Its borders are int64 images of floats and the same for every feature, so that nobody needs to know the data to count:
eight cells a doubling from 2^-10 to 2^20, one a doubling elsewhere from 2^-30 to 2^80, one in four doublings for
negative values, and cells of their own for zero and for the dust below 2^-30.
"""

from __future__ import annotations

import numpy as np

from anomalyhive.core.features import EXPONENT_BIAS, FRACTION_BITS
from anomalyhive.core.learner import Integers

FINE_EXPONENTS = range(-10, 20)
"""Doublings that are cut into eight cells: where amounts, counts and minutes lie."""

EXPONENTS = range(-30, 81)
"""All doublings with cells of their own."""

FINE_BITS = 3
"""Leading bits of the fraction that a fine cell fixes."""

LOWEST = int(np.iinfo(np.int64).min)
"""Lower border of every first cell."""


def _borders() -> Integers:
    borders = [LOWEST, 0, 1]
    for exponent in EXPONENTS:
        start = (exponent + EXPONENT_BIAS) << FRACTION_BITS
        bits = FINE_BITS if exponent in FINE_EXPONENTS else 0
        borders += [start + (part << (FRACTION_BITS - bits)) for part in range(1 << bits)]
        if exponent % 4 == 0:
            borders.append(-start)  # the image of -x is -bits(x) - 1: this border lies right above it
    return np.array(sorted(borders), dtype=np.int64)


GRID = _borders()
"""Lower borders (C,) of all cells, ascending; the first is the smallest int64."""

CELLS = int(GRID.size)
"""Cells of the grid, C."""


def label_counts(features: Integers, labels: Integers) -> Integers:
    """Rows by label, feature and cell: int64 (2, F, C) of features (n, F) and labels (n,)."""
    columns = features.shape[1]
    cells = np.searchsorted(GRID, features, side="right") - 1
    keys = (labels[:, None] * columns + np.arange(columns)[None, :]) * CELLS + cells
    return np.bincount(keys.ravel(), minlength=2 * columns * CELLS).reshape(2, columns, CELLS).astype(np.int64)
