"""Which updates are rejected in private mode: the rules alone, on numbers and on small tables."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.core.features import to_image
from anomalyhive.core.learner import Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.roles.likeness import LEAST_ROWS, Bearing
from anomalyhive.roles.private_check import (
    LEAST_HARM,
    STRAY,
    STRAY_ROWS,
    TURNED_ROWS,
    Rejection,
    eliminate,
    levelled_loss,
    misfit,
    suspects,
)

BASE = 10 * LEAST_HARM
NO_STRAY = Fraction(0)


def additive(costs: dict[int, int], start: int) -> Callable[[frozenset[int]], int]:
    """A loss to which every update adds its cost."""
    return lambda shards: start + sum(costs[shard] for shard in shards)


# Harm


def test_eliminate_of_an_honest_round_takes_nothing_away() -> None:
    # One skewed update costs a fifth of the loss: more than a threshold at zero would forgive.
    assert eliminate(additive({0: -50_000, 1: -80_000, 2: BASE // 4}, BASE), [0, 1, 2]) == []


def test_eliminate_of_harmful_updates_takes_all_of_them_away_costliest_first() -> None:
    taken = eliminate(additive({0: -50_000, 1: 4 * BASE, 2: -60_000, 3: 9 * BASE}, BASE), [0, 1, 2, 3])
    assert [one.shard for one in taken] == [3, 1]
    assert taken[0].loss_with - taken[0].loss_without == 9 * BASE


def test_eliminate_leaves_the_last_update_in() -> None:
    assert eliminate(additive({5: 9 * BASE}, BASE), [5]) == []


def test_eliminate_of_a_round_that_no_removal_mends_blames_nobody() -> None:
    # The step itself was bad, and undone whoever is left out.
    assert eliminate(lambda shards: 2 * BASE - len(shards), [0, 1, 2, 3]) == []


@pytest.mark.parametrize(("harm", "taken"), [(LEAST_HARM, []), (LEAST_HARM + 1, [1])])
def test_eliminate_spares_harm_that_one_odd_row_can_do(harm: int, taken: list[int]) -> None:
    assert [one.shard for one in eliminate(additive({0: 0, 1: harm}, 1), [0, 1])] == taken


@pytest.mark.parametrize(("harm", "taken"), [(BASE // 2, []), (BASE // 2 + 1, [1])])
def test_eliminate_takes_away_what_is_responsible_for_more_than_a_third(harm: int, taken: list[int]) -> None:
    assert [one.shard for one in eliminate(additive({0: 0, 1: harm}, BASE), [0, 1])] == taken


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(-20_000, 20_000), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_eliminate_does_not_depend_on_the_order_of_shards(costs: list[int], random: Random) -> None:
    loss_of = additive({**dict(enumerate(costs)), len(costs): 3 * BASE}, BASE)
    shards = list(range(len(costs) + 1))
    shuffled = shards[:]
    random.shuffle(shuffled)
    assert eliminate(loss_of, shuffled) == eliminate(loss_of, shards)
    assert [one.shard for one in eliminate(loss_of, shards)] == [len(costs)]


def test_reason_of_a_rejection_names_both_losses_a_row() -> None:
    assert "on the validator's own 100 rows the next model's loss is 0.500 with this update and 0.250" in Rejection(
        3, 50 << 16, 25 << 16
    ).reason(100)


# Fit


@pytest.mark.parametrize("rows", [1, 20, 700])
def test_misfit_forgives_a_quarter_of_the_rows_and_ten_and_no_more(rows: int) -> None:
    bound = Fraction(rows, 4) + TURNED_ROWS
    assert misfit(Bearing(bound / rows, NO_STRAY), rows) == ""
    assert misfit(Bearing((bound + Fraction(1, 100)) / rows, NO_STRAY), rows).startswith("labels turned around: ")


def test_misfit_forgives_a_shard_of_a_dozen_rows_whatever_its_labels() -> None:
    assert misfit(Bearing(Fraction(1), NO_STRAY), 12) == ""


@pytest.mark.parametrize("rows", [1, 20, 700])
def test_misfit_names_what_no_rows_give(rows: int) -> None:
    bound = Fraction(STRAY) + Fraction(STRAY_ROWS, rows)
    assert misfit(Bearing(Fraction(-1), bound), rows) == ""
    assert misfit(Bearing(Fraction(-1), bound + 1), rows).startswith("like no rows: ")


# Both, on rows


def blobs(count: int, seed: int, positive: float = 0.3) -> Rows:
    """Rows of two features whose classes lie apart, with some overlap."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(count) < positive).astype(np.int64)
    return Rows(to_image(rng.normal(labels[:, None] * 2.0, 1.0, (count, 2))), labels)


def of_class(rows: Rows, label: int, count: int) -> Rows:
    chosen = np.flatnonzero(rows.labels == label)[:count]
    return Rows(rows.features[chosen], rows.labels[chosen])


def turned(rows: Rows) -> Rows:
    return Rows(rows.features, 1 - rows.labels)


def reasons(shards: list[Rows], own: Rows, rounds: int = 3) -> list[dict[int, str]]:
    """Who is rejected in each round, the rest having learned without them."""
    learner = get_learner("boost")
    state = learner.initial(2, {})
    found = []
    for number in range(rounds):
        plan = learner.propose(state, number.to_bytes(32, "big"))
        vectors = {shard: learner.contribute(plan, rows) for shard, rows in enumerate(shards)}
        found.append(suspects(learner, state, plan, vectors, {s: len(rows) for s, rows in enumerate(shards)}, own))
        total = sum(vector for shard, vector in vectors.items() if shard not in found[-1])
        state = learner.absorb(state, plan, np.asarray(total))
    return found


def test_suspects_of_honest_shards_of_any_mixture_and_size_is_nobody() -> None:
    source = blobs(2_000, 1)
    shards = [
        source,
        of_class(source, 1, 300),
        of_class(source, 0, 300),
        of_class(source, 1, 1),
        of_class(source, 0, 5),
    ]
    empty = Rows(source.features[:0], source.labels[:0])
    assert reasons([*shards, empty], blobs(200, 2)) == [{}, {}, {}]


def test_suspects_of_shards_with_turned_labels_are_those_in_every_round() -> None:
    shards = [blobs(300, seed) for seed in range(3, 9)]
    shards += [
        turned(blobs(300, 9)),
        turned(of_class(blobs(900, 10), 1, 200)),
        turned(of_class(blobs(900, 11), 0, 200)),
    ]
    for found in reasons(shards, blobs(200, 2)):
        assert found.keys() == {6, 7, 8}
        assert all(reason.startswith("labels turned around: ") for reason in found.values())


def test_suspects_without_enough_own_rows_of_a_class_is_nobody() -> None:
    shards = [blobs(300, seed) for seed in range(3, 6)] + [turned(blobs(300, 9))]
    few = blobs(16, 2)
    assert 0 < int(few.labels.sum()) < LEAST_ROWS
    assert reasons(shards, few) == [{}, {}, {}]


def test_suspects_of_integers_that_no_rows_give_is_their_shard() -> None:
    learner = get_learner("boost")
    state = learner.initial(2, {})
    shards = [blobs(300, seed) for seed in range(3, 7)]
    for number in range(2):
        plan = learner.propose(state, number.to_bytes(32, "big"))
        vectors = {shard: learner.contribute(plan, rows) for shard, rows in enumerate(shards)}
        low, high = learner.bounds(plan, 300)
        forged = np.random.default_rng(number).integers(low, high, endpoint=True)
        found = suspects(learner, state, plan, {**vectors, 4: forged}, dict.fromkeys(range(5), 300), blobs(200, 2))
        assert found.keys() == {4}
        assert found[4].startswith("like no rows: ")
        state = learner.absorb(state, plan, np.asarray(sum(vectors.values())))


def test_suspects_of_no_vector_is_nobody() -> None:
    learner = get_learner("boost")
    state = learner.initial(2, {})
    assert suspects(learner, state, learner.propose(state, bytes(32)), {}, {}, blobs(200, 2)) == {}


@pytest.mark.parametrize("label", [0, 1])
def test_levelled_loss_of_one_class_is_a_number(label: int) -> None:
    learner = get_learner("boost")
    assert levelled_loss(learner, learner.initial(2, {}), of_class(blobs(50, 1), label, 20)) < LEAST_HARM


def test_levelled_loss_forgives_a_shift_of_all_logits() -> None:
    # Learned from one class nearly alone, the model is far off until its logits are shifted back.
    learner = get_learner("boost")
    state = learner.initial(2, {})
    plan = learner.propose(state, bytes(32))
    skewed = blobs(2_000, 5, positive=0.95)
    balanced = learner.absorb(state, plan, learner.contribute(plan, blobs(2_000, 5)))
    shifted = learner.absorb(state, plan, learner.contribute(plan, skewed))
    own = blobs(200, 2)
    assert levelled_loss(learner, shifted, own) < levelled_loss(learner, balanced, own) * 13 // 10
