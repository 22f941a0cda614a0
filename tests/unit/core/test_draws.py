"""Draws against sha-256 itself and against the frequencies that they promise."""

import hashlib

import numpy as np
import pytest

from anomalyhive.core.draws import Draws
from anomalyhive.core.learner import BadParameter

SEED = bytes(range(32))


def test_below_a_power_of_two_is_the_low_bits_of_the_hash_words():
    block = hashlib.sha256(SEED + b"purpose" + bytes(8)).digest()
    words = [int.from_bytes(block[start : start + 8], "big") for start in range(0, 32, 8)]
    assert Draws(SEED, "purpose").below(1 << 20, 4).tolist() == [word % (1 << 20) for word in words]


def test_draws_do_not_depend_on_how_many_are_asked_for_at_once():
    at_once = Draws(SEED, "a").below(1000, 50)
    stream = Draws(SEED, "a")
    assert np.array_equal(at_once, np.concatenate([stream.below(1000, count) for count in (1, 0, 7, 42)]))


def test_below_rejects_words_that_favour_small_values():
    # 2^64 mod (3 * 2^61) = 2^62: a third of the values would come up half as often again without rejection.
    bound = 3 << 61
    drawn = Draws(SEED, "bias").below(bound, 6000)
    assert drawn.max() < bound
    thirds = np.bincount(drawn // (1 << 61), minlength=3)
    assert (np.abs(thirds - 2000) < 150).all()


def test_streams_of_other_seeds_and_purposes_differ():
    streams = [Draws(SEED, "a"), Draws(SEED, "b"), Draws(bytes(32), "a")]
    assert len({tuple(stream.below(1 << 30, 4).tolist()) for stream in streams}) == 3


def test_weighted_draws_by_weight_and_never_at_zero():
    drawn = np.bincount(Draws(SEED, "w").weighted(np.array([1, 0, 3, 0]), 8000), minlength=4)
    assert drawn[1] == drawn[3] == 0
    assert abs(drawn[0] - 2000) < 150


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33), "0" * 32])
def test_seed_of_wrong_length_or_type_is_refused(seed):
    with pytest.raises(BadParameter, match="give 32 bytes"):
        Draws(seed, "a")


@pytest.mark.parametrize("bound", [0, -1, 1 << 63])
def test_bound_outside_int64_is_refused(bound):
    with pytest.raises(BadParameter, match="bound="):
        Draws(SEED, "a").below(bound, 1)
