"""A node's vector of ``boost``: sums of integers over its rows.

With p the model's probability and y the label, a row has the gradient g = p - y and the curvature h = p(1 - p) of the
logistic loss, both rounded to the model's unit. Each candidate sums them by cell. This module says it with plain NumPy,
which also serves small tables; ``boost.coded`` gives the same bits in compiled code.
"""

from __future__ import annotations

import numpy as np

from anomalyhive.core.coded import Coded
from anomalyhive.core.fixedpoint import ONE, sigmoid, softplus
from anomalyhive.core.grid import label_counts
from anomalyhive.core.learner import Integers, Plan, Rows, checked_features
from anomalyhive.core.learners.boost.coded import coded_vector, known_borders
from anomalyhive.core.learners.boost.params import FULL_SCALE
from anomalyhive.core.learners.boost.predict import remembered_columns, remembered_logits, tree_cells
from anomalyhive.core.learners.boost.propose import SIDES, CountPlan, TreePlan
from anomalyhive.core.learners.boost.scale import part_counts

BLOCK = 1 << 13
"""Rows worked on at once: bounds the memory, and keeps both halves of a packed sum within int64."""

CURVATURE_BITS = 32
"""The gradient stands above these bits of a packed sum; a block's curvatures sum to less than 2^28."""


def contribute(plan: Plan, rows: Rows) -> Integers:
    """The vector (P,) of a plan of this learner."""
    if isinstance(plan, CountPlan):
        checked_features(rows.features, plan.columns)
        return label_counts(rows.features, rows.labels).reshape(plan.length)
    assert isinstance(plan, TreePlan)
    checked_features(rows.features, plan.model.columns)
    columns = remembered_columns(rows)
    if isinstance(columns, Coded):
        columns.expect(known_borders(plan))
    with remembered_logits(plan.model, rows) as (columns, settled, pending):
        if isinstance(columns, Coded):
            return coded_vector(plan, columns, settled, pending, rows.labels)
        return _plain_vector(plan, columns, settled, pending, rows.labels)


def _plain_vector(
    plan: TreePlan, columns: Integers, settled: Integers, pending: Integers, labels: Integers
) -> Integers:
    """The vector (P,) of rows with labels (n,) and the logits (n,) of what is settled and of what is pending."""
    gradients, curvatures = derivatives(settled + pending, labels, plan.model.unit_bits)
    vector = np.zeros(plan.length, dtype=np.int64)
    curved, losses, counts = plan.blocks
    summed = _cell_sums(plan, columns, gradients, curvatures)
    vector[:curved], vector[curved:losses] = summed[0], summed[1]
    vector[losses:counts] = loss_differences(settled, pending, labels, plan.model.unit_bits)
    vector[counts:] = part_counts(columns, plan.model.cell_features[plan.cut_cells], plan.cuts).ravel()
    return vector


def derivatives(logits: Integers, labels: Integers, bits: int) -> tuple[Integers, Integers]:
    """Gradient -1 .. 1 and curvature 0 .. 1/4 of each row (n,), in 2^-bits, rounded to nearest."""
    p = sigmoid(logits, 16)
    gradients = (p + ((1 << 16 - bits) >> 1) >> 16 - bits) - (labels << bits)
    curvatures = p * (ONE - p) + (1 << 31 - bits) >> 32 - bits
    return gradients, curvatures


def loss_differences(settled: Integers, pending: Integers, labels: Integers, bits: int) -> Integers:
    """What the loss is higher at each of SIDES than at the full pending step, in 2^-bits, summed over rows."""
    signs = 1 - 2 * labels
    full = softplus(signs * (settled + pending)) >> 16 - bits
    found = np.zeros(len(SIDES), dtype=np.int64)
    for index, scale in enumerate(SIDES):
        loss = softplus(signs * (settled + pending * scale // FULL_SCALE)) >> 16 - bits
        found[index] = (loss - full).sum()
    return found


def _cell_sums(plan: TreePlan, columns: Integers, gradients: Integers, curvatures: Integers) -> Integers:
    """Sums (2, M * cells) of gradient and curvature by cell of each candidate; columns are (F, n)."""
    packed = (gradients << CURVATURE_BITS) + curvatures
    candidates = plan.features.shape[0]
    summed = np.zeros((2, candidates * plan.cells), dtype=np.int64)
    for start in range(0, packed.size, BLOCK):
        stop = min(start + BLOCK, packed.size)
        cells = tree_cells(columns[:, start:stop], plan.features, plan.thresholds)
        cells += (np.arange(candidates) * plan.cells)[:, None]
        block = np.zeros(summed.shape[1], dtype=np.int64)
        np.add.at(block, cells.ravel(), np.tile(packed[start:stop], candidates))
        high = block >> CURVATURE_BITS
        summed[0] += high
        summed[1] += block - (high << CURVATURE_BITS)
    return summed
