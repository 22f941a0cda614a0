"""Which updates are far outside a round: the rule alone, on losses given as numbers."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.roles.private_check import eliminate

BASE = 1_000_000


def additive(costs: dict[int, int], start: int) -> Callable[[frozenset[int]], int]:
    """A loss to which every update adds its cost."""
    return lambda shards: start + sum(costs[shard] for shard in shards)


def test_eliminate_of_an_honest_round_takes_nothing_away() -> None:
    # One skewed update costs a tenth of the loss: more than a threshold at zero would forgive.
    assert eliminate(additive({0: -50_000, 1: -80_000, 2: 90_000}, BASE), [0, 1, 2], BASE) == []


def test_eliminate_of_poisoned_updates_takes_all_of_them_away_costliest_first() -> None:
    taken = eliminate(additive({0: -50_000, 1: 4_000_000, 2: -60_000, 3: 9_000_000}, BASE), [0, 1, 2, 3], BASE)
    assert [one.shard for one in taken] == [3, 1]
    assert taken[0].loss_with - taken[0].loss_without == 9_000_000


def test_eliminate_leaves_the_last_update_in() -> None:
    assert eliminate(additive({5: 9_000_000}, BASE), [5], BASE) == []


def test_eliminate_of_a_round_that_no_removal_mends_blames_nobody() -> None:
    # The step itself was bad: whoever is left out, the loss stays twice that of the base.
    assert eliminate(lambda shards: 2 * BASE - len(shards), [0, 1, 2, 3], BASE) == []


@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(-20_000, 20_000), min_size=2, max_size=8), st.randoms(use_true_random=False))
def test_eliminate_does_not_depend_on_the_order_of_shards(costs: list[int], random: object) -> None:
    poison = {len(costs): 3_000_000}
    loss_of = additive({**dict(enumerate(costs)), **poison}, BASE)
    shards = list(range(len(costs) + 1))
    shuffled = shards[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random made by hypothesis
    assert eliminate(loss_of, shuffled, BASE) == eliminate(loss_of, shards, BASE)
    assert [one.shard for one in eliminate(loss_of, shards, BASE)] == [len(costs)]
