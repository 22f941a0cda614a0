"""The scale: how many rows lie in which cell of each feature, and its refinement where many rows share a cell.

The first round counts on the public grid. Each later round counts the fullest cells again, cut into 17: their lowest
image alone (often a whole number that many rows share), then sixteen equal parts of the rest. So a column of
timestamps, which lie in one cell of the grid, is resolved within a few rounds, whatever its unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anomalyhive.core.grid import GRID
from anomalyhive.core.learner import Integers
from anomalyhive.core.learners.boost.model import Model
from anomalyhive.core.learners.edges import quantile_edges

PARTS = 17
"""Parts into which a cell is cut."""

TOP = 1 << 63
"""Upper border of every last cell."""


@dataclass(frozen=True, eq=False)
class Scale:
    """Cells of all features: feature, lower border and row count of each, ascending by feature and border."""

    features: Integers
    borders: Integers
    counts: Integers

    @staticmethod
    def of(model: Model) -> Scale:
        """The scale of a model."""
        return Scale(model.cell_features, model.cell_borders, model.cell_counts)

    def column(self, feature: int) -> tuple[Integers, Integers]:
        """Lower borders and counts of one feature's cells."""
        start, stop = np.searchsorted(self.features, [feature, feature + 1])
        return self.borders[start:stop], self.counts[start:stop]

    def edges(self, feature: int, bins: int) -> Integers:
        """Borders that cut a feature's rows most evenly into at most ``bins`` parts."""
        borders, counts = self.column(feature)
        return quantile_edges(borders, counts, bins)


def grid_scale(counts: Integers) -> Scale:
    """The scale of counts (F, C) on the grid."""
    columns, cells = counts.shape
    return _without_gaps(Scale(np.repeat(np.arange(columns), cells), np.tile(GRID, columns), counts.ravel()))


def _without_gaps(scale: Scale) -> Scale:
    """The scale with runs of empty cells joined, so that its size follows the rows and not the grid."""
    first = np.append(True, scale.features[1:] != scale.features[:-1])
    full = scale.counts > 0
    keep = first | full | np.append(False, full[:-1])
    return Scale(scale.features[keep], scale.borders[keep], scale.counts[keep])


def crowded_cells(scale: Scale, bins: int, most: int) -> Integers:
    """Indices, ascending, of the ``most`` fullest cells that hold more rows than a bin and can be cut (width >= 17).

    Ties go to the lower index.
    """
    if scale.counts.size == 0:
        return np.empty(0, dtype=np.int64)
    last = np.append(scale.features[1:] != scale.features[:-1], True)
    upper = np.append(scale.borders[1:], 0)
    upper = np.where(last, np.int64(TOP - 1), upper)
    wide = upper.astype(np.uint64) - scale.borders.astype(np.uint64) >= PARTS  # differences can pass 2^63
    totals = np.bincount(scale.features, minlength=1).astype(np.int64) * 0
    np.add.at(totals, scale.features, scale.counts)
    crowded = np.flatnonzero(wide & (scale.counts * bins > 2 * totals[scale.features]))
    fullest = crowded[np.argsort(-scale.counts[crowded], kind="stable")[:most]]
    return np.sort(fullest)


def cut_borders(scale: Scale, cells: Integers) -> Integers:
    """Lower borders (R, 17) of the parts of cells (R,), and after them (R, 18) the upper border less one."""
    cuts = np.empty((cells.size, PARTS + 1), dtype=np.int64)
    for row, cell in enumerate(cells.tolist()):
        low = int(scale.borders[cell])
        last = cell + 1 == scale.features.size or scale.features[cell + 1] != scale.features[cell]
        high = TOP if last else int(scale.borders[cell + 1])
        parts = [low + max(1, (high - low) * part // (PARTS - 1)) for part in range(PARTS - 1)]
        cuts[row] = [low, *parts, high - 1]
    return cuts


def part_counts(columns: Integers, features: Integers, cuts: Integers) -> Integers:
    """Rows (R, 17) in each part of the cells; ``columns`` is (F, n), ``features`` (R,), ``cuts`` (R, 18)."""
    counted = np.zeros((features.size, PARTS), dtype=np.int64)
    for row, feature in enumerate(features.tolist()):
        inside = columns[feature]
        inside = inside[(inside >= cuts[row, 0]) & (inside <= cuts[row, -1])]
        parts = np.searchsorted(cuts[row, :-1], inside, side="right") - 1
        counted[row] = np.bincount(parts, minlength=PARTS)
    return counted


def refined(scale: Scale, cells: Integers, cuts: Integers, counts: Integers) -> Scale:
    """The scale with cells (R,) replaced by their parts with counts (R, 17)."""
    if cells.size == 0:
        return scale
    keep = np.ones(scale.features.size, dtype=bool)
    keep[cells] = False
    features = np.concatenate([scale.features[keep], np.repeat(scale.features[cells], PARTS)])
    borders = np.concatenate([scale.borders[keep], cuts[:, :-1].ravel()])
    held = np.concatenate([scale.counts[keep], counts.ravel()])
    order = np.lexsort((borders, features))
    return _without_gaps(Scale(features[order], borders[order], held[order]))
