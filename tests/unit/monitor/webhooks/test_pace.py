"""Pauses double, are bounded, and have chance in them."""

from __future__ import annotations

from anomalyhive.monitor.webhooks import Pace

PACE = Pace(first=2.0, longest=100.0, jitter=0.5, tries=12, patience=3600.0)


def test_pause_doubles_up_to_the_longest() -> None:
    assert [PACE.pause(tries, lambda: 0.0) for tries in (1, 2, 3, 6, 7, 10_000)] == [2.0, 4.0, 8.0, 64.0, 100.0, 100.0]


def test_chance_takes_up_to_its_share_off() -> None:
    assert [PACE.pause(2, lambda at=at: at) for at in (0.0, 0.5, 1.0)] == [4.0, 3.0, 2.0]


def test_wait_that_is_asked_for_is_kept_within_patience() -> None:
    assert PACE.pause(1, lambda: 0.0, 60.0) == 60.0
    assert PACE.pause(1, lambda: 0.0, 10**9) == 3600.0


def test_wait_that_is_asked_for_does_not_shorten_a_pause() -> None:
    assert PACE.pause(6, lambda: 0.0, 0.0) == 64.0
