"""The scale: counts by cell, and cells cut finer where rows crowd."""

import numpy as np

from anomalyhive.core.features import to_image
from anomalyhive.core.grid import LOWEST, label_counts
from anomalyhive.core.learners.boost.scale import (
    PARTS,
    Scale,
    crowded_cells,
    cut_borders,
    grid_scale,
    part_counts,
    refined,
)


def scale_of(values):
    images = to_image(np.array(values, dtype=np.float64))[:, None]
    return grid_scale(label_counts(images, np.zeros(len(images), dtype=np.int64)).sum(axis=0)), images


def rounds_of_refinement(scale, images, rounds, bins=16):
    for _ in range(rounds):
        cells = crowded_cells(scale, bins, 8)
        cuts = cut_borders(scale, cells)
        scale = refined(scale, cells, cuts, part_counts(np.ascontiguousarray(images.T), scale.features[cells], cuts))
    return scale


def test_grid_scale_keeps_full_cells_and_joins_empty_ones():
    scale, _ = scale_of([0.0, 0.0, 3.0, 1000.0])
    assert scale.counts.sum() == 4
    assert scale.borders[0] == LOWEST
    assert scale.counts.size <= 2 * 3 + 1
    assert (np.diff(scale.borders.astype(object)) > 0).all()


def test_refinement_resolves_timestamps_that_share_one_cell():
    values = 1_500_000_000 + np.arange(400) * 86_400.0
    scale, images = scale_of(values)
    assert scale.edges(0, 16).size <= 1
    edges = rounds_of_refinement(scale, images, 4).edges(0, 16)
    shares = np.diff(np.searchsorted(np.sort(images[:, 0]), edges))
    assert edges.size >= 7
    assert shares.max() <= 2 * 400 // 16  # a cell is crowded beyond two bins


def test_refinement_singles_out_a_whole_number_and_leaves_it():
    scale, images = scale_of([9.0] * 50 + [9.3, 9.7, 20.0])
    fine = rounds_of_refinement(scale, images, 3)
    nine = int(to_image(np.array([9.0]))[0])
    at = int(np.searchsorted(fine.borders, nine))
    assert (fine.borders[at], fine.borders[at + 1], fine.counts[at]) == (nine, nine + 1, 50)
    assert at not in crowded_cells(fine, 16, 8)


def test_refinement_keeps_every_row():
    scale, images = scale_of(np.concatenate([np.linspace(-5, 5, 90), [1e300, -1e300, 0.0]]))
    assert rounds_of_refinement(scale, images, 5).counts.sum() == 93


def test_crowded_cells_take_the_fullest_and_the_first_of_ties():
    scale = Scale(np.zeros(4, dtype=np.int64), np.array([LOWEST, 0, 1000, 2000]), np.array([5, 9, 5, 5]))
    assert crowded_cells(scale, 1000, 3).tolist() == [0, 1, 2]
    assert crowded_cells(scale, 1000, 0).tolist() == []
    assert crowded_cells(scale, 2, 4).tolist() == []


def test_crowded_cells_leave_out_those_too_narrow_to_cut():
    borders = np.array([LOWEST, 0, PARTS - 1, 2 * PARTS])
    scale = Scale(np.zeros(4, dtype=np.int64), borders, np.array([0, 9, 9, 0]))
    assert crowded_cells(scale, 1000, 4).tolist() == [2]


def test_cut_borders_of_the_outermost_cells_ascend_without_overflow():
    scale = Scale(np.zeros(2, dtype=np.int64), np.array([LOWEST, 5]), np.array([1, 1]))
    cuts = cut_borders(scale, np.array([0, 1]))
    assert (np.diff(cuts.astype(object), axis=1) > 0).all()
    assert cuts[:, 0].tolist() == [LOWEST, 5]
    assert cuts[:, -1].tolist() == [4, np.iinfo(np.int64).max]
