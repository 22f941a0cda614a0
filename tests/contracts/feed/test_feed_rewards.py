"""What alerts that stood are paid, and the escrow that it comes from."""

from __future__ import annotations

from typing import Any

import pytest
from logs import logged, plain
from refusals import refused
from watch import BAD, FUNDS, MONITOR, RULES, Watch, subject

from rehearsal import Rehearsal

STAND, LONGEST, REWARD = RULES.stand_seconds, RULES.longest_seconds, RULES.reward


def settled(transaction: Any) -> list[bool]:
    """Whether each alert that the transaction settled stood."""
    return [one["stood"] for one in logged(transaction, "AlertSettled")]


# Escrow


def test_fund_by_anyone(empty: Watch, stranger: Any) -> None:
    empty.token.transfer(stranger, 5, empty.anyone)
    empty.token.approve(empty.feed, 5, {"from": stranger})
    funded = empty.feed.fund(5, {"from": stranger})
    assert (empty.money, logged(funded, "FeedFunded")) == ((5, 0), [{"from": stranger.address, "amount": 5}])
    assert empty.token.balanceOf(empty.feed) == 5


def test_fund_of_nothing_or_without_tokens_reverts(empty: Watch, stranger: Any) -> None:
    with refused("ZeroAmount"):
        empty.feed.fund(0, empty.anyone)
    with refused("ERC20InsufficientAllowance", empty.feed.address, 0, 1):
        empty.feed.fund(1, {"from": stranger})


def test_withdraw_by_the_tasks_sponsor_alone(watch: Watch, stranger: Any) -> None:
    for caller in (stranger, watch.monitors[0].owner):
        with refused("NotSponsor", caller, watch.rehearsal.sponsor):
            watch.feed.withdrawEscrow(1, {"from": caller})


def test_withdraw_all_but_what_is_locked(watch: Watch) -> None:
    watch.flag()
    rest = FUNDS - 2 * REWARD
    with refused("EscrowTooSmall", rest, rest + 1):
        watch.feed.withdrawEscrow(rest + 1, watch.anyone)
    with refused("ZeroAmount"):
        watch.feed.withdrawEscrow(0, watch.anyone)
    balance = watch.token.balanceOf(watch.rehearsal.sponsor)
    done = watch.feed.withdrawEscrow(rest, watch.anyone)
    expected = {"sponsor": watch.rehearsal.sponsor.address, "amount": rest}
    assert logged(done, "EscrowWithdrawn") == [expected]
    assert watch.token.balanceOf(watch.rehearsal.sponsor) == balance + rest
    assert watch.money == (0, 2 * REWARD)


# Settling


def test_settle_on_both_sides_of_its_time(watch: Watch) -> None:
    start = watch.flag()
    due = start + STAND
    # In the second itself others may still come.
    assert settled(watch.settle(0, at=due)) == []
    done = watch.settle(0, at=due + 1)
    expected = {"subject": BAD, "node": watch.monitors[0].number, "post": 0, "stood": True}
    assert logged(done, "AlertSettled") == [expected]
    assert (watch.owed(0), watch.entry(0)["locked"], watch.standing(0)) == (REWARD, False, (1, 1, 0, 0))
    assert watch.money == (FUNDS - 2 * REWARD, REWARD)


def test_settle_twice_pays_once(watch: Watch) -> None:
    start = watch.flag()
    watch.settle(0, BAD, BAD, at=start + STAND + 1)
    assert settled(watch.settle(0)) == []
    assert (watch.owed(0), watch.standing(0)[1]) == (REWARD, 1)


def test_settle_of_what_is_not_there_does_nothing(watch: Watch) -> None:
    for post in (0, 3, 255):
        assert settled(watch.settle(post, BAD, subject(2))) == []


def test_alert_that_was_never_of_a_quorum_earns_nothing(watch: Watch) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start)
    assert settled(watch.settle(0, at=start + STAND + 1)) == [False]
    assert (watch.owed(0), watch.money, watch.standing(0)) == (0, (FUNDS, 0), (1, 0, 0, 0))
    # It stays up.
    assert watch.risk()["monitors"] == 1


@pytest.mark.parametrize(("late", "stood"), [(0, True), (1, False)])
def test_quorum_must_be_there_by_the_second_in_which_the_alert_is_due(watch: Watch, late: int, stood: bool) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start)
    watch.say(1, at=start + STAND + late)
    assert settled(watch.settle(0)) == ([] if not late else [stood])
    watch.settle(0, at=start + STAND + 2)
    assert watch.owed(0) == REWARD * stood


@pytest.mark.parametrize(("short", "stood"), [(0, True), (1, False)])
def test_alert_must_live_until_it_is_due(watch: Watch, short: int, stood: bool) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start, expiry=start + STAND - short)
    watch.say(1, at=start + 1)
    watch.settle(0, at=start + STAND + 1)
    assert (watch.owed(0), watch.entry(0)["locked"]) == (REWARD * stood, False)


@pytest.mark.parametrize(("short", "stood"), [(0, True), (1, False)])
def test_others_must_live_until_it_is_due(watch: Watch, short: int, stood: bool) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start)
    watch.say(1, at=start + 1, expiry=start + STAND - short)
    watch.settle(0, at=start + STAND + 1)
    assert watch.owed(0) == REWARD * stood


def test_alert_that_may_still_be_renewed_is_not_settled(watch: Watch) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start, expiry=start + 20)
    watch.say(1, at=start + 1)
    assert settled(watch.settle(0, at=start + 18)) == []
    watch.say(0, at=start + 19)
    watch.settle(0, at=start + STAND + 1)
    assert watch.owed(0) == REWARD


def test_alert_that_expired_before_it_was_due_is_settled_at_once(watch: Watch) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start, expiry=start + 20)
    assert settled(watch.settle(0, at=start + 20)) == [False]
    assert watch.money == (FUNDS, 0)


def test_settle_waits_for_an_open_appeal(watch: Watch) -> None:
    start = watch.flag()
    number = watch.appeal(at=start + 10)
    assert settled(watch.settle(0, at=start + STAND + 1)) == []
    watch.decide(number, {0: True, 1: True})
    assert settled(watch.settle(0)) == [True]


def test_alert_settled_before_an_appeal_keeps_its_reward(watch: Watch) -> None:
    start = watch.flag()
    watch.settle(0, at=start + STAND + 1)
    watch.overturn()
    assert ([watch.owed(post) for post in (0, 1)], watch.standing(0)) == ([REWARD, 0], (1, 1, 0, 1))


def test_retraction_by_another_undoes_what_is_not_settled(watch: Watch) -> None:
    start = watch.flag()
    watch.settle(0, at=start + STAND + 1)
    zero = watch.monitors[0]
    watch.feed.retract(zero.number, 0, [BAD], {"from": zero.operator})
    watch.settle(1, at=start + STAND + 9)
    assert [watch.owed(post) for post in (0, 1)] == [REWARD, 0]


# Terms


@pytest.mark.parametrize(("early", "stood"), [(0, True), (1, False)])
def test_alert_stood_if_its_node_stayed_until_it_was_due(watch: Watch, early: int, stood: bool) -> None:
    start = watch.flag()
    watch.clock.next(start + STAND - early)
    watch.feed.releasePost(0, {"from": watch.monitors[0].operator})
    watch.settle(0, at=start + STAND + 9)
    assert (watch.owed(0), watch.entry(0)["locked"]) == (REWARD * stood, False)


@pytest.mark.parametrize(("early", "stood"), [(0, True), (1, False)])
def test_alert_stood_if_the_others_stayed_until_it_was_due(watch: Watch, early: int, stood: bool) -> None:
    start = watch.flag()
    watch.clock.next(start + STAND - early)
    watch.feed.releasePost(1, {"from": watch.monitors[1].operator})
    watch.settle(0, at=start + STAND + 9)
    assert watch.owed(0) == REWARD * stood


def test_next_holders_alert_settles_the_earlier_one(watch: Watch, rehearsal: Rehearsal) -> None:
    start, heir = watch.flag(), rehearsal.register(MONITOR)
    watch.clock.next(start + STAND + 5)
    watch.feed.releasePost(0, {"from": watch.monitors[0].operator})
    watch.feed.takePost(0, {"from": heir.operator})
    assert settled(watch.say(0, by=heir)) == [True]
    assert (watch.owed(0), int(watch.feed.owed(heir.number)), watch.entry(0)["node"]) == (REWARD, 0, heir.number)


def test_node_that_goes_from_post_to_post_makes_no_quorum_of_itself(watch: Watch) -> None:
    zero = watch.monitors[0]
    start = watch.clock.now + 10
    watch.say(0, at=start)
    watch.feed.releasePost(0, {"from": zero.operator})
    watch.feed.takePost(3, {"from": zero.operator})
    watch.say(3, by=zero)
    for post in (0, 3):
        watch.settle(post, at=start + 2 * STAND + post)
    assert (watch.owed(0), watch.money) == (0, (FUNDS, 0))


# Once in the longest life


def test_alerts_that_expire_and_are_posted_again_are_not_paid_again(watch: Watch) -> None:
    start = watch.clock.now + 10
    watch.say(1, at=start - 1)
    watch.say(0, at=start, expiry=start + STAND)
    watch.settle(0, at=start + STAND + 1)
    watch.say(0, at=start + LONGEST - 1, expiry=start + LONGEST)
    assert not watch.entry(0)["locked"]
    watch.say(0, at=start + LONGEST)
    assert watch.entry(0)["locked"]
    assert plain(watch.feed.pastOf(BAD, watch.monitors[0].number)) == (0, start + LONGEST)
    assert watch.standing(0) == (3, 1, 0, 0)


def test_alerts_retracted_and_posted_again_are_not_paid_again(watch: Watch) -> None:
    start = watch.flag()
    zero = watch.monitors[0]
    watch.settle(0, at=start + STAND + 1)
    watch.feed.retract(zero.number, 0, [BAD], {"from": zero.operator})
    watch.say(0)
    assert not watch.entry(0)["locked"]


def test_alerts_from_two_posts_by_one_node_are_paid_once(watch: Watch) -> None:
    zero = watch.monitors[0]
    start = watch.flag(posts=(0, 1, 2))
    watch.clock.next(start + STAND)
    watch.feed.releasePost(0, {"from": zero.operator})
    watch.feed.takePost(3, {"from": zero.operator})
    watch.say(3, by=zero, at=start + STAND + 10)
    assert (watch.entry(0)["locked"], watch.entry(3)["locked"]) == (True, True)
    assert settled(watch.settle(3, at=start + 2 * STAND + 11)) == [True]
    assert settled(watch.settle(0)) == [False]
    assert (watch.owed(0), watch.standing(0)) == (REWARD, (2, 1, 0, 0))


# Claiming


def test_claim_pays_the_owner_by_anyone(watch: Watch, stranger: Any) -> None:
    start = watch.flag()
    watch.flag(subject(2))
    watch.settle(0, BAD, subject(2), at=start + STAND + 50)
    zero = watch.monitors[0]
    claimed = watch.feed.claim(zero.number, {"from": stranger})
    assert logged(claimed, "Claimed") == [{"node": zero.number, "amount": 2 * REWARD}]
    assert watch.token.balanceOf(zero.owner) == 2 * REWARD
    with refused("NothingToClaim", zero.number):
        watch.feed.claim(zero.number, watch.anyone)


def test_claim_of_who_has_earned_nothing_reverts(watch: Watch) -> None:
    for node in (0, watch.monitors[0].number, 2**32 - 1):
        with refused("NothingToClaim", node):
            watch.feed.claim(node, watch.anyone)


def test_claim_after_the_node_is_gone(watch: Watch, registry: Any) -> None:
    start = watch.flag()
    watch.settle(0, at=start + STAND + 1)
    zero = watch.monitors[0]
    registry.requestExit(zero.number, {"from": zero.owner})
    watch.clock.reach(watch.clock.now + 7 * 86_400)
    registry.withdraw(zero.number, {"from": zero.owner})
    before = watch.token.balanceOf(zero.owner)
    watch.feed.claim(zero.number, watch.anyone)
    assert watch.token.balanceOf(zero.owner) == before + REWARD


def test_everything_leaves_the_feed_in_the_end(watch: Watch) -> None:
    start = watch.flag(posts=(0, 1, 2))
    watch.flag(subject(2))
    watch.overturn(subject(2))
    for post in range(3):
        watch.settle(post, at=max(watch.clock.now + 1, start + STAND + 10 + post))
    watch.feed.fetchBonds(watch.rehearsal.sponsor, watch.anyone)
    for node in watch.rehearsal.nodes:
        if watch.feed.owed(node.number):
            watch.feed.claim(node.number, watch.anyone)
    watch.feed.withdrawEscrow(watch.money[0], watch.anyone)
    assert (watch.token.balanceOf(watch.feed), watch.money) == (0, (0, 0))
