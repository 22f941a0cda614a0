"""Quantile edges of every feature from counts on a public logarithmic grid (learner ``edges``).

The grid is the leading bits of a feature's int64 image (sign, exponent, first bits of the fraction), so it needs
nothing private and suits values of any unit. One round counts rows by feature, cell and label; the edges are the
cell borders that cut the rows most evenly. Exact within one cell, which spans at most a quarter of its value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anomalyhive.core.features import EXPONENT_BIAS, FRACTION_BITS
from anomalyhive.core.fixedpoint import sigmoid
from anomalyhive.core.learner import (
    Integers,
    Plan,
    Rows,
    State,
    checked_columns,
    checked_features,
    checked_params,
    checked_vector,
    integer,
    integers,
)

SMALLEST_EXPONENT = -24
"""Magnitudes below 2^-24 share a cell: dust of a coin with eight decimals is 2^-27."""

LARGEST_EXPONENT = 64
"""Magnitudes of 2^64 and above share a cell."""

POSITIVE_STEPS = 2
"""Leading bits of the fraction on the grid for positive values: four cells to a doubling."""

PARAMS = {"bins": (64, 2, 1024)}
"""bins: most bins that the edges of one feature make."""


def grid() -> Integers:
    """Lower borders (C - 1,) of all cells but the first, ascending images: negative doublings, zero, positive cells."""
    exponents = np.arange(SMALLEST_EXPONENT, LARGEST_EXPONENT + 1, dtype=np.int64) + EXPONENT_BIAS
    fractions = np.arange(1 << POSITIVE_STEPS, dtype=np.int64) << (FRACTION_BITS - POSITIVE_STEPS)
    positive = ((exponents << FRACTION_BITS)[:, None] + fractions[None, :]).ravel()
    negative = ~(exponents << FRACTION_BITS)[::-1] + 1  # the image of -x is ~image(x); above it the next cell starts
    return np.concatenate([negative, np.array([0, 1], dtype=np.int64), positive])


GRID = grid()
"""The public grid."""

CELLS = GRID.size + 1
"""Cells of the grid, C."""


def counts(rows: Rows) -> Integers:
    """Rows by label, feature and cell: int64 (2, F, C)."""
    columns = rows.features.shape[1]
    cells = np.searchsorted(GRID, rows.features, side="right")
    keys = (rows.labels[:, None] * columns + np.arange(columns)[None, :]) * CELLS + cells
    return np.bincount(keys.ravel(), minlength=2 * columns * CELLS).reshape(2, columns, CELLS).astype(np.int64)


def quantile_edges(total: Integers, bins: int) -> Integers:
    """Edges int64 (F, bins - 1) of counts (F, C), ascending; a feature with fewer is filled up with 2^63 - 1.

    Edge k is the border of the first cell by which at least k/bins of the rows are counted: a row is above the edge
    if its image is at least the edge.
    """
    below = np.cumsum(total, axis=1)
    edges = np.full((total.shape[0], bins - 1), np.iinfo(np.int64).max, dtype=np.int64)
    for column, running in enumerate(below):
        wanted = (np.arange(1, bins) * running[-1] + bins - 1) // bins
        cells = np.unique(np.searchsorted(running, np.maximum(wanted, 1), side="left"))
        cells = cells[running[np.minimum(cells, CELLS - 1)] < running[-1]]  # nothing lies above the last
        edges[column, : cells.size] = GRID[cells]
    return edges


@dataclass(frozen=True)
class EdgesPlan(Plan):
    """Counts of rows by label, feature and cell: (2, F, C) flattened."""

    columns: int


class Edges:
    """The learner ``edges``."""

    name = "edges"

    def initial(self, columns: int, params: Mapping[str, int]) -> State:
        """No edges yet."""
        chosen = checked_params(params, PARAMS)
        columns = checked_columns(columns)
        full = np.full((columns, chosen["bins"] - 1), np.iinfo(np.int64).max, dtype=np.int64)
        return {"columns": columns, "bins": chosen["bins"], "edges": full, "rows": np.zeros(2, dtype=np.int64)}

    def propose(self, state: State, seed: bytes) -> EdgesPlan:
        """The same counts every round; nothing is drawn."""
        columns = integer(state, "columns")
        return EdgesPlan(length=2 * columns * CELLS, columns=columns)

    def contribute(self, plan: Plan, rows: Rows) -> Integers:
        """Counts (P,)."""
        assert isinstance(plan, EdgesPlan)
        checked_features(rows.features, plan.columns)
        return counts(rows).ravel()

    def absorb(self, state: State, plan: Plan, total: Integers) -> State:
        """Edges of this round's counts; earlier ones are replaced."""
        assert isinstance(plan, EdgesPlan)
        table = checked_vector(plan, total).reshape(2, plan.columns, CELLS)
        edges = quantile_edges(table.sum(axis=0), integer(state, "bins"))
        return {**state, "edges": edges, "rows": table[:, 0].sum(axis=1)}

    def bounds(self, plan: Plan, rows: int) -> tuple[Integers, Integers]:
        """Each count is between 0 and the number of rows."""
        return np.zeros(plan.length, dtype=np.int64), np.full(plan.length, rows, dtype=np.int64)

    def worth(self, plan: Plan, vector: Integers) -> int:
        """The number of rows counted."""
        assert isinstance(plan, EdgesPlan)
        return int(checked_vector(plan, vector).sum()) // plan.columns

    def logits(self, state: State, features: Integers) -> Integers:
        """Zeros: edges alone do not score."""
        return np.zeros(checked_features(features, integer(state, "columns")).shape[0], dtype=np.int64)

    def probabilities(self, state: State, features: Integers) -> Integers:
        """One half for every row, in 2^-32."""
        integers(state, "edges", 2)
        return sigmoid(self.logits(state, features), 32)
