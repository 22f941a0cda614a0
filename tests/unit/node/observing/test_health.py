"""Whether a node is well, and why not."""

from __future__ import annotations

import json

import pytest

from anomalyhive.errors import ChainFailure
from anomalyhive.node.observing.health import PATIENCE_SECONDS, Health
from anomalyhive.node.observing.logs import hiding

from .views import NODE, STANDING, busy, view


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def health(clock: Clock) -> Health:
    return Health(clock, hiding(("https://rpc.example.org/key-123",)))


def test_health_before_the_first_answer_is_not_well_and_says_what_it_waits_for(health: Health) -> None:
    assert health.condition().facts["reason"] == "the chain has not answered yet"
    health.failed("start", ChainFailure("no chain at https://rpc.example.org/key-123"))
    condition = health.condition()
    assert not condition.well
    assert "no chain at https://rpc.example.org" in condition.facts["reason"]
    assert "key-123" not in condition.facts["reason"]


def test_health_of_a_node_that_turns_is_well(health: Health, clock: Clock) -> None:
    busy(health)
    clock.now += PATIENCE_SECONDS
    condition = health.condition()
    assert condition.well
    assert condition.facts == {
        "healthy": True,
        "reason": None,
        "node": NODE,
        "block": 12,
        "head_lag_seconds": 2.5,
        "answered_seconds_ago": PATIENCE_SECONDS,
        "watch_block": 110,
        "watch_blocks_behind": 2,
    }


def test_health_of_a_loop_that_stands_still_is_not_well(health: Health, clock: Clock) -> None:
    health.stood(STANDING)
    clock.now += PATIENCE_SECONDS + 1
    condition = health.condition()
    assert not condition.well
    assert "301 seconds" in condition.facts["reason"]


def test_health_while_the_chain_is_away_is_not_well_and_is_again_when_it_answers(health: Health) -> None:
    health.stood(STANDING)
    health.failed("look at the chain", ChainFailure("gone\naway"))
    condition = health.condition()
    assert not condition.well
    assert condition.facts["reason"] == r"the chain does not answer: gone\naway"
    health.looked(1, view(), 13, 0.0)
    assert not health.condition().well  # one endpoint told of a task; the turn was not completed since
    health.stood(STANDING)
    assert health.condition().well


def test_health_does_not_suffer_from_a_step_that_failed(health: Health) -> None:
    health.stood(STANDING)
    health.failed("train of task 1", ValueError("no"))
    assert health.condition().well


def test_health_tells_facts_that_are_json(health: Health) -> None:
    busy(health)
    assert json.loads(json.dumps(health.condition().facts))["healthy"] is True
