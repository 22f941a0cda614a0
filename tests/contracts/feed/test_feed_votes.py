"""Who votes about an appeal: the seats of the task, each once, unseen, none that came for it or about its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from logs import logged
from refusals import refused
from watch import BAD, MONITOR, RULES, UNDECIDED, Watch, named, salt

from anomalyhive.chain.views import Phase
from anomalyhive.protocol import vote_hash
from rehearsal import VALIDATE, Node, Rehearsal


@pytest.fixture
def appeal(watch: Watch) -> int:
    """An appeal against two alerts, open since now."""
    watch.flag()
    return watch.appeal()


def state(watch: Watch, appeal: int) -> dict[str, Any]:
    return named(watch.feed.appealState(appeal))


# Committing


def test_commit_keeps_the_seat_and_hides_the_vote(watch: Watch, appeal: int, validators: Sequence[Node]) -> None:
    done = watch.commit(appeal, 2, uphold=False)
    seen = state(watch, appeal)
    assert (seen["committed"], seen["upholding"], seen["overturning"]) == (4, 0, 0)
    node = validators[2].number
    hidden = vote_hash(watch.feed.address, appeal, 2, node, False, salt(2))
    assert logged(done, "VoteCommitted") == [{"appeal": appeal, "seat": 2, "node": node, "commitHash": hidden}]


def test_commit_on_both_sides_of_its_end(watch: Watch, appeal: int) -> None:
    end = watch.votes_end(appeal)
    watch.clock.next(end - 1)
    watch.commit(appeal, 0, uphold=True)
    watch.clock.next(end)
    with refused("WrongTime", end - RULES.vote_seconds, end):
        watch.commit(appeal, 1, uphold=True)


def test_commit_by_anyone_but_the_seats_operator_reverts(
    watch: Watch, appeal: int, validators: Sequence[Node], stranger: Any
) -> None:
    zero, one = validators[:2]
    for caller in (stranger, zero.owner, one.operator):
        with refused("NotOperator", caller, zero.operator):
            watch.feed.commitVote(appeal, 0, b"\x01" * 32, {"from": caller})


@pytest.mark.parametrize("seat", [3, 24, 255])
def test_commit_for_a_seat_that_is_not_there_reverts(
    watch: Watch, appeal: int, validators: Sequence[Node], seat: int
) -> None:
    caller = validators[0].operator
    with refused("NotOperator", caller, "0x" + "0" * 40):
        watch.feed.commitVote(appeal, seat, b"\x01" * 32, {"from": caller})


def test_commit_of_zero_reverts(watch: Watch, appeal: int, validators: Sequence[Node]) -> None:
    with refused("ZeroHash"):
        watch.feed.commitVote(appeal, 0, b"\x00" * 32, {"from": validators[0].operator})


def test_commit_twice_reverts(watch: Watch, appeal: int) -> None:
    watch.commit(appeal, 0, uphold=True)
    with refused("AlreadyVoted", 0):
        watch.commit(appeal, 0, uphold=False)


def test_commit_by_who_took_the_seat_since_reverts(
    watch: Watch, appeal: int, hive: Any, watched: int, validators: Sequence[Node], rehearsal: Rehearsal
) -> None:
    heir = rehearsal.register(VALIDATE)
    hive.releaseSeat(watched, 0, {"from": validators[0].operator})
    hive.takeSeat(watched, 0, {"from": heir.operator})
    with refused("TooLate", 0, 1, 1):
        watch.commit(appeal, 0, uphold=False)


def test_commit_by_who_took_the_seat_and_opened_a_round_before_the_appeal_reverts(
    watch: Watch, hive: Any, watched: int, validators: Sequence[Node], rehearsal: Rehearsal
) -> None:
    """What needs no quorum of the seats does not bring an appellant onto them."""
    heir = rehearsal.register(VALIDATE)
    hive.releaseSeat(watched, 0, {"from": validators[0].operator})
    hive.takeSeat(watched, 0, {"from": heir.operator})
    rehearsal.open(watched)
    watch.flag()
    number = watch.appeal()
    with refused("TooLate", 0, 1, 1):
        watch.commit(number, 0, uphold=False)


def test_commit_by_who_judged_the_last_final_round(
    watch: Watch, hive: Any, watched: int, validators: Sequence[Node], rehearsal: Rehearsal
) -> None:
    heir = rehearsal.register(VALIDATE)
    hive.releaseSeat(watched, 0, {"from": validators[0].operator})
    hive.takeSeat(watched, 0, {"from": heir.operator})
    rehearsal.reach(watched, Phase.FINAL)
    watch.flag()
    number = watch.appeal()
    watch.commit(number, 0, uphold=False)
    assert state(watch, number)["committed"] == 1


def test_commit_from_two_seats_by_one_node_reverts(
    watch: Watch, appeal: int, hive: Any, watched: int, validators: Sequence[Node]
) -> None:
    zero, one = validators[:2]
    watch.commit(appeal, 0, uphold=False)
    for seat, node in ((0, zero), (1, one)):
        hive.releaseSeat(watched, seat, {"from": node.operator})
    hive.takeSeat(watched, 1, {"from": zero.operator})
    with refused("TooLate", 1, 1, 1):
        watch.commit(appeal, 1, uphold=False)
    hive.takeSeat(watched, 0, {"from": one.operator})
    with refused("TooLate", 0, 1, 1):
        watch.commit(appeal, 0, uphold=False)


# About one's own


@pytest.fixture
def judge(watch: Watch, registry: Any, validators: Sequence[Node]) -> Node:
    """A validator that monitors too, at post 3."""
    one = validators[0]
    registry.setRoles(one.number, VALIDATE | MONITOR, {"from": one.owner})
    watch.feed.takePost(3, {"from": one.operator})
    return one


def test_commit_about_an_alert_of_ones_own_reverts(watch: Watch, judge: Node) -> None:
    watch.say(3, by=judge)
    watch.say(0)
    number = watch.appeal()
    with refused("OwnAlert", judge.number, BAD):
        watch.commit(number, 0, uphold=True)
    # Nor after leaving the post.
    watch.feed.releasePost(3, {"from": judge.operator})
    with refused("OwnAlert", judge.number, BAD):
        watch.commit(number, 0, uphold=True)


def test_commit_about_others_alerts_by_a_validator_that_monitors(watch: Watch, judge: Node, appeal: int) -> None:
    watch.commit(appeal, 0, uphold=True)
    assert state(watch, appeal)["committed"] == 1


def test_commit_by_whose_own_alert_was_over_and_paid_long_before(watch: Watch, judge: Node) -> None:
    start = watch.clock.now + 10
    watch.say(3, by=judge, at=start, expiry=start + RULES.stand_seconds)
    watch.flag(posts=(0, 1))
    number = watch.appeal(at=start + RULES.stand_seconds)
    with refused("OwnAlert", judge.number, BAD):
        watch.commit(number, 0, uphold=True)
    watch.decide(number, {})
    watch.settle(3)
    assert watch.owed(3) == 0
    assert int(watch.feed.owed(judge.number)) == RULES.reward
    later = watch.appeal(at=watch.clock.now + RULES.vote_seconds)
    watch.commit(later, 0, uphold=True)
    assert state(watch, later)["committed"] == 1


# Showing


def test_reveal_counts_on_its_side(watch: Watch, appeal: int, validators: Sequence[Node], stranger: Any) -> None:
    for seat, uphold in ((0, True), (1, False)):
        watch.commit(appeal, seat, uphold)
    watch.clock.reach(watch.votes_end(appeal))
    for seat, uphold in ((0, True), (1, False)):
        node = validators[seat].number
        done = watch.feed.revealVote(appeal, seat, node, uphold, salt(seat), {"from": stranger})
        assert logged(done, "VoteRevealed") == [{"appeal": appeal, "seat": seat, "node": node, "uphold": uphold}]
    assert (state(watch, appeal)["upholding"], state(watch, appeal)["overturning"]) == (1, 2)


def test_reveal_on_both_sides_of_its_time(watch: Watch, appeal: int) -> None:
    for seat in (0, 1):
        watch.commit(appeal, seat, uphold=True)
    begin, end = watch.votes_end(appeal), watch.reveals_end(appeal)
    watch.clock.next(begin - 1)
    with refused("WrongTime", begin, end):
        watch.reveal(appeal, 0, uphold=True)
    watch.clock.next(begin)
    watch.reveal(appeal, 0, uphold=True)
    watch.clock.next(end - 1)
    watch.reveal(appeal, 1, uphold=True)


def test_reveal_after_its_time_reverts(watch: Watch, appeal: int) -> None:
    watch.commit(appeal, 0, uphold=True)
    begin, end = watch.votes_end(appeal), watch.reveals_end(appeal)
    watch.clock.next(end)
    with refused("WrongTime", begin, end):
        watch.reveal(appeal, 0, uphold=True)


def test_reveal_of_anything_but_what_was_committed_reverts(
    watch: Watch, appeal: int, validators: Sequence[Node]
) -> None:
    watch.commit(appeal, 0, uphold=True)
    watch.clock.reach(watch.votes_end(appeal))
    node = validators[0].number
    wrong = [
        (0, node, False, salt(0)),
        (0, node + 1, True, salt(0)),
        (0, node, True, salt(1)),
        (1, node, True, salt(0)),
    ]
    for values in wrong:
        with refused("WrongReveal", values[0]):
            watch.feed.revealVote(appeal, *values, watch.anyone)


def test_reveal_twice_reverts(watch: Watch, appeal: int) -> None:
    watch.commit(appeal, 0, uphold=True)
    watch.clock.reach(watch.votes_end(appeal))
    watch.reveal(appeal, 0, uphold=True)
    with refused("WrongReveal", 0):
        watch.reveal(appeal, 0, uphold=True)


def test_copied_commitment_can_be_shown_by_nobody(watch: Watch, appeal: int, validators: Sequence[Node]) -> None:
    watch.commit(appeal, 0, uphold=True)
    node = validators[0].number
    copy = vote_hash(watch.feed.address, appeal, 0, node, True, salt(0))
    watch.feed.commitVote(appeal, 1, copy, {"from": validators[1].operator})
    watch.clock.reach(watch.votes_end(appeal))
    for number in (node, validators[1].number):
        with refused("WrongReveal", 1):
            watch.feed.revealVote(appeal, 1, number, True, salt(0), watch.anyone)


def test_vote_that_is_not_shown_counts_for_nobody(watch: Watch, appeal: int) -> None:
    for seat in (0, 1):
        watch.commit(appeal, seat, uphold=False)
    watch.clock.reach(watch.votes_end(appeal))
    watch.reveal(appeal, 0, uphold=False)
    watch.clock.reach(watch.reveals_end(appeal))
    watch.feed.decide(appeal, watch.anyone)
    assert state(watch, appeal)["outcome"] == UNDECIDED


# Pay


def test_majority_is_paid_and_nobody_else(watch: Watch, appeal: int, validators: Sequence[Node]) -> None:
    escrow, locked = watch.money
    watch.decide(appeal, {0: True, 1: False, 2: True})
    owed = [int(watch.feed.owed(node.number)) for node in validators]
    assert owed == [RULES.vote_reward, 0, RULES.vote_reward]
    assert watch.money == (escrow + RULES.vote_reward, locked - 3 * RULES.vote_reward)


def test_who_left_the_seat_after_the_vote_is_paid_for_it(
    watch: Watch, appeal: int, hive: Any, watched: int, validators: Sequence[Node], rehearsal: Rehearsal
) -> None:
    zero, heir = validators[0], rehearsal.register(VALIDATE)
    for seat in (0, 1):
        watch.commit(appeal, seat, uphold=True)
    hive.releaseSeat(watched, 0, {"from": zero.operator})
    hive.takeSeat(watched, 0, {"from": heir.operator})
    watch.clock.reach(watch.votes_end(appeal))
    watch.reveal(appeal, 0, uphold=True, node=zero.number)
    watch.reveal(appeal, 1, uphold=True)
    watch.clock.reach(watch.reveals_end(appeal))
    watch.feed.decide(appeal, watch.anyone)
    assert int(watch.feed.owed(zero.number)) == RULES.vote_reward
    assert int(watch.feed.owed(heir.number)) == 0
