"""Who watches from where: one post a node, one term at a time."""

from __future__ import annotations

from typing import Any

import pytest
from logs import logged, plain
from refusals import refused
from watch import BAD, MONITOR, RULES, Watch

from rehearsal import Node, Rehearsal

FREE = ("0x" + "0" * 40, 0, 0)


@pytest.fixture
def newcomer(rehearsal: Rehearsal) -> Node:
    """A monitor without a post."""
    return rehearsal.register(MONITOR)


def holder(watch: Watch, post: int) -> tuple[str, int, int]:
    """Operator, node and term."""
    values: tuple[str, int, int] = plain(watch.feed.post(post))
    return values


# Taking


def test_take_first_and_last_post(empty: Watch, newcomer: Node) -> None:
    feed = empty.feed
    for term, (post, node) in enumerate(((0, empty.monitors[0]), (RULES.posts - 1, newcomer)), start=1):
        taken = feed.takePost(post, {"from": node.operator})
        assert holder(empty, post) == (node.operator.address, node.number, term)
        assert (feed.postOf(node.number), feed.termCount(), feed.termEnd(term)) == (post + 1, term, 0)
        expected = {"post": post, "node": node.number, "operator": node.operator.address, "term": term}
        assert logged(taken, "PostTaken") == [expected]


def test_take_beyond_the_last_post_reverts(watch: Watch, newcomer: Node) -> None:
    with refused("OutOfRange", RULES.posts, RULES.posts):
        watch.feed.takePost(RULES.posts, {"from": newcomer.operator})


def test_take_a_held_post_reverts(watch: Watch, newcomer: Node) -> None:
    with refused("PostHeld", 0, watch.monitors[0].number):
        watch.feed.takePost(0, {"from": newcomer.operator})


def test_take_a_second_post_reverts(watch: Watch) -> None:
    one = watch.monitors[1]
    with refused("AlreadyPosted", one.number, 1):
        watch.feed.takePost(3, {"from": one.operator})


def test_take_by_anyone_but_an_operator_reverts(watch: Watch, newcomer: Node, stranger: Any) -> None:
    for caller in (stranger, newcomer.owner):
        with refused("NotEligible", 0, RULES.min_stake):
            watch.feed.takePost(3, {"from": caller})


def test_take_without_the_role_reverts(watch: Watch, rehearsal: Rehearsal) -> None:
    lacking = rehearsal.register(15 & ~MONITOR)
    with refused("NotEligible", lacking.number, RULES.min_stake):
        watch.feed.takePost(3, {"from": lacking.operator})


def test_take_with_just_the_least_stake(watch: Watch, rehearsal: Rehearsal) -> None:
    enough, short = (rehearsal.register(MONITOR, stake=stake) for stake in (RULES.min_stake, RULES.min_stake - 1))
    with refused("NotEligible", short.number, RULES.min_stake):
        watch.feed.takePost(3, {"from": short.operator})
    watch.feed.takePost(3, {"from": enough.operator})
    assert holder(watch, 3)[1] == enough.number


def test_take_while_exiting_reverts(watch: Watch, registry: Any, newcomer: Node) -> None:
    registry.requestExit(newcomer.number, {"from": newcomer.owner})
    with refused("NotEligible", newcomer.number, RULES.min_stake):
        watch.feed.takePost(3, {"from": newcomer.operator})


# Releasing


@pytest.mark.parametrize("key", ["operator", "owner"])
def test_release_by_operator_or_owner(watch: Watch, key: str) -> None:
    one = watch.monitors[1]
    released = watch.feed.releasePost(1, {"from": getattr(one, key)})
    assert (holder(watch, 1), watch.feed.postOf(one.number)) == (FREE, 0)
    assert watch.feed.termEnd(2) == watch.clock.now
    assert logged(released, "PostReleased") == [{"post": 1, "node": one.number}]


def test_release_by_anyone_else_reverts(watch: Watch, sponsor: Any) -> None:
    for caller in (watch.monitors[0].operator, watch.monitors[0].owner, sponsor):
        with refused("NotHolder", caller, watch.monitors[1].number):
            watch.feed.releasePost(1, {"from": caller})


@pytest.mark.parametrize("verb", ["releasePost", "refreshPost", "freePost"])
def test_post_that_nobody_holds_can_only_be_taken(watch: Watch, verb: str) -> None:
    for post in (3, RULES.posts, 255):
        with refused("PostFree", post):
            getattr(watch.feed, verb)(post, {"from": watch.monitors[0].operator})


def test_release_lets_others_in_and_the_holder_elsewhere(watch: Watch, newcomer: Node) -> None:
    one = watch.monitors[1]
    watch.feed.releasePost(1, {"from": one.operator})
    watch.feed.takePost(1, {"from": newcomer.operator})
    watch.feed.takePost(3, {"from": one.operator})
    assert [holder(watch, post)[1:] for post in (1, 3)] == [(newcomer.number, 4), (one.number, 5)]


def test_release_ends_the_alerts_at_once(watch: Watch) -> None:
    watch.flag()
    assert watch.risk()["flagged"]
    watch.feed.releasePost(1, {"from": watch.monitors[1].operator})
    assert (watch.risk()["flagged"], watch.risk()["monitors"]) == (False, 1)


def test_alerts_of_a_term_do_not_come_back_with_their_node(watch: Watch) -> None:
    watch.flag()
    by_one = {"from": watch.monitors[1].operator}
    watch.feed.releasePost(1, by_one)
    watch.feed.takePost(1, by_one)
    assert watch.risk()["monitors"] == 1
    watch.say(1)
    assert (watch.risk()["monitors"], watch.standing(1)) == (2, (2, 0, 0, 0))


def test_alerts_of_a_term_do_not_become_those_of_the_next_holder(watch: Watch, newcomer: Node) -> None:
    watch.flag()
    watch.feed.releasePost(1, {"from": watch.monitors[1].operator})
    watch.feed.takePost(1, {"from": newcomer.operator})
    assert watch.risk()["monitors"] == 1
    with refused("NoAlert", BAD, 1, newcomer.number):
        watch.feed.retract(newcomer.number, 1, [BAD], {"from": newcomer.operator})


def test_node_that_goes_from_post_to_post_is_one_voice(watch: Watch) -> None:
    watch.say(0)
    by_zero = {"from": watch.monitors[0].operator}
    watch.feed.releasePost(0, by_zero)
    watch.feed.takePost(3, by_zero)
    watch.say(3, by=watch.monitors[0])
    assert (watch.risk()["monitors"], watch.risk()["flagged"]) == (1, False)


# Freeing


def test_free_an_active_holder_reverts(watch: Watch) -> None:
    with refused("NotFreeable", 0, watch.monitors[0].number):
        watch.feed.freePost(0, watch.anyone)


def test_free_a_holder_who_is_exiting_by_anyone(watch: Watch, registry: Any, stranger: Any) -> None:
    one = watch.monitors[1]
    registry.requestExit(one.number, {"from": one.owner})
    freed = watch.feed.freePost(1, {"from": stranger})
    assert (holder(watch, 1), watch.feed.postOf(one.number), watch.feed.termEnd(2)) == (FREE, 0, watch.clock.now)
    assert logged(freed, "PostFreed") == [{"post": 1, "node": one.number}]


def test_free_a_holder_who_is_no_monitor_any_more(watch: Watch, registry: Any) -> None:
    one = watch.monitors[1]
    registry.setRoles(one.number, 15 & ~MONITOR, {"from": one.owner})
    watch.feed.freePost(1, watch.anyone)
    assert holder(watch, 1) == FREE


def test_free_a_holder_who_lost_stake(watch: Watch, registry: Any, rehearsal: Rehearsal, hive_caller: Any) -> None:
    barely = rehearsal.register(MONITOR, stake=RULES.min_stake)
    watch.feed.takePost(3, {"from": barely.operator})
    with refused("NotFreeable", 3, barely.number):
        watch.feed.freePost(3, watch.anyone)
    registry.slash(barely.number, 1, {"from": hive_caller, "gas_price": 0})
    watch.feed.freePost(3, watch.anyone)
    assert holder(watch, 3) == FREE


# Rotated keys


def test_refresh_after_a_rotation_by_anyone(watch: Watch, registry: Any, fresh: Any, stranger: Any) -> None:
    one = watch.monitors[1]
    registry.rotateOperator(one.number, fresh, {"from": one.owner})
    assert holder(watch, 1)[0] == one.operator.address
    refreshed = watch.feed.refreshPost(1, {"from": stranger})
    assert holder(watch, 1) == (fresh.address, one.number, 2)
    expected = {"post": 1, "node": one.number, "operator": fresh.address}
    assert logged(refreshed, "PostRefreshed") == [expected]
    with refused("NotOperator", one.operator, fresh.address):
        watch.say(1)
    watch.feed.postAlerts(1, 1, [watch.row()], {"from": fresh})
    assert watch.risk()["monitors"] == 1
