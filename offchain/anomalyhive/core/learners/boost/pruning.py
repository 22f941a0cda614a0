"""Pruning: a candidate's cells become a small decision tree that is grown greedily on their sums.

The cells hold all that a tree over the candidate's thresholds can need, so growing it costs no further exchange. Every
node splits at the threshold that gains most (ties to the first axis, then the lowest threshold), unless none gains;
after ``depth`` splits its cells share one leaf. Fewer, better chosen leaves vary less than the cells themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anomalyhive.core.learner import Integers


@dataclass(frozen=True, eq=False)
class Leaves:
    """Sums of the leaf that each cell (M, cells) lies in, and the gain (M,) of each tree."""

    gradients: Integers
    curvatures: Integers
    gains: Integers


def pruned_sums(
    gradients: Integers, curvatures: Integers, ridge: int, thresholds: tuple[int, ...], depth: int
) -> Leaves:
    """Grow a tree on the sums (M, cells) of each candidate; ``thresholds`` is the shape (M, axes, levels - 1)."""
    count, cells = gradients.shape
    sides = split_sides(thresholds[1], thresholds[2] + 1)
    nodes = np.zeros((count, cells), dtype=np.int64)
    for level in range(depth):
        nodes = _split_nodes(nodes, 1 << level, gradients, curvatures, ridge, sides)
    leaf_gradients, leaf_curvatures = (_node_sums(nodes, 1 << depth, sums) for sums in (gradients, curvatures))
    gains = (leaf_gradients**2 // (leaf_curvatures + ridge)).sum(axis=1)
    return Leaves(
        gradients=np.take_along_axis(leaf_gradients, nodes, axis=1),
        curvatures=np.take_along_axis(leaf_curvatures, nodes, axis=1),
        gains=gains,
    )


def split_sides(axes: int, levels: int) -> Integers:
    """Which side (splits, cells), 0 below or 1 above, each cell lies on for each threshold of each axis."""
    digits = np.indices((levels,) * axes).reshape(axes, -1)
    return np.array([digits[axis] > cut for axis in range(axes) for cut in range(levels - 1)], dtype=np.int64)


def _node_sums(nodes: Integers, count: int, sums: Integers) -> Integers:
    """Sums (M, count) of cells by node."""
    trees = sums.shape[0]
    found = np.zeros(trees * count, dtype=np.int64)
    np.add.at(found, (nodes + (np.arange(trees) * count)[:, None]).ravel(), sums.ravel())
    return found.reshape(trees, count)


def _split_nodes(
    nodes: Integers, count: int, gradients: Integers, curvatures: Integers, ridge: int, sides: Integers
) -> Integers:
    """Nodes of the next level, numbered 2 * node + side; a node that no split betters keeps its cells together."""
    whole_g, whole_h = (_node_sums(nodes, count, sums) for sums in (gradients, curvatures))
    best = whole_g**2 // (whole_h + ridge)
    chosen = np.full(best.shape, -1, dtype=np.int64)
    for split, side in enumerate(sides):
        above_g, above_h = (_node_sums(nodes, count, sums * side) for sums in (gradients, curvatures))
        below_g, below_h = whole_g - above_g, whole_h - above_h
        gain = above_g**2 // (above_h + ridge) + below_g**2 // (below_h + ridge)
        chosen = np.where(gain > best, split, chosen)
        best = np.maximum(gain, best)
    split_of = np.take_along_axis(chosen, nodes, axis=1)
    side_of = sides[np.maximum(split_of, 0), np.arange(sides.shape[1])[None, :]]
    return 2 * nodes + np.where(split_of >= 0, side_of, 0)
