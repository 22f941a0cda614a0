"""The line search along the pending step."""

from dataclasses import replace

import numpy as np
import pytest

from anomalyhive.core.learners import get_learner
from anomalyhive.core.learners.boost.guard import best_scale, settle
from anomalyhive.core.learners.boost.model import read_model
from anomalyhive.core.learners.boost.params import PER_MILLE
from anomalyhive.core.learners.boost.propose import SIDES
from core.samples import PARAMS, sample, seed_of

BOOST = get_learner("boost")


def pending_model():
    state, rows = BOOST.initial(5, PARAMS["boost"]), sample(200, 5, 1)
    for index in range(3):
        plan = BOOST.propose(state, seed_of(index))
        state = BOOST.absorb(state, plan, BOOST.contribute(plan, rows))
    return read_model(state)


def differences(**by_scale):
    return np.array([by_scale.get(f"at{scale}", 9) for scale in SIDES])


def test_sides_are_all_quarters_but_the_full_step():
    assert SIDES == (0, 1, 2, 3, 5)


@pytest.mark.parametrize(
    ("losses", "wanted"),
    [
        ({}, 4),
        ({"at3": -1}, 3),
        ({"at0": -5, "at1": -4}, 0),
        ({"at5": -1}, 5),
        ({"at3": 0, "at5": 0}, 4),
        ({"at3": -2, "at5": -2}, 3),
    ],
)
def test_best_scale_is_of_least_loss_and_nearest_the_full_step(losses, wanted):
    assert best_scale(differences(**losses)) == wanted


def test_settle_at_the_full_step_keeps_values_and_recovers_damping():
    model = replace(pending_model(), damping=800)
    settled, keep = settle(model, differences())
    assert keep
    assert np.array_equal(settled.values, model.values)
    assert (settled.pending, settled.damping) == (0, 800 * 1075 // 1024)


def test_settle_at_a_part_scales_pending_trees_alone():
    model = pending_model()
    assert 0 < model.pending < model.features.shape[0]
    settled, keep = settle(model, differences(at3=-1))
    assert keep
    assert np.array_equal(settled.values[: model.settled], model.values[: model.settled])
    assert np.array_equal(settled.values[model.settled :], model.values[model.settled :] * 3 // 4)
    assert settled.damping == PER_MILLE * 768 // 1024


def test_settle_of_an_undone_step_takes_its_trees_out():
    model = pending_model()
    settled, keep = settle(model, differences(at0=-1))
    assert not keep
    assert settled.features.shape[0] == settled.values.shape[0] == settled.thresholds.shape[0] == model.settled
    assert settled.damping == PER_MILLE * 717 // 1024


def test_settle_drops_candidates_from_half_a_step_down():
    model = pending_model()
    assert [settle(model, differences(**{f"at{scale}": -1}))[1] for scale in (0, 1, 2, 3, 5)] == [
        False, False, False, True, True,
    ]  # fmt: skip


def test_settle_scales_the_additive_tables_of_the_first_round():
    state = BOOST.initial(5, PARAMS["boost"])
    plan = BOOST.propose(state, seed_of(0))
    model = read_model(BOOST.absorb(state, plan, BOOST.contribute(plan, sample(200, 5, 1))))
    assert model.pending_additive == 1
    assert np.abs(model.additive_values).max() > 0
    settled, _ = settle(model, differences(at2=-1))
    assert settled.pending_additive == 0
    assert np.array_equal(settled.additive_values, model.additive_values * 2 // 4)
