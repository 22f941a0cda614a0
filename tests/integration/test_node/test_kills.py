"""Nodes that are killed at random moments, and started again."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from federations import summed

from .conftest import ROUNDS
from .settling import ROLES, Hive, opened, start

MOST_KILLS = 16


@pytest.mark.parametrize("seed", [1, 2])
def test_nodes_killed_at_random_moments_submit_once_and_learn_the_same_bits(
    ground: Path, tmp_path: Path, seed: int
) -> None:
    dice = random.Random(seed)
    with opened(ground, tmp_path, ROUNDS, claim_every=0) as hive:
        start(hive.nodes)
        kills = 0
        while hive.finals() < ROUNDS and kills < MOST_KILLS:
            time.sleep(dice.uniform(0.2, 1.8))
            victim = dice.choice(hive.nodes)
            victim.kill()
            victim.start()
            kills += 1
        hive.wait(lambda: hive.finals() == ROUNDS)
        assert kills >= 3
        assert [one.end() for one in hive.nodes] == [0] * len(ROLES)
        assert_once(hive)
        assert hive.weights() == summed(hive.settings)
        report = hive.audit()
        assert report.holds, report.failures


def assert_once(hive: Hive) -> None:
    """Every shard and seat did everything once in every round, and every transaction is in its node's journal."""
    everything = [(number, 0) for number in range(1, ROUNDS + 1)]
    assert hive.submitted() == [(number, shard) for number in range(1, ROUNDS + 1) for shard in (0, 1)]
    for name in ("VerdictCommitted", "VerdictRevealed", "ModelAttested"):
        assert [(one.values["round"], one.values["seat"]) for one in hive.events(name)] == everything, name
    assert not hive.events("SeatSlashed")
    # Each slot was taken once: a node that comes back finds what it holds.
    assert len(hive.events("ShardTaken")) == 2
    assert len(hive.events("SeatTaken")) == 1
