"""The next model of ``boost`` from the sum over all nodes.

First round: the prior and additive tables of the features that gain most. Later rounds: the line search settles the
pending step, then the best candidates, pruned, become the next pending trees.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from anomalyhive.core.fixedpoint import ONE, logit_of
from anomalyhive.core.grid import CELLS, GRID
from anomalyhive.core.learner import Integers, Plan
from anomalyhive.core.learners.boost.guard import settle
from anomalyhive.core.learners.boost.model import MOST_VALUE, Model
from anomalyhive.core.learners.boost.params import COARSEST_BITS, FINEST_BITS, PER_MILLE
from anomalyhive.core.learners.boost.propose import CountPlan, TreePlan
from anomalyhive.core.learners.boost.pruning import pruned_sums
from anomalyhive.core.learners.boost.scale import PARTS, Scale, grid_scale, refined

SUM_BITS = 25
"""Sums are shifted below 2^25 before they are squared: 4096 of the squares still add up within int64."""

MOST_EARNED = 1 << 61
"""Earned gain stops growing here."""


def absorb(model: Model, plan: Plan, total: Integers) -> Model:
    """The next model; ``total`` is (P,) of a plan of this learner."""
    if isinstance(plan, CountPlan):
        return _absorb_counts(model, total.reshape(2, plan.columns, CELLS))
    assert isinstance(plan, TreePlan)
    curved, losses, counts = plan.blocks
    settled, keep = settle(model, total[losses:counts])
    shape = (plan.features.shape[0], plan.cells)
    gradients, curvatures = total[:curved].reshape(shape), np.maximum(total[curved:losses], 0).reshape(shape)
    parts = np.maximum(total[counts:], 0).reshape(-1, PARTS)
    scale = refined(Scale.of(model), plan.cut_cells, plan.cuts, parts)
    learned = _with_points(settled, plan, gradients, curvatures)
    learned = _with_trees(learned, plan, gradients, curvatures, keep)
    return replace(
        learned,
        rounds=model.rounds + 1,
        cell_features=scale.features,
        cell_borders=scale.borders,
        cell_counts=scale.counts,
    )


def leaf_values(gradients: Integers, curvatures: Integers, ridge: int, step: int) -> Integers:
    """-step * G / (H + ridge), floored, within +-16; any shape, step and values in 1/65536."""
    limit = MOST_VALUE
    excess = max(0, int(np.abs(gradients).max(initial=0)).bit_length() - 40)
    below = np.maximum((curvatures + ridge) >> excess, 1)
    values: Integers = np.clip(-((gradients >> excess) * step) // below, -limit, limit)
    return values


def unit_bits(positive: int, rows: int) -> int:
    """Unit bits at which the gradients of the more frequent label are resolved as finely as at even labels in 1/256."""
    rare = max(1, min(positive, rows - positive))
    return min(FINEST_BITS, COARSEST_BITS + max(0, (rows // (4 * rare)).bit_length() - 1))


def _absorb_counts(model: Model, counts: Integers) -> Model:
    """The model after the first round, of counts (2, F, C) by label."""
    counts = np.maximum(counts, 0)
    rows, positive = int(counts[:, 0].sum()), int(counts[1, 0].sum())
    scale = grid_scale(counts.sum(axis=0))
    bits = unit_bits(positive, rows)
    ridge = 1 << bits  # a whole row at p = 1/2 counts 1/4: many bins hold few rows
    borders, gradients, curvatures = _bin_sums(model, scale, counts, bits)
    gains = _gains(gradients, curvatures, ridge)
    best = np.argsort(-gains, kind="stable")[: model.params["additive"]]
    best = best[gains[best] > 0]
    step = model.params["reach"] * ONE // (PER_MILLE * max(1, best.size))
    return replace(
        model,
        rounds=1,
        prior=logit_of(positive, rows),
        unit_bits=bits,
        pending_additive=1,
        additive_features=best.astype(np.int64),
        additive_borders=borders[best],
        additive_values=leaf_values(gradients[best], curvatures[best], ridge, step),
        cell_features=scale.features,
        cell_borders=scale.borders,
        cell_counts=scale.counts,
    )


def _bin_sums(model: Model, scale: Scale, counts: Integers, unit_bits: int) -> tuple[Integers, Integers, Integers]:
    """Borders (F, B - 1), gradients and curvatures (F, B) of quantile bins where every p is the share of label 1."""
    bins = model.params["bins"]
    borders = np.full((model.columns, bins - 1), np.iinfo(np.int64).max, dtype=np.int64)
    held = np.zeros((2, model.columns, bins), dtype=np.int64)
    for feature in range(model.columns):
        edges = scale.edges(feature, bins)
        borders[feature, : edges.size] = edges
        of_cell = np.searchsorted(edges, GRID, side="right")
        for label in (0, 1):
            np.add.at(held[label, feature], of_cell, counts[label, feature])
    inside = held.sum(axis=0)
    p = (int(counts[1, 0].sum()) << 24) // max(1, int(counts[:, 0].sum()))  # in 2^-24
    gradients = (inside * p >> 24 - unit_bits) - (held[1] << unit_bits)
    curvatures = inside * (p * ((1 << 24) - p) >> 24) >> 24 - unit_bits
    return borders, gradients, curvatures


def _gains(gradients: Integers, curvatures: Integers, ridge: int) -> Integers:
    """Sum over leaves (.., leaves) of G^2 / (H + ridge), floored, of sums shifted below 2^27."""
    shift = max(0, int(np.abs(gradients).max(initial=0)).bit_length() - SUM_BITS)
    squares = (gradients >> shift) ** 2
    gains: Integers = (squares // np.maximum((curvatures + ridge) >> shift, 1)).sum(axis=-1)
    return gains


def _with_points(model: Model, plan: TreePlan, gradients: Integers, curvatures: Integers) -> Model:
    """The model with the sums below each threshold of the candidates, which weigh the next draw."""
    count, axes = plan.features.shape
    levels = plan.thresholds.shape[2] + 1
    shape = (count,) + (levels,) * axes
    below: list[list[Integers]] = [[], []]
    for axis in range(axes):
        others = tuple(other for other in range(1, axes + 1) if other != axis + 1)
        for sums, found in zip((gradients, curvatures), below, strict=True):
            found.append(np.cumsum(sums.reshape(shape).sum(axis=others), axis=1)[:, :-1])
    stacked = [np.stack(found, axis=1).ravel() for found in below]
    features = np.repeat(plan.features.ravel(), levels - 1)
    borders = plan.thresholds.ravel()
    order = np.lexsort((borders, features))
    first = np.append(True, (np.diff(features[order]) != 0) | (np.diff(borders[order]) != 0))
    chosen = order[first]
    return replace(
        model,
        gradient=int(gradients[0].sum()),
        curvature=int(curvatures[0].sum()),
        point_features=features[chosen],
        point_borders=borders[chosen],
        point_gradients=stacked[0][chosen],
        point_curvatures=stacked[1][chosen],
    )


def _with_trees(model: Model, plan: TreePlan, gradients: Integers, curvatures: Integers, keep: bool) -> Model:
    """The model with what the features earned and, if the gradients are worth it, the next pending trees."""
    ridge = model.ridge
    earned = np.clip(model.earned + _usefulness(plan, gradients, curvatures, ridge), 0, MOST_EARNED)
    if not keep:
        return replace(model, earned=earned, pending=0)
    shift = max(0, int(np.abs(gradients).max(initial=0)).bit_length() - SUM_BITS)
    leaves = pruned_sums(
        gradients >> shift,
        curvatures >> shift,
        max(ridge >> shift, 1),
        plan.thresholds.shape,
        model.params["depth"],
    )
    best = np.argsort(-leaves.gains, kind="stable")[: model.params["kept"]]
    step = model.params["reach"] * model.damping * ONE // (PER_MILLE * PER_MILLE * best.size)
    values = leaf_values(leaves.gradients[best], leaves.curvatures[best], max(ridge >> shift, 1), step)
    return replace(
        model,
        earned=earned,
        pending=int(best.size),
        features=np.concatenate([model.features, plan.features[best]]),
        thresholds=np.concatenate([model.thresholds, plan.thresholds[best]]),
        values=np.concatenate([model.values, values]),
    )


def _usefulness(plan: TreePlan, gradients: Integers, curvatures: Integers, ridge: int) -> Integers:
    """What each feature (F,) adds to the candidates that use it: their gain less that without the feature's axis."""
    count, axes = plan.features.shape
    shape = (count,) + (plan.thresholds.shape[2] + 1,) * axes
    whole = _gains(gradients, curvatures, ridge)
    useful = np.zeros(plan.model.columns, dtype=np.int64)
    for axis in range(axes):
        merged = [sums.reshape(shape).sum(axis=axis + 1).reshape(count, -1) for sums in (gradients, curvatures)]
        without = _gains(merged[0], merged[1], ridge)
        np.add.at(useful, plan.features[:, axis], np.maximum(whole - without, 0))
    return useful
