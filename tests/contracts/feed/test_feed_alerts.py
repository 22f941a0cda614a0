"""What monitors say and take back, and what is skipped in a batch so that nobody makes it fail."""

from __future__ import annotations

from typing import Any

import pytest
from logs import logged
from refusals import refused
from watch import BAD, RULES, Watch, subject

from anomalyhive.chain.views import Phase
from rehearsal import TOKEN, Node, Rehearsal

ZERO = "0x" + "0" * 40


# Posting


def test_post_keeps_what_is_said(watch: Watch) -> None:
    now = watch.clock.now + 10
    posted = watch.say(0, BAD, at=now, probability=8123, category=3, expiry=now + 500)
    entry = {
        "node": watch.monitors[0].number,
        "since": now,
        "expiry": now + 500,
        "round": 1,
        "probability": 8123,
        "category": 3,
        "locked": True,
        "term": 1,
    }
    assert (watch.entry(0), watch.feed.postsOn(BAD), watch.standing(0)) == (entry, 1, (1, 0, 0, 0))
    [event] = logged(posted, "AlertPosted")
    assert event == {"subject": BAD, "node": entry["node"], "post": 0, "entry": tuple(entry.values())}


def test_post_notes_the_rounds_model_once(watch: Watch, hive: Any, watched: int) -> None:
    model = bytes(hive.round(watched, 1)["model"])
    assert watch.feed.modelOf(1) == "0x" + "0" * 64
    assert logged(watch.say(0), "ModelNoted") == [{"round": 1, "model": model}]
    assert bytes(watch.feed.modelOf(1)) == model
    assert logged(watch.say(1), "ModelNoted") == []


def test_post_by_anyone_but_the_posts_operator_reverts(watch: Watch, stranger: Any) -> None:
    one = watch.monitors[1]
    for post, operator in ((0, watch.monitors[0].operator.address), (3, ZERO), (255, ZERO)):
        for caller in (stranger, one.operator, one.owner):
            with refused("NotOperator", caller, operator):
                watch.feed.postAlerts(post, 1, [watch.row()], {"from": caller})


@pytest.mark.parametrize("round_", [0, 2, 2**32 - 1])
def test_post_by_a_round_that_is_not_there_reverts(watch: Watch, round_: int) -> None:
    with refused("NotFinal", round_):
        watch.feed.postAlerts(0, round_, [watch.row()], {"from": watch.monitors[0].operator})


@pytest.mark.parametrize("phase", [Phase.TRAIN, Phase.ATTEST])
def test_post_by_a_round_that_is_not_final_yet_reverts(
    watch: Watch, rehearsal: Rehearsal, watched: int, phase: Phase
) -> None:
    round_ = rehearsal.reach(watched, phase)
    with refused("NotFinal", round_.number):
        watch.feed.postAlerts(0, round_.number, [watch.row()], {"from": watch.monitors[0].operator})


def test_post_by_a_node_that_is_not_active_any_more_reverts(watch: Watch, registry: Any) -> None:
    one = watch.monitors[1]
    registry.requestExit(one.number, {"from": one.owner})
    with refused("NotEligible", one.number, RULES.min_stake):
        watch.say(1)


def test_post_with_a_probability_at_its_bounds(watch: Watch) -> None:
    for probability in (1, 10_000):
        watch.say(0, probability=probability)
        assert watch.entry(0)["probability"] == probability
    for probability in (0, 10_001, 65_535):
        with refused("WrongProbability", BAD, probability):
            watch.say(0, probability=probability)


def test_post_with_a_category_at_its_bounds(watch: Watch) -> None:
    for category in (0, RULES.categories - 1):
        watch.say(0, category=category)
        assert watch.entry(0)["category"] == category
    for category in (RULES.categories, 255):
        with refused("UnknownCategory", BAD, category):
            watch.say(0, category=category)


def test_post_about_the_zero_address_reverts(watch: Watch) -> None:
    with refused("ZeroSubject"):
        watch.say(0, BAD, ZERO)


def test_post_with_an_expiry_on_both_sides_of_now(watch: Watch) -> None:
    now = watch.clock.now + 10
    with refused("NothingPosted", 1):
        watch.say(0, at=now, expiry=now)
    watch.say(0, at=now + 1, expiry=now + 2)
    assert watch.entry(0)["expiry"] == now + 2


@pytest.mark.parametrize("extra", [0, 1])
def test_post_cuts_a_life_to_the_longest(watch: Watch, extra: int) -> None:
    now = watch.clock.now + 10
    watch.say(0, at=now, expiry=now + RULES.longest_seconds + extra)
    assert watch.entry(0)["expiry"] == now + RULES.longest_seconds


def test_post_of_nothing_reverts(watch: Watch) -> None:
    with refused("NothingPosted", 0):
        watch.feed.postAlerts(0, 1, [], {"from": watch.monitors[0].operator})


def test_post_skips_what_has_expired_and_keeps_the_rest(watch: Watch) -> None:
    rows = [watch.row(subject(1), expiry=1), watch.row(subject(2)), watch.row(subject(3), expiry=1)]
    posted = watch.feed.postAlerts(0, 1, rows, {"from": watch.monitors[0].operator})
    assert [one["subject"] for one in logged(posted, "AlertPosted")] == [subject(2)]
    assert (watch.feed.postsOn(subject(1)), watch.standing(0)[0]) == (0, 1)


def test_post_of_one_subject_twice_in_a_batch_renews_it(watch: Watch) -> None:
    rows = [watch.row(probability=5), watch.row(probability=7)]
    watch.feed.postAlerts(0, 1, rows, {"from": watch.monitors[0].operator})
    assert (watch.entry(0)["probability"], watch.standing(0)[0], watch.money[1]) == (7, 1, RULES.reward)


# Renewing


def test_renewal_keeps_since_and_extends_expiry(watch: Watch) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start, expiry=start + 100)
    watch.say(0, at=start + 99, expiry=start + 300, probability=1, category=0)
    entry = watch.entry(0)
    assert (entry["since"], entry["expiry"]) == (start, start + 300)
    assert (entry["probability"], entry["category"]) == (1, 0)
    assert (watch.standing(0)[0], watch.money[1]) == (1, RULES.reward)


def test_renewal_in_the_second_of_expiry_is_a_new_alert(watch: Watch) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start, expiry=start + 100)
    posted = watch.say(0, at=start + 100, expiry=start + 300)
    assert (watch.entry(0)["since"], watch.standing(0)) == (start + 100, (2, 0, 0, 0))
    # The earlier one expired before it had stood.
    settled = {"subject": BAD, "node": watch.monitors[0].number, "post": 0, "stood": False}
    assert logged(posted, "AlertSettled") == [settled]
    assert watch.money[1] == RULES.reward


def test_renewal_does_not_shorten(watch: Watch) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start, expiry=start + 500)
    watch.say(0, at=start + 1, expiry=start + 2, probability=1)
    assert (watch.entry(0)["expiry"], watch.entry(0)["probability"]) == (start + 500, 1)


def test_renewal_by_a_later_round(watch: Watch, rehearsal: Rehearsal, watched: int) -> None:
    watch.flag()
    round_ = rehearsal.reach(watched, Phase.FINAL)
    watch.feed.postAlerts(1, round_.number, [watch.row()], {"from": watch.monitors[1].operator})
    assert (watch.entry(1)["round"], watch.entry(0)["round"]) == (2, 1)
    assert bytes(watch.risk()["model"]) == rehearsal.model_of(round_)


# Retracting


@pytest.mark.parametrize("key", ["operator", "owner"])
def test_retract_by_operator_or_owner(watch: Watch, key: str) -> None:
    watch.flag()
    one = watch.monitors[1]
    done = watch.feed.retract(one.number, 1, [BAD], {"from": getattr(one, key)})
    assert logged(done, "AlertRetracted") == [{"subject": BAD, "node": one.number, "post": 1}]
    assert logged(done, "AlertSettled") == [{"subject": BAD, "node": one.number, "post": 1, "stood": False}]
    assert (watch.entry(1)["node"], watch.feed.postsOn(BAD), watch.standing(1)) == (0, 1, (1, 0, 1, 0))
    assert (watch.risk()["flagged"], watch.money[1]) == (False, RULES.reward)


def test_retract_by_anyone_else_reverts(watch: Watch, stranger: Any) -> None:
    watch.flag()
    one = watch.monitors[1]
    for caller in (stranger, watch.monitors[0].operator):
        with refused("NotHolder", caller, one.number):
            watch.feed.retract(one.number, 1, [BAD], {"from": caller})


def test_retract_of_an_unknown_node_reverts(watch: Watch) -> None:
    with refused("UnknownNode", 0):
        watch.feed.retract(0, 0, [BAD], watch.anyone)


def test_retract_what_is_not_there_reverts(watch: Watch) -> None:
    watch.flag()
    zero = watch.monitors[0]
    for about, post in ((subject(2), 0), (BAD, 1), (BAD, 3), (BAD, 255)):
        with refused("NoAlert", about, post, zero.number):
            watch.feed.retract(zero.number, post, [about], {"from": zero.operator})


def test_retract_twice_reverts(watch: Watch) -> None:
    zero = watch.monitors[0]
    watch.say(0)
    with refused("NoAlert", BAD, 0, zero.number):
        watch.feed.retract(zero.number, 0, [BAD, BAD], {"from": zero.operator})
    assert watch.standing(0)[2] == 0


def test_retract_after_the_post_was_left(watch: Watch) -> None:
    zero = watch.monitors[0]
    watch.say(0)
    watch.feed.releasePost(0, {"from": zero.operator})
    watch.feed.retract(zero.number, 0, [BAD], {"from": zero.operator})
    assert (watch.feed.postsOn(BAD), watch.money[1], watch.standing(0)) == (0, 0, (1, 0, 1, 0))


def test_retract_what_was_overturned_reverts(watch: Watch) -> None:
    zero = watch.monitors[0]
    watch.flag()
    watch.overturn()
    with refused("NoAlert", BAD, 0, zero.number):
        watch.feed.retract(zero.number, 0, [BAD], {"from": zero.operator})


def test_post_after_a_retraction_is_a_new_alert(watch: Watch) -> None:
    zero = watch.monitors[0]
    watch.say(0)
    watch.feed.retract(zero.number, 0, [BAD], {"from": zero.operator})
    watch.say(0)
    assert (watch.risk()["monitors"], watch.standing(0)) == (1, (2, 0, 1, 0))


# The reward


def test_post_locks_the_reward_as_long_as_there_is_escrow(watch: Watch) -> None:
    many = [subject(number) for number in range(15)]
    watch.say(0, *many)
    assert watch.money == (2 * TOKEN, 98 * TOKEN)
    assert [watch.entry(0, one)["locked"] for one in many[-2:]] == [True, False]


def test_feed_without_a_reward_locks_nothing(
    AlertFeed: Any, deployed: Rehearsal, watched: int, monitors: list[Node], watch: Watch
) -> None:
    unpaid = Watch(AlertFeed, deployed, watched, monitors, watch.clock, reward=0)
    unpaid.man([0])
    unpaid.feed.fund(1, unpaid.anyone)
    unpaid.say(0)
    assert (unpaid.money, unpaid.entry(0)["locked"]) == ((1, 0), False)
