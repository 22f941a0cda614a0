"""The public logarithmic grid on which values of any feature are first counted.

Its borders are int64 images of floats and the same for every feature, so that nobody needs to know the data to count:
eight cells a doubling from 2^-10 to 2^20, one a doubling elsewhere from 2^-30 to 2^80, one in four doublings for
negative values, and cells of their own for zero and for the dust below 2^-30.
"""

from __future__ import annotations

import numpy as np

from anomalyhive.core.coded import Coded, worth_coding
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


BLOCK = 1 << 17
"""Rows counted at once, which bounds the memory."""


def label_counts(features: Integers, labels: Integers) -> Integers:
    """Rows by label, feature and cell: int64 (2, F, C) of features (n, F) and labels (n,)."""
    count = _coded_counts if worth_coding(labels.size) else _plain_counts
    counts = np.zeros((2, features.shape[1], CELLS), dtype=np.int64)
    for start in range(0, labels.size, BLOCK):
        counts += count(features[start : start + BLOCK], labels[start : start + BLOCK])
    return counts


def _plain_counts(features: Integers, labels: Integers) -> Integers:
    columns = features.shape[1]
    cells = np.searchsorted(GRID, features, side="right") - 1
    keys = (labels[:, None] * columns + np.arange(columns)[None, :]) * CELLS + cells
    return np.bincount(keys.ravel(), minlength=2 * columns * CELLS).reshape(2, columns, CELLS).astype(np.int64)


def _coded_counts(features: Integers, labels: Integers) -> Integers:
    counts = np.zeros((2, features.shape[1], CELLS), dtype=np.int64)
    for label in (0, 1):
        chosen = features[labels == label]
        coded = Coded(chosen)
        coded.require(dict.fromkeys(range(features.shape[1]), GRID))
        for column in range(features.shape[1]):
            below = coded.below(column, GRID)
            counts[label, column] = np.diff(below, append=chosen.shape[0])
    return counts
