"""What a round of ``boost`` sums: counts on the grid at first, then cells of randomly drawn candidate trees.

Features are drawn partly evenly, partly in proportion to the gain that they earned. A threshold is one of the feature's
quantile edges, drawn with a weight of 0.4 evenly, 0.3 by the curvature of the rows around it (that is where the model
is undecided) and 0.3 by the gain that cutting all rows there would have had. The last two follow, by
interpolation, from the sums below the last round's thresholds, so they cost no coordinate.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from anomalyhive.core.draws import Draws
from anomalyhive.core.grid import CELLS
from anomalyhive.core.learner import Integers, Plan
from anomalyhive.core.learners.boost.model import Model
from anomalyhive.core.learners.boost.params import FULL_SCALE, PER_MILLE, SCALES
from anomalyhive.core.learners.boost.scale import PARTS, Scale, crowded_cells, cut_borders

NEVER = int(np.iinfo(np.int64).max)
"""A threshold that no row reaches, for a feature that cannot be cut."""

SHARES = (4, 3, 3)
"""Weights of even, curvature and gain in the draw of a threshold, in tenths."""

WEIGHT_BITS = 38
"""Weights are held below 2^38, so that their products with 2^24 fit int64."""

DRAW = 1 << 24
"""Weights of a feature's thresholds are cut to this total: the resolution of a draw."""

SIDES = tuple(scale for scale in SCALES if scale != FULL_SCALE)
"""Multiples of the pending step whose loss is compared with that of the full step."""


@dataclass(frozen=True, eq=False)
class CountPlan(Plan):
    """The first round: rows by label, feature and cell of the grid, (2, F, C) flattened."""

    columns: int


@dataclass(frozen=True, eq=False)
class TreePlan(Plan):
    """A later round. Coordinates, one block after the other:

    gradients (M, cells), curvatures (M, cells), differences of the loss (5,), counts of cut cells (R, 17).

    features (M, axes) and thresholds (M, axes, levels - 1) are the candidates; cut_cells (R,) and cuts (R, 18) the
    cells of the scale to be counted again.
    """

    model: Model
    features: Integers
    thresholds: Integers
    cut_cells: Integers
    cuts: Integers

    @property
    def cells(self) -> int:
        """Cells of a candidate."""
        return int(self.model.values.shape[1])

    @property
    def blocks(self) -> tuple[int, int, int]:
        """Where the curvatures, the differences of the loss and the counts start."""
        size = self.features.shape[0] * self.cells
        return size, 2 * size, 2 * size + len(SIDES)


def propose(model: Model, seed: bytes) -> Plan:
    """The plan of the next round."""
    if model.rounds == 0:
        return CountPlan(length=2 * model.columns * CELLS, columns=model.columns)
    scale = Scale.of(model)
    edges = [scale.edges(feature, model.params["bins"]) for feature in range(model.columns)]
    features = _drawn_features(model, edges, seed)
    thresholds = _drawn_thresholds(model, scale, edges, features, seed)
    cells = crowded_cells(scale, model.params["bins"], model.params["refined"])
    length = 2 * features.shape[0] * int(model.values.shape[1]) + len(SIDES) + cells.size * PARTS
    return TreePlan(length, model, features, thresholds, cells, cut_borders(scale, cells))


def capped(weights: Integers) -> Integers:
    """Weights >= 0 shifted down alike until the largest is below 2^38."""
    excess = int(weights.max(initial=0)).bit_length() - WEIGHT_BITS
    return weights >> max(0, excess)


def _drawn_features(model: Model, edges: list[Integers], seed: bytes) -> Integers:
    """Features (M, axes) of the candidates; only those that can be cut, if there are any."""
    count, axes = model.params["candidates"], model.params["axes"]
    usable = np.array([found.size > 0 for found in edges], dtype=np.int64)
    if not usable.any():
        return np.zeros((count, axes), dtype=np.int64)
    earned = capped(model.earned * usable)
    # 2^20 is far above the number of columns, so that the floors below lose nothing that matters.
    even = (model.params["uniform"] << 20) // int(usable.sum()) * usable
    by_gain = ((PER_MILLE - model.params["uniform"]) * earned) // max(1, int(earned.sum()) >> 20)
    return Draws(seed, "boost features").weighted(even + by_gain, count * axes).reshape(count, axes)


def _drawn_thresholds(model: Model, scale: Scale, edges: list[Integers], features: Integers, seed: bytes) -> Integers:
    """Ascending thresholds (M, axes, levels - 1)."""
    shape = (*features.shape, model.params["levels"] - 1)
    drawn = Draws(seed, "boost thresholds").below(DRAW, features.size * shape[2]).reshape(shape)
    thresholds = np.full(shape, NEVER, dtype=np.int64)
    for feature in np.unique(features).tolist():
        if edges[feature].size:
            chances = np.cumsum(_edge_weights(model, scale, feature, edges[feature]))
            ends = capped(chances) * DRAW // int(capped(chances)[-1])
            at = features == feature
            thresholds[at] = edges[feature][np.searchsorted(ends, drawn[at], side="right")]
    return np.sort(thresholds, axis=2)


def _edge_weights(model: Model, scale: Scale, feature: int, edges: Integers) -> Integers:
    """Weights (e,) of a feature's edges."""
    even = np.ones(edges.size, dtype=np.int64)
    of_feature = model.point_features == feature
    if not of_feature.any():
        return even
    borders, counts = scale.column(feature)
    places = _rows_below(borders, counts, edges)
    points, first = np.unique(model.point_borders[of_feature], return_index=True)
    known = np.concatenate([[0], _rows_below(borders, counts, points), [counts.sum()]])

    def below(sums: Integers, whole: int) -> Integers:
        return _interpolated(places, known, np.concatenate([[0], sums[of_feature][first], [whole]]))

    curvature = below(model.point_curvatures, model.curvature)
    around = np.diff(np.concatenate([[0], curvature, [model.curvature]]))
    gain = _stump_gains(model, below(model.point_gradients, model.gradient), curvature)
    kinds = (even, around[:-1] + around[1:], gain)
    weighed = [share * _normalised(weights) for share, weights in zip(SHARES, kinds, strict=True)]
    return weighed[0] + weighed[1] + weighed[2]


def _rows_below(borders: Integers, counts: Integers, edges: Integers) -> Integers:
    """Rows below each edge (e,); an edge within a cell counts as that cell's lower border."""
    running = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
    below: Integers = running[np.searchsorted(borders, edges, side="right") - 1]
    return below


def _interpolated(places: Integers, known: Integers, sums: Integers) -> Integers:
    """Sums at places (e,), linear between known places (q,), ascending from 0; floor division."""
    right = np.clip(np.searchsorted(known, places, side="left"), 1, known.size - 1)
    left = right - 1
    width = np.maximum(known[right] - known[left], 1)
    # Halved until the product below fits int64; coarse far beyond any number of rows that matters for a draw.
    shift = max(0, int(np.abs(sums).max()).bit_length() + int(known[-1]).bit_length() - 61)
    rise = ((sums[right] - sums[left]) >> shift) * (places - known[left]) // width
    found: Integers = sums[left] + (rise << shift)
    return found


def _stump_gains(model: Model, gradient: Integers, curvature: Integers) -> Integers:
    """What cutting all rows at each edge gains, from the sums (e,) below it; >= 0."""
    excess = max(abs(model.gradient), int(np.abs(gradient).max())).bit_length() - 30
    shift = max(0, excess)
    ridge = max(model.ridge >> shift, 1)
    below, whole = gradient >> shift, model.gradient >> shift
    above = whole - below
    curved = np.maximum(curvature >> shift, 0) + ridge
    rest = np.maximum(model.curvature - curvature >> shift, 0) + ridge
    parent = whole * whole // ((model.curvature >> shift) + ridge)
    gains: Integers = np.maximum(below * below // curved + above * above // rest - parent, 0)
    return gains


def _normalised(weights: Integers) -> Integers:
    """Weights scaled to a sum of about 2^24, negative ones to 0 (zeros if none is above 0)."""
    held = capped(np.maximum(weights, 0))
    normal: Integers = held * DRAW // max(1, int(held.sum()))
    return normal
