"""Pruned trees against a plain recursive growth on the same sums."""

import numpy as np
import pytest

from anomalyhive.core.draws import Draws
from anomalyhive.core.learners.boost.pruning import pruned_sums, split_sides


def grown(cells, gradients, curvatures, ridge, sides, depth):
    """Leaves (lists of cells) of the greedy tree, written as its definition."""

    def score(some):
        return sum(gradients[c] for c in some) ** 2 // (sum(curvatures[c] for c in some) + ridge)

    if depth == 0:
        return [cells]
    best, halves = score(cells), None
    for side in sides:
        below, above = ([c for c in cells if side[c] == which] for which in (0, 1))
        if score(below) + score(above) > best:
            best, halves = score(below) + score(above), (below, above)
    if halves is None:
        return [cells]
    return [leaf for half in halves for leaf in grown(half, gradients, curvatures, ridge, sides, depth - 1)]


@pytest.mark.parametrize(("axes", "levels", "depth"), [(3, 4, 3), (2, 3, 5), (1, 6, 2), (4, 2, 4)])
def test_pruned_sums_equal_recursive_growth(axes, levels, depth):
    draws, cells = Draws(bytes(32), "pruning"), levels**axes
    gradients = draws.below(2001, 5 * cells).reshape(5, cells) - 1000
    curvatures = draws.below(300, 5 * cells).reshape(5, cells)
    leaves = pruned_sums(gradients, curvatures, 51, (5, axes, levels - 1), depth)
    sides = split_sides(axes, levels).tolist()
    for tree in range(5):
        g, h = gradients[tree].tolist(), curvatures[tree].tolist()
        groups = grown(list(range(cells)), g, h, 51, sides, depth)
        for group in groups:
            assert set(leaves.gradients[tree, group].tolist()) == {sum(g[c] for c in group)}
            assert set(leaves.curvatures[tree, group].tolist()) == {sum(h[c] for c in group)}
        assert leaves.gains[tree] == sum(
            sum(g[c] for c in group) ** 2 // (sum(h[c] for c in group) + 51) for group in groups
        )


def test_pruned_sums_without_gain_keep_one_leaf():
    leaves = pruned_sums(np.full((1, 8), 10), np.full((1, 8), 10), 1, (1, 3, 1), 3)
    assert leaves.gradients.tolist() == [[80] * 8]


def test_split_sides_number_cells_with_the_first_axis_as_highest_digit():
    assert split_sides(2, 2).tolist() == [[0, 0, 1, 1], [0, 1, 0, 1]]
    assert split_sides(1, 3).tolist() == [[0, 1, 1], [0, 0, 1]]
