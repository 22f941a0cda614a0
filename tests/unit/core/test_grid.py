"""The public grid and counts on it."""

import numpy as np

from anomalyhive.core.features import to_image
from anomalyhive.core.grid import CELLS, GRID, label_counts


def cell_of(value):
    return int(np.searchsorted(GRID, to_image(np.array([value])), side="right")[0]) - 1


def test_grid_ascends_from_the_smallest_image():
    assert GRID[0] == np.iinfo(np.int64).min
    assert (GRID[1:] > GRID[:-1]).all()


def test_zero_has_a_cell_of_its_own():
    assert cell_of(-5e-324) < cell_of(0.0) < cell_of(5e-324)


def test_fine_cells_cut_a_doubling_in_eight_from_their_lower_border():
    values = [64 * (1 + part / 8) for part in range(9)]
    assert np.diff([cell_of(value) for value in values]).tolist() == [1] * 8
    assert cell_of(np.nextafter(72.0, 0)) == cell_of(64.0) == cell_of(72.0) - 1


def test_negative_values_are_cut_every_four_doublings():
    assert cell_of(np.nextafter(-16.0, 0)) == cell_of(-1.0 - 1e-9) == cell_of(-2.0)
    assert cell_of(-16.0) == cell_of(-255.0) == cell_of(-2.0) - 1


def test_label_counts_counts_every_row_once_in_each_feature():
    features = to_image(np.array([[0.0, 5.0], [3.0, 5.0], [-1.0, 1e300]]))
    counts = label_counts(features, np.array([0, 1, 1]))
    assert counts.shape == (2, 2, CELLS)
    assert counts.sum(axis=2).tolist() == [[1, 1], [2, 2]]
    assert counts[1, 1, cell_of(5.0)] == counts[0, 1, cell_of(5.0)] == counts[1, 1, CELLS - 1] == 1
