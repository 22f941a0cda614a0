"""How alerts are taken down against their authors' will, and what an appeal costs."""

from __future__ import annotations

from typing import Any

import pytest
from logs import logged
from refusals import refused
from watch import BAD, EVIDENCE, FUNDS, OVERTURNED, RULES, UNDECIDED, UPHELD, Watch, named, subject

from anomalyhive.chain.views import Phase
from rehearsal import BASE, Node, Rehearsal

VOTES = RULES.vote_reward * BASE.seats


@pytest.fixture
def flagged(watch: Watch) -> int:
    """Posts 0 and 1 have flagged the subject; when the first did."""
    return watch.flag()


# Appealing


def test_appeal_keeps_who_what_and_when(watch: Watch, flagged: int, watched: int) -> None:
    balance, (escrow, locked) = watch.token.balanceOf(watch.rehearsal.sponsor), watch.money
    opened = watch.feed.appeal(BAD, EVIDENCE, watch.anyone)
    appellant = watch.rehearsal.sponsor.address
    assert named(watch.feed.appealState(1)) == {
        "subject": BAD,
        "openedAt": watch.clock.now,
        "round": 1,
        "committed": 0,
        "appellant": appellant,
        "upholding": 0,
        "overturning": 0,
        "outcome": 0,
        "voteReward": RULES.vote_reward,
    }
    expected = {"appeal": 1, "subject": BAD, "appellant": appellant, "evidence": EVIDENCE, "round": 1, "locked": VOTES}
    assert logged(opened, "AppealOpened") == [expected]
    assert watch.token.balanceOf(watch.rehearsal.sponsor) == balance - RULES.bond
    assert watch.money == (escrow - VOTES, locked + VOTES)


def test_appeal_by_anyone_with_the_bond_alone(watch: Watch, flagged: int, stranger: Any) -> None:
    by = {"from": stranger}
    watch.token.transfer(stranger, RULES.bond - 1, watch.anyone)
    watch.token.approve(watch.feed, RULES.bond, by)
    with refused("ERC20InsufficientBalance", stranger, RULES.bond - 1, RULES.bond):
        watch.feed.appeal(BAD, EVIDENCE, by)
    watch.token.transfer(stranger, 1, watch.anyone)
    watch.feed.appeal(BAD, EVIDENCE, by)
    assert named(watch.feed.appealState(1))["appellant"] == stranger.address


def test_appeal_without_evidence_reverts(watch: Watch, flagged: int) -> None:
    with refused("ZeroDigest"):
        watch.feed.appeal(BAD, b"\x00" * 32, watch.anyone)


def test_appeal_against_what_is_not_flagged_reverts(watch: Watch) -> None:
    with refused("NotFlagged", BAD):
        watch.appeal()
    watch.say(0)
    with refused("NotFlagged", BAD):
        watch.appeal()


def test_appeal_against_a_flag_on_both_sides_of_its_end(watch: Watch, flagged: int) -> None:
    end = flagged + RULES.longest_seconds
    with refused("NotFlagged", BAD):
        watch.appeal(at=end)


def test_appeal_in_the_last_second_of_a_flag(watch: Watch, flagged: int) -> None:
    number = watch.appeal(at=flagged + RULES.longest_seconds - 1)
    watch.decide(number, {0: False, 1: False})
    assert (watch.standing(0)[3], watch.standing(1)[3]) == (1, 1)


def test_second_appeal_about_a_subject_reverts(watch: Watch, flagged: int) -> None:
    watch.appeal()
    with refused("AppealPending", BAD, 1):
        watch.appeal()
    watch.flag(subject(2))
    assert watch.appeal(subject(2)) == 2


def test_unknown_appeals_are_refused(watch: Watch, flagged: int) -> None:
    watch.appeal()
    for unknown in (0, 2, 2**32 - 1):
        for call in (
            lambda n: watch.feed.appealState(n),
            lambda n: watch.feed.commitVote(n, 0, b"\x01" * 32, watch.anyone),
            lambda n: watch.feed.revealVote(n, 0, 1, True, b"\x01" * 32, watch.anyone),
            lambda n: watch.feed.decide(n, watch.anyone),
        ):
            with refused("UnknownAppeal", unknown):
                call(unknown)


def test_appeal_for_which_the_escrow_is_too_small_pays_no_votes(watch: Watch, flagged: int) -> None:
    watch.feed.withdrawEscrow(watch.money[0] - (VOTES - 1), watch.anyone)
    number = watch.appeal()
    assert (watch.money[0], named(watch.feed.appealState(number))["voteReward"]) == (VOTES - 1, 0)
    watch.decide(number, {0: True, 1: True})
    assert [int(watch.feed.owed(node.number)) for node in watch.rehearsal.nodes[5:8]] == [0, 0, 0]


def test_appeal_goes_by_the_last_final_round_whoever_opens_others(
    watch: Watch, flagged: int, rehearsal: Rehearsal, watched: int
) -> None:
    rehearsal.open(watched)
    assert named(watch.feed.appealState(watch.appeal()))["round"] == 1


# Deciding


def test_decide_on_both_sides_of_its_time(watch: Watch, flagged: int) -> None:
    number = watch.appeal()
    end = watch.reveals_end(number)
    watch.clock.next(end - 1)
    with refused("WrongTime", end, 0):
        watch.feed.decide(number, watch.anyone)
    watch.clock.next(end)
    closed = watch.feed.decide(number, watch.anyone)
    expected = {"appeal": 1, "subject": BAD, "outcome": UNDECIDED, "bond": RULES.bond}
    assert logged(closed, "AppealClosed") == [expected]
    with refused("AppealDecided", number):
        watch.feed.decide(number, watch.anyone)


def test_overturned_takes_the_alerts_down_and_gives_the_bond_back(watch: Watch, flagged: int) -> None:
    number = watch.appeal()
    closed = watch.decide(number, {0: False, 1: False})
    monitors = [watch.monitors[post].number for post in (0, 1)]
    assert logged(closed, "AlertOverturned") == [
        {"subject": BAD, "node": node, "post": post, "appeal": number} for post, node in enumerate(monitors)
    ]
    assert [one["stood"] for one in logged(closed, "AlertSettled")] == [False, False]
    assert named(watch.feed.appealState(number))["outcome"] == OVERTURNED
    assert (watch.risk()["monitors"], watch.feed.postsOn(BAD), watch.entry(0)["expiry"]) == (0, 0, 0)
    assert (watch.standing(0), watch.standing(1)) == ((1, 0, 0, 1), (1, 0, 0, 1))
    assert watch.feed.bonds(watch.rehearsal.sponsor) == RULES.bond
    # Both rewards are back, and of the votes' that of the seat which did not vote.
    assert watch.money == (FUNDS - 2 * RULES.vote_reward, 0)


def test_upheld_burns_the_bond_and_leaves_the_alerts(watch: Watch, flagged: int) -> None:
    supply = watch.token.totalSupply()
    closed = watch.decide(watch.appeal(), {0: True, 2: True})
    expected = {"appeal": 1, "subject": BAD, "outcome": UPHELD, "bond": RULES.bond}
    assert logged(closed, "AppealClosed") == [expected]
    assert watch.token.totalSupply() == supply - RULES.bond
    assert (watch.risk()["flagged"], watch.feed.bonds(watch.rehearsal.sponsor)) == (True, 0)
    assert (watch.feed.unburned(), logged(closed, "BondUnburned")) == (0, [])


@pytest.mark.parametrize("votes", [{}, {0: False}, {1: True}, {0: True, 1: False}], ids=str)
def test_undecided_changes_nothing_and_gives_the_bond_back(watch: Watch, flagged: int, votes: dict[int, bool]) -> None:
    money = watch.money
    watch.decide(watch.appeal(), votes)
    assert named(watch.feed.appealState(1))["outcome"] == UNDECIDED
    assert (watch.risk()["flagged"], watch.standing(0), watch.money) == (True, (1, 0, 0, 0), money)
    assert watch.feed.bonds(watch.rehearsal.sponsor) == RULES.bond


def test_quorum_of_the_seats_decides_against_the_rest(watch: Watch, flagged: int) -> None:
    watch.decide(watch.appeal(), {0: False, 1: True, 2: False})
    assert named(watch.feed.appealState(1))["outcome"] == OVERTURNED


def test_overturned_spares_what_came_after_the_appeal_and_what_was_over_before(watch: Watch) -> None:
    start = watch.clock.now + 10
    watch.say(0, at=start, expiry=start + 20)
    watch.say(1, at=start + 1)
    watch.say(2, at=start + 2)
    # Alert 0 is over in the very second of the appeal.
    number = watch.appeal(at=start + 20)
    watch.say(0, subject(2))
    watch.decide(number, {0: False, 1: False})
    assert [watch.standing(post)[3] for post in range(3)] == [0, 1, 1]


def test_overturned_spares_who_posted_a_second_later(watch: Watch) -> None:
    start = watch.flag()
    number = watch.appeal(at=start + 10)
    watch.say(2, at=start + 11)
    watch.decide(number, {0: False, 1: False})
    assert (watch.risk()["monitors"], watch.feed.postsOn(BAD), watch.standing(2)) == (1, 4, (1, 0, 0, 0))


def test_overturned_reaches_who_left_the_post_during_the_appeal(watch: Watch, flagged: int) -> None:
    number = watch.appeal()
    watch.feed.releasePost(0, {"from": watch.monitors[0].operator})
    watch.decide(number, {0: False, 1: False})
    assert watch.standing(0) == (1, 0, 0, 1)


def test_overturned_spares_who_left_the_post_a_second_before_the_appeal(watch: Watch) -> None:
    start = watch.flag(posts=(0, 1, 2))
    watch.clock.next(start + 9)
    watch.feed.releasePost(0, {"from": watch.monitors[0].operator})
    watch.decide(watch.appeal(at=start + 10), {0: False, 1: False})
    assert [watch.standing(post)[3] for post in range(3)] == [0, 1, 1]


# Between appeals


@pytest.mark.parametrize("votes", [{}, {0: True, 1: True}], ids=["undecided", "upheld"])
def test_alerts_that_came_through_are_safe_for_the_votes_time(
    watch: Watch, flagged: int, votes: dict[int, bool]
) -> None:
    watch.decide(watch.appeal(), votes)
    safe = watch.clock.now + RULES.vote_seconds
    assert watch.feed.appealableAt(BAD) == safe
    with refused("WrongTime", safe, 0):
        watch.appeal(at=safe - 1)
    # There was time to settle, so an appellant cannot hold a reward back for ever.
    watch.settle(0)
    assert watch.owed(0) == RULES.reward
    assert watch.appeal(at=safe) == 2


def test_new_alerts_after_an_overturn_can_be_appealed_against_at_once(watch: Watch, flagged: int) -> None:
    number = watch.appeal(at=flagged + 10)
    watch.say(2, at=flagged + 11)
    watch.decide(number, {0: False, 1: False})
    fourth = watch.monitors[3]
    watch.feed.takePost(3, {"from": fourth.operator})
    watch.say(3)
    assert watch.feed.appealableAt(BAD) == 0
    assert watch.appeal() == 2


# Bonds


def test_bonds_that_came_back_go_to_their_appellant_by_anyone(watch: Watch, flagged: int, stranger: Any) -> None:
    watch.overturn()
    sponsor = watch.rehearsal.sponsor
    balance = watch.token.balanceOf(sponsor)
    returned = watch.feed.fetchBonds(sponsor, {"from": stranger})
    assert logged(returned, "BondReturned") == [{"appellant": sponsor.address, "amount": RULES.bond}]
    assert watch.token.balanceOf(sponsor) == balance + RULES.bond
    with refused("ZeroAmount"):
        watch.feed.fetchBonds(sponsor, watch.anyone)


def test_bonds_of_several_appeals_add_up(watch: Watch) -> None:
    for about in (BAD, subject(2)):
        watch.flag(about)
        watch.decide(watch.appeal(about), {})
    assert watch.feed.bonds(watch.rehearsal.sponsor) == 2 * RULES.bond


def test_appeal_after_later_rounds_lets_those_vote_who_sat_before_the_last(
    watch: Watch, flagged: int, rehearsal: Rehearsal, watched: int, validators: list[Node]
) -> None:
    rehearsal.reach(watched, Phase.FINAL)
    number = watch.appeal()
    assert named(watch.feed.appealState(number))["round"] == 2
    watch.decide(number, {0: False, 1: False})
    assert named(watch.feed.appealState(number))["outcome"] == OVERTURNED
