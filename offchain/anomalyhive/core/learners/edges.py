"""Quantile edges of every feature from counts on the public grid (learner ``edges``).

One round counts rows by feature and cell of the grid; the edges are the cell borders that cut the rows most evenly.
Exact within one cell, which spans an eighth of its value in the fine part of the grid.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anomalyhive.core.fixedpoint import sigmoid
from anomalyhive.core.grid import CELLS, GRID, label_counts
from anomalyhive.core.learner import (
    BadState,
    Integers,
    Plan,
    Rows,
    State,
    checked_columns,
    checked_features,
    checked_labels,
    checked_params,
    checked_vector,
    held_columns,
    held_params,
)

NO_EDGE = int(np.iinfo(np.int64).max)
"""Fills up the edges of a feature that has fewer than others: no row lies above it."""

PARAMS = {"bins": (64, 2, 1024)}
"""bins: most bins that the edges of one feature make."""


def quantile_edges(borders: Integers, counts: Integers, bins: int) -> Integers:
    """At most bins - 1 ascending edges of one feature from its cells' lower borders (c,) and counts (c,).

    Edge k is the upper border of the first cell up to which at least k/bins of the rows are counted; a row is above
    an edge if its image is at least the edge. No edge has all rows on one side.
    """
    running = np.cumsum(counts)
    if running.size == 0 or running[-1] == 0:
        return np.empty(0, dtype=np.int64)
    wanted = (np.arange(1, bins, dtype=np.int64) * running[-1] + bins - 1) // bins
    cells = np.unique(np.searchsorted(running, wanted, side="left"))
    cells = cells[running[cells] < running[-1]]
    edges: Integers = borders[cells + 1]
    return edges


@dataclass(frozen=True, eq=False)
class EdgesPlan(Plan):
    """Counts of rows by label, feature and cell: (2, F, C) flattened."""

    columns: int


def _own(plan: Plan) -> EdgesPlan:
    if not isinstance(plan, EdgesPlan):
        raise BadState(f"{type(plan).__name__} is no plan of the learner edges")
    return plan


class Edges:
    """The learner ``edges``."""

    name = "edges"

    def initial(self, columns: int, params: Mapping[str, int]) -> State:
        """No edges yet."""
        bins = checked_params(params, PARAMS)["bins"]
        edges = np.full((checked_columns(columns), bins - 1), NO_EDGE, dtype=np.int64)
        return {"columns": columns, "bins": bins, "edges": edges, "rows": np.zeros(2, dtype=np.int64)}

    def propose(self, state: State, seed: bytes) -> EdgesPlan:  # noqa: ARG002 - part of the protocol, nothing is drawn
        """The same counts every round."""
        columns = held_columns(state)
        return EdgesPlan(length=2 * columns * CELLS, columns=columns)

    def contribute(self, plan: Plan, rows: Rows) -> Integers:
        """Counts (P,)."""
        checked_features(rows.features, _own(plan).columns)
        return label_counts(rows.features, checked_labels(rows)).reshape(plan.length)

    def absorb(self, state: State, plan: Plan, total: Integers) -> State:
        """Edges of this round's counts; earlier ones are replaced."""
        table = checked_vector(plan, total).reshape(2, _own(plan).columns, CELLS)
        bins = held_params(state, PARAMS)["bins"]
        edges = np.full((_own(plan).columns, bins - 1), NO_EDGE, dtype=np.int64)
        for column, counts in enumerate(table.sum(axis=0)):
            found = quantile_edges(GRID, counts, bins)
            edges[column, : found.size] = found
        return {**state, "edges": edges, "rows": table[:, 0].sum(axis=1)}

    def bounds(self, plan: Plan, rows: int) -> tuple[Integers, Integers]:
        """Each count is between 0 and the number of rows."""
        return np.zeros(plan.length, dtype=np.int64), np.full(plan.length, rows, dtype=np.int64)

    def worth(self, plan: Plan, vector: Integers) -> int:
        """The number of rows counted."""
        return int(checked_vector(plan, vector).sum()) // _own(plan).columns

    def logits(self, state: State, features: Integers) -> Integers:
        """Zeros: edges alone do not score."""
        return np.zeros(checked_features(features, held_columns(state)).shape[0], dtype=np.int64)

    def probabilities(self, state: State, features: Integers) -> Integers:
        """One half for every row, in 2^-32."""
        return sigmoid(self.logits(state, features), 32)
