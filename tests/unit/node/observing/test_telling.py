"""What of a node's life is in its log, and how often."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from anomalyhive.chain.views import Phase
from anomalyhive.node.observing.logs import LOGGER
from anomalyhive.node.observing.telling import MOST_FAILURES, REPEAT_SECONDS, Telling

from .views import STANDING, busy, view


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def telling(clock: Clock, caplog: pytest.LogCaptureFixture) -> Telling:
    caplog.set_level(logging.DEBUG, LOGGER)
    return Telling(clock)


def events(caplog: pytest.LogCaptureFixture) -> list[tuple[str, dict[str, Any]]]:
    return [(record.getMessage(), record.fields) for record in caplog.records]  # type: ignore[attr-defined]


def test_telling_of_a_busy_node_says_each_thing_once(telling: Telling, caplog: pytest.LogCaptureFixture) -> None:
    busy(telling)
    names = [name for name, _ in events(caplog)]
    before = ["node", "phase", "acted", "acted", "mined", "phase", "rewarded", "failed"]
    assert names == [*before, "watched", "watched", "undelivered"]
    told = dict(events(caplog))
    assert told["mined"]["transaction"] == "0e" * 32
    assert told["rewarded"]["amount"] == str(25 * 10**17)
    assert caplog.records[-1].levelno == logging.WARNING


def test_telling_says_a_phase_when_it_changes(telling: Telling, caplog: pytest.LogCaptureFixture) -> None:
    for phase in (Phase.TRAIN, Phase.TRAIN, Phase.JUDGE, Phase.JUDGE):
        telling.looked(1, view(phase), 1, 0.0)
    telling.looked(2, view(Phase.JUDGE), 1, 0.0)
    telling.looked(1, view(Phase.TRAIN, 2), 1, 0.0)
    assert [(one["task"], one["round"], one["phase"]) for _, one in events(caplog)] == [
        (1, 1, "TRAIN"),
        (1, 1, "JUDGE"),
        (2, 1, "JUDGE"),
        (1, 2, "TRAIN"),
    ]


def test_telling_says_who_the_node_is_once(telling: Telling, caplog: pytest.LogCaptureFixture) -> None:
    telling.stood(STANDING)
    telling.stood(STANDING)
    assert len(events(caplog)) == 1


def test_telling_repeats_a_failure_once_a_minute_with_its_count(
    telling: Telling, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(5):
        telling.failed("claim", ValueError("no"))
    clock.now = REPEAT_SECONDS
    telling.failed("claim", ValueError("no"))
    telling.failed("claim", ValueError("another"))
    assert [(one["error"], one["times"]) for _, one in events(caplog)] == [("no", 1), ("no", 5), ("another", 1)]


def test_telling_forgets_failures_before_they_fill_its_memory(telling: Telling) -> None:
    for number in range(3 * MOST_FAILURES):
        telling.failed("claim", ValueError(str(number)))
    assert len(telling._failures) <= MOST_FAILURES
