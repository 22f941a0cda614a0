"""The compiled loops beside the sums that they state, for the shapes that have loops of their own and for others."""

from __future__ import annotations

import numpy as np
import pytest

from anomalyhive.core import kernels

CODES = 1 << 16


def drawn(
    rows: int, axes: int, levels: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.random.Generator]:
    """Codes (5, rows) of all 16 bits, features (7, axes), cuts (7, axes, levels - 1), cells (7, rows)."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, CODES, (5, rows)).astype(np.uint16)
    features = np.stack([random.choice(5, axes, replace=axes > 5) for _ in range(7)]).astype(np.int64)
    cuts = np.sort(random.integers(0, CODES, (7, axes, levels - 1)), axis=2).astype(np.uint16)
    cuts[0], cuts[1] = 0, CODES - 1
    cells = np.zeros((7, rows), np.int64)
    for axis in range(axes):
        level = (codes[features[:, axis]][:, :, None] >= cuts[:, axis][:, None, :]).sum(axis=2)
        cells = cells * levels + level
    return codes, features, cuts, cells, random


SHAPES = [(3, 4), (3, 3), (2, 4), (1, 4), (4, 4), (3, 16), (6, 4)]
ROWS = [1, 3, 4, 2047, 2049, 9001]


@pytest.mark.parametrize(("axes", "levels"), SHAPES)
@pytest.mark.parametrize("rows", ROWS)
def test_cell_sums_are_the_plain_sums_of_largest_values_by_cell(axes: int, levels: int, rows: int) -> None:
    codes, features, cuts, cells, random = drawn(rows, axes, levels, rows)
    gradients = random.choice([-(1 << 16), -1, 0, 1, 1 << 16], rows)
    curvatures = random.choice([0, 1, 1 << 14], rows)
    start, stop = rows // 3, rows
    sums = np.zeros((2, 7, levels**axes), np.int64)
    kernels.cell_sums(codes, start, stop, features, cuts, (gradients << kernels.CURVATURE_BITS) + curvatures, sums)
    expected = np.zeros_like(sums)
    for tree in range(7):
        np.add.at(expected[0, tree], cells[tree, start:stop], gradients[start:stop])
        np.add.at(expected[1, tree], cells[tree, start:stop], curvatures[start:stop])
    assert (sums == expected).all()


@pytest.mark.parametrize(("axes", "levels"), SHAPES)
@pytest.mark.parametrize("rows", ROWS)
def test_tree_sums_are_the_plain_sums_of_the_values_of_cells(axes: int, levels: int, rows: int) -> None:
    codes, features, cuts, cells, random = drawn(rows, axes, levels, rows + 1)
    values = random.integers(-(1 << 40), 1 << 40, (7, levels**axes))
    start, total = rows // 3, np.arange(rows)
    kernels.tree_sums(codes, start, rows, features, cuts, values, total)
    expected = np.arange(rows)
    expected[start:] += sum(values[tree][cells[tree, start:]] for tree in range(7))
    assert (total == expected).all()
