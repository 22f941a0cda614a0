"""What learners learn survives as content: a run that goes through the store after every round has the same bits."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from anomalyhive.content import DirectoryStore, Weights
from anomalyhive.core.learner import Rows, State
from anomalyhive.core.learners import LEARNERS, get_learner

ROUNDS = 3


def columns_of(name: str) -> int:
    """Two columns that tell something and two that do not; calibration takes one, the score."""
    return 1 if name == "calibration" else 4


def rows(name: str) -> Rows:
    """The columns of a learner, and labels that depend on the first two."""
    random = np.random.default_rng(11)
    labels = random.integers(0, 2, 400)
    noise = random.integers(-1000, 1000, (400, 4))
    noise[:, :2] += 800 * labels[:, None]
    return Rows(noise[:, : columns_of(name)].astype(np.int64), labels.astype(np.int64))


def step(name: str, state: State, number: int) -> State:
    learner = get_learner(name)
    plan = learner.propose(state, hashlib.sha256(bytes([number])).digest())
    return learner.absorb(state, plan, learner.contribute(plan, rows(name)))


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_state_that_was_content_goes_on_with_the_same_bits(store: DirectoryStore, name: str) -> None:
    straight: State = get_learner(name).initial(columns_of(name), {})
    stored = straight
    for number in range(ROUNDS):
        straight = step(name, straight, number)
        digest = Weights(name, {}, step(name, stored, number)).publish(store)
        assert digest == Weights(name, {}, straight).publish(store)
        stored = Weights.fetch(store, digest).state
    features = rows(name).features
    learner = get_learner(name)
    assert np.array_equal(learner.logits(stored, features), learner.logits(straight, features))
