"""How a vector bears to the lines of honest and of turned labels."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from anomalyhive.core.features import to_image
from anomalyhive.core.learner import Integers, Plan, Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.roles.likeness import LEAST_ROWS, Bearing, Likeness, likeness

LEARNER = get_learner("boost")
STATE = LEARNER.initial(3, {})
PLAN = LEARNER.propose(STATE, bytes(32))


def rows(count: int, seed: int) -> Rows:
    """Rows of three features, two of which tell the label."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(count) < 0.4).astype(np.int64)
    told = rng.normal(labels[:, None] * np.array([1.5, -1.0, 0.0]), 1.0, (count, 3))
    return Rows(to_image(told), labels)


def known(own: Rows, plan: Plan = PLAN) -> Likeness:
    found = likeness(LEARNER, plan, own)
    assert found is not None
    return found


def bearing_of(held: Likeness, vector: Integers, count: int) -> Bearing:
    found = held.bearing(vector, count)
    assert found is not None
    return found


OWN = rows(400, 1)


def test_lean_of_turned_labels_is_the_negative_of_that_of_honest_ones() -> None:
    # Turning labels exchanges both lines in the first round, where nothing but counts by label is summed.
    other = rows(300, 2)
    honest = bearing_of(known(OWN), LEARNER.contribute(PLAN, other), 300)
    turned = bearing_of(known(OWN), LEARNER.contribute(PLAN, Rows(other.features, 1 - other.labels)), 300)
    assert honest.lean == -turned.lean
    assert honest.stray == turned.stray
    assert honest.lean < Fraction(-3, 4)


@pytest.mark.parametrize("share", [0, 20, 50, 80, 100])
def test_lean_of_any_mixture_of_classes_is_honest(share: int) -> None:
    source = rows(3_000, 3)
    chosen = np.concatenate(
        [np.flatnonzero(source.labels == 1)[: 3 * share], np.flatnonzero(source.labels == 0)[: 3 * (100 - share)]]
    )
    mixed = Rows(source.features[chosen], source.labels[chosen])
    assert bearing_of(known(OWN), LEARNER.contribute(PLAN, mixed), 300).lean < Fraction(-1, 2)


def test_stray_of_own_rows_is_nearly_nothing_and_of_other_integers_large() -> None:
    held = known(OWN)
    assert bearing_of(held, LEARNER.contribute(PLAN, OWN), 400).stray < 1
    shuffled = np.random.default_rng(4).permutation(LEARNER.contribute(PLAN, OWN))
    assert bearing_of(held, shuffled, 400).stray > 50


def test_bearing_of_the_largest_integers_overflows_nothing() -> None:
    vector = np.full(PLAN.length, np.iinfo(np.int64).max)
    assert bearing_of(known(OWN), vector, 1).stray > 1 << 60


def test_bearing_does_not_depend_on_the_order_of_a_nodes_rows() -> None:
    other = rows(300, 2)
    backwards = Rows(other.features[::-1], other.labels[::-1])
    held = known(OWN)
    one, two = (held.bearing(LEARNER.contribute(PLAN, each), 300) for each in (other, backwards))
    assert one == two


@pytest.mark.parametrize(("of_each", "judges"), [(LEAST_ROWS - 1, False), (LEAST_ROWS, True)])
def test_likeness_needs_rows_of_each_class(of_each: int, judges: bool) -> None:
    few = np.concatenate([np.flatnonzero(OWN.labels == 1)[:of_each], np.flatnonzero(OWN.labels == 0)])
    assert (likeness(LEARNER, PLAN, Rows(OWN.features[few], OWN.labels[few])) is not None) is judges


def test_bearing_where_labels_tell_nothing_of_the_features_is_none() -> None:
    rng = np.random.default_rng(5)
    chance = Rows(OWN.features, rng.integers(0, 2, len(OWN)))
    assert known(chance).bearing(LEARNER.contribute(PLAN, rows(300, 2)), 300) is None
