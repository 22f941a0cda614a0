"""What all live alerts about an address come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from watch import BAD, RULES, Watch, subject

from rehearsal import Node, Rehearsal

NOTHING = {
    "flagged": False,
    "appealed": False,
    "probability": 0,
    "category": 0,
    "monitors": 0,
    "expiry": 0,
    "model": b"\x00" * 32,
}


def test_risk_of_an_address_about_which_nothing_was_said(watch: Watch) -> None:
    for about in (BAD, "0x" + "0" * 40, watch.feed.address):
        assert watch.risk(about) == NOTHING


def test_risk_below_the_quorum_has_the_numbers_and_no_flag(watch: Watch, hive: Any, watched: int) -> None:
    watch.say(0, probability=5000, category=2)
    model = bytes(hive.round(watched, 1)["model"])
    assert watch.risk() == {**NOTHING, "probability": 5000, "category": 2, "monitors": 1, "model": model}


def test_risk_at_the_quorum_is_flagged_until_its_first_expiry(watch: Watch) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start, expiry=start + 100)
    watch.say(1, at=start + 1, expiry=start + 200)
    assert (watch.risk()["flagged"], watch.risk()["expiry"]) == (True, start + 100)
    watch.clock.reach(start + 99)
    assert watch.risk()["flagged"]
    watch.clock.reach(start + 100)
    assert (watch.risk()["flagged"], watch.risk()["monitors"], watch.risk()["expiry"]) == (False, 1, 0)
    watch.clock.reach(start + 200)
    assert watch.risk() == NOTHING


def test_risk_expires_when_the_quorum_is_lost_not_when_the_first_leaves(watch: Watch) -> None:
    start = watch.clock.now + 10
    for post, life in enumerate((300, 100, 200)):
        watch.say(post, at=start + post, expiry=start + life)
    assert watch.risk()["expiry"] == start + 200
    watch.clock.reach(start + 199)
    assert watch.risk()["flagged"]
    watch.clock.reach(start + 200)
    assert not watch.risk()["flagged"]


@pytest.mark.parametrize(
    ("probabilities", "median"), [((9, 5), 5), ((5, 9), 5), ((7, 7), 7), ((9, 1, 5), 5), ((1, 10_000, 10_000), 10_000)]
)
def test_probability_is_the_lower_median(watch: Watch, probabilities: Sequence[int], median: int) -> None:
    for post, probability in enumerate(probabilities):
        watch.say(post, probability=probability)
    assert watch.risk()["probability"] == median


@pytest.mark.parametrize(
    ("categories", "most"), [((3, 1), 1), ((4, 4), 4), ((1, 3, 3), 3), ((3, 2, 4), 2), ((0, 4, 4), 4), ((4, 0, 2), 0)]
)
def test_category_is_the_most_named_and_of_equals_the_lowest(
    watch: Watch, categories: Sequence[int], most: int
) -> None:
    for post, category in enumerate(categories):
        watch.say(post, category=category)
    assert watch.risk()["category"] == most


def test_risk_tells_of_an_open_appeal_and_stays_flagged(watch: Watch) -> None:
    watch.flag()
    number = watch.appeal()
    assert (watch.risk()["flagged"], watch.risk()["appealed"], watch.feed.appealOn(BAD)) == (True, True, number)
    assert not watch.risk(subject(2))["appealed"]
    watch.decide(number, {0: True, 1: True})
    assert (watch.risk()["flagged"], watch.risk()["appealed"], watch.feed.appealOn(BAD)) == (True, False, 0)


@pytest.fixture(scope="module")
def full(AlertFeed: Any, deployed: Rehearsal, watched: int, monitors: Sequence[Node], empty: Watch) -> Watch:
    """A feed of one monitor's quorum with as many posts as there can be."""
    return Watch(AlertFeed, deployed, watched, monitors, empty.clock, posts=24, quorum=1)


def test_risk_by_the_last_post_alone(full: Watch) -> None:
    full.feed.takePost(23, {"from": full.monitors[0].operator})
    full.say(23, by=full.monitors[0], probability=77)
    assert (full.risk()["probability"], full.risk()["flagged"]) == (77, True)
    assert full.feed.postsOn(BAD) == 1 << 23
    number = full.appeal()
    full.decide(number, {0: False, 1: False})
    assert (full.risk(), full.feed.postsOn(BAD)) == (NOTHING, 0)


def test_risk_after_the_longest_life_is_nothing(watch: Watch) -> None:
    start = watch.flag()
    watch.clock.reach(start + RULES.longest_seconds + 1)
    assert watch.risk() == NOTHING
