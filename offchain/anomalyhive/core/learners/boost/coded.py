"""A node's vector of ``boost`` from a coded table: the sums that ``boost.contribute`` states, in compiled loops."""

from __future__ import annotations

import numpy as np

from anomalyhive.core.coded import Coded, frozen, kernels, shared_out
from anomalyhive.core.fixedpoint import exp_tables, softplus_table
from anomalyhive.core.learner import Integers
from anomalyhive.core.learners.boost.params import FULL_SCALE
from anomalyhive.core.learners.boost.propose import SIDES, TreePlan
from anomalyhive.core.learners.boost.scale import PARTS, Scale

CANDIDATES = 256
"""Candidates summed at once: even on a single column their thresholds stay within what 16-bit codes can tell apart."""

SCALE_BITS = FULL_SCALE.bit_length() - 1
"""The full step is 2^SCALE_BITS: a shift floors as the division by it does."""

LATE = 128
"""Trees whose thresholds are known in advance: those of the last rounds, which a node has not yet evaluated."""

LAST = int(np.iinfo(np.int64).max)


def coded_vector(plan: TreePlan, columns: Coded, settled: Integers, pending: Integers, labels: Integers) -> Integers:
    """The vector (P,) of rows with labels (n,) and the logits (n,) of what is settled and of what is pending."""
    _, losses, counts = plan.blocks
    with columns.lent() as packed:
        differences = _row_sums(settled, pending, labels, plan.model.unit_bits, packed)
        summed = [
            columns.cell_sums(plan.features[some], plan.thresholds[some], plan.cells, packed)
            for some in (slice(at, at + CANDIDATES) for at in range(0, plan.features.shape[0], CANDIDATES))
        ]
    vector = np.empty(plan.length, dtype=np.int64)
    vector[:losses] = np.concatenate(summed, axis=1).ravel()
    vector[losses:counts] = differences
    vector[counts:] = coded_part_counts(columns, plan.model.cell_features[plan.cut_cells], plan.cuts).ravel()
    return vector


def coded_part_counts(columns: Coded, features: Integers, cuts: Integers) -> Integers:
    """Rows (R, 17) in each part of the cells, as ``scale.part_counts`` counts them."""
    counted = np.zeros((features.size, PARTS), dtype=np.int64)
    for feature in np.unique(features).tolist():
        at = features == feature
        ends = np.minimum(cuts[at, -1], LAST - 1) + 1  # the last part of all ends at the largest image, which it holds
        below = columns.below(feature, np.column_stack([cuts[at, :-1], ends]))
        below[cuts[at, -1] == LAST, -1] = columns.shape[1]
        counted[at] = np.diff(below, axis=1)
    return counted


def known_borders(plan: TreePlan) -> dict[int, Integers]:
    """Borders by column of all that this plan, and later ones until the scale is refined, ask of the rows."""
    model, scale = plan.model, Scale.of(plan.model)
    of_cut = model.cell_features[plan.cut_cells]
    ends = np.minimum(plan.cuts[:, -1:], LAST - 1) + 1
    cuts = np.concatenate([plan.cuts[:, :-1], ends], axis=1)
    late, thresholds = model.features[-LATE:], model.thresholds[-LATE:]
    return {
        column: np.concatenate(
            [
                scale.edges(column, model.params["bins"]),
                cuts[of_cut == column].ravel(),
                model.additive_borders[model.additive_features == column].ravel(),
                thresholds[late == column].ravel(),
            ]
        )
        for column in range(model.columns)
    }


def _row_sums(settled: Integers, pending: Integers, labels: Integers, bits: int, packed: Integers) -> Integers:
    """Fill packed (n,) with gradient and curvature of each row; the differences of the loss (5,), in 2^-bits."""
    compiled = kernels()
    assert compiled is not None, "only compiled code makes a coded table"
    scales = np.array(SIDES, dtype=np.int64)
    given = [frozen(array) for array in (settled, pending, labels)]
    tables = [frozen(table) for table in (*exp_tables(), softplus_table(), scales)]

    def work(start: int, stop: int) -> Integers:
        found = np.zeros(len(SIDES), dtype=np.int64)
        compiled.row_sums(*given, start, stop, bits, *tables, SCALE_BITS, packed, found)
        return found

    differences: Integers = np.sum(shared_out(labels.size, work), axis=0, dtype=np.int64)
    return differences
