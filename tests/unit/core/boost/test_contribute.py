"""A node's vector against sums written row by row."""

import numpy as np

from anomalyhive.core.fixedpoint import sigmoid
from anomalyhive.core.learner import Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.core.learners.boost.contribute import BLOCK, derivatives
from core.samples import PARAMS, run, sample, seed_of

BOOST = get_learner("boost")


def test_vector_equals_sums_row_by_row():
    rows = sample(60, 5, 2)
    state = run(BOOST, [rows], 4, 2, PARAMS["boost"])[-1].state
    plan = BOOST.propose(state, seed_of(7))
    z, unit = BOOST.logits(state, rows.features), 1 << state["unit_bits"]
    count, cells = plan.features.shape[0], plan.cells
    wanted = np.zeros((2, count, cells), dtype=np.int64)
    for row in range(60):
        p = int(sigmoid(z[row : row + 1], 16)[0])
        g = (p * unit + (1 << 15)) // 65536 - int(rows.labels[row]) * unit
        h = (p * (65536 - p) * unit + (1 << 31)) // (1 << 32)
        for tree in range(count):
            cell = 0
            for axis in range(plan.features.shape[1]):
                value = rows.features[row, plan.features[tree, axis]]
                cell = cell * 4 + sum(int(value) >= int(cut) for cut in plan.thresholds[tree, axis])
            wanted[0, tree, cell] += g
            wanted[1, tree, cell] += h
    assert np.array_equal(BOOST.contribute(plan, rows)[: 2 * count * cells], wanted.ravel())


def test_more_rows_than_a_block_sum_as_their_parts_do():
    rows = sample(300, 5, 2)
    state = run(BOOST, [rows], 3, 2, PARAMS["boost"])[-1].state
    times = 2 * BLOCK // 300 + 1
    many = Rows(np.tile(rows.features, (times, 1)), np.tile(rows.labels, times))
    plan = BOOST.propose(state, seed_of(8))
    assert np.array_equal(BOOST.contribute(plan, many), BOOST.contribute(plan, rows) * times)


def test_derivatives_are_rounded_to_nearest_at_every_unit():
    logits, labels = np.array([0, 0, 24 << 16, -(24 << 16)]), np.array([0, 1, 0, 1])
    for bits in (8, 12, 16):
        g, h = derivatives(logits, labels, bits)
        assert g.tolist() == [1 << bits - 1, -(1 << bits - 1), 1 << bits, -(1 << bits)]
        assert h.tolist() == [1 << bits - 2, 1 << bits - 2, 0, 0]
