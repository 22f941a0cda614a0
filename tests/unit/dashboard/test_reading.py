"""A long first reading shows how far it is, and ends when it is told to."""

from __future__ import annotations

import pytest
from tests.unit.chain.conftest import Place

from anomalyhive.dashboard.live import following, poller
from anomalyhive.dashboard.live.content import RememberedContent
from anomalyhive.dashboard.live.places import HivePlace
from anomalyhive.dashboard.live.poller import Poller

from .rounds import Crew


@pytest.fixture
def reader(place: Place, monkeypatch: pytest.MonkeyPatch) -> Poller:
    """A poller that publishes after every few blocks."""
    Crew.at(place).play()
    monkeypatch.setattr(poller, "PUBLISH_SECONDS", 0.0)
    made = Poller(HivePlace(place.chain.url, place.contracts.hive.address), RememberedContent.of(None))
    made._follower = following.Follower(made.place.deployment(), _span=4)
    return made


def test_reading_that_goes_on_is_not_connected_yet_and_says_at_which_block(reader: Poller) -> None:
    heard: list[tuple[bool, str | None]] = []
    reader.listeners.append(lambda snapshot, _: heard.append((snapshot.connected, snapshot.problem)))
    reader.look()
    *before, last = heard
    assert before
    assert {connected for connected, _ in before} == {False}
    assert all(problem and problem.startswith("reading the chain: at block ") for _, problem in before)
    assert last == (True, None)


def test_reading_ends_when_the_dashboard_is_stopped(reader: Poller) -> None:
    reader.stopping.set()
    reader.look()
    assert (reader.latest.connected, reader.latest.problem) == (False, "the dashboard is being stopped")
    reader.stopping.clear()
    reader.look()
    assert reader.latest.connected
