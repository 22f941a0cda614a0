"""When anyone may take a slot from its holder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from logs import logged, plain
from play import SEATS, SHARDS, Play
from refusals import refused

from anomalyhive.chain.views import Phase
from rehearsal import BASE, STAKE, TRAIN, VALIDATE, Node

FREE = ("0x" + "0" * 40, 0, 0, 0)
MISSING = 0
"""The shard or the seat whose holder is absent."""

PRESENT_SHARDS, PRESENT_SEATS = SHARDS[1:], SEATS[1:]


# Holders that are not active any more


def test_free_an_active_holder_reverts(
    hive: Any, task: int, trainers: Sequence[Node], validators: Sequence[Node], stranger: Any
) -> None:
    with refused("NotFreeable", 1, trainers[1].number):
        hive.freeShard(task, 1, {"from": stranger})
    with refused("NotFreeable", 1, validators[1].number):
        hive.freeSeat(task, 1, {"from": stranger})


@pytest.mark.parametrize("reason", ["exit", "role", "slash"])
def test_free_shard_of_an_inactive_holder(
    hive: Any, registry: Any, task: int, trainers: Sequence[Node], stranger: Any, hive_caller: Any, reason: str
) -> None:
    holder = trainers[1]
    deactivate(registry, holder, VALIDATE, hive_caller, reason)
    transaction = hive.freeShard(task, 1, {"from": stranger})
    assert plain(hive.shard(task, 1)) == FREE
    assert hive.held(holder.number) == 0
    assert logged(transaction, "ShardFreed") == [{"task": task, "shard": 1, "node": holder.number}]


@pytest.mark.parametrize("reason", ["exit", "role", "slash"])
def test_free_seat_of_an_inactive_holder(
    hive: Any, registry: Any, task: int, validators: Sequence[Node], stranger: Any, hive_caller: Any, reason: str
) -> None:
    holder = validators[1]
    deactivate(registry, holder, TRAIN, hive_caller, reason)
    transaction = hive.freeSeat(task, 1, {"from": stranger})
    assert plain(hive.seat(task, 1)) == FREE
    assert (hive.held(holder.number), hive.seatOf(task, holder.number)) == (0, 0)
    assert logged(transaction, "SeatFreed") == [{"task": task, "seat": 1, "node": holder.number}]


def deactivate(registry: Any, node: Node, other_role: int, hive_caller: Any, reason: str) -> None:
    """End what makes the node eligible, in one of three ways."""
    if reason == "exit":
        registry.requestExit(node.number, {"from": node.owner})
    elif reason == "role":
        registry.setRoles(node.number, other_role, {"from": node.owner})
    else:
        registry.slash(node.number, STAKE - BASE.min_stake + 1, {"from": hive_caller})


def test_free_a_holder_slashed_to_just_the_least_stake_reverts(
    hive: Any, registry: Any, task: int, trainers: Sequence[Node], stranger: Any, hive_caller: Any
) -> None:
    registry.slash(trainers[1].number, STAKE - BASE.min_stake, {"from": hive_caller})
    with refused("NotFreeable", 1, trainers[1].number):
        hive.freeShard(task, 1, {"from": stranger})


def test_freed_slots_are_there_to_be_taken(
    hive: Any, registry: Any, task: int, trainers: Sequence[Node], validators: Sequence[Node], other: Node
) -> None:
    for holder in (trainers[1], validators[1]):
        registry.requestExit(holder.number, {"from": holder.owner})
    hive.freeShard(task, 1)
    hive.freeSeat(task, 1)
    hive.takeShard(task, 1, {"from": other.operator})
    hive.takeSeat(task, 1, {"from": other.operator})
    assert hive.shard(task, 1)[1] == hive.seat(task, 1)[1] == other.number


# Holders that miss rounds


def test_free_shard_after_missing_as_many_rounds_as_the_limit(hive: Any, play: Play, trainers: Sequence[Node]) -> None:
    task = play.task(miss_limit=2)
    play.final(task, PRESENT_SHARDS)
    with refused("NotFreeable", MISSING, trainers[MISSING].number):
        hive.freeShard(task, MISSING)
    play.final(task, PRESENT_SHARDS)
    with refused("NotFreeable", 1, trainers[1].number):
        hive.freeShard(task, 1)
    hive.freeShard(task, MISSING)
    assert plain(hive.shard(task, MISSING)) == FREE


def test_free_seat_after_missing_as_many_rounds_as_the_limit(hive: Any, play: Play, validators: Sequence[Node]) -> None:
    task = play.task(miss_limit=2)
    play.final(task, seats=PRESENT_SEATS)
    with refused("NotFreeable", MISSING, validators[MISSING].number):
        hive.freeSeat(task, MISSING)
    play.final(task, seats=PRESENT_SEATS)
    with refused("NotFreeable", 1, validators[1].number):
        hive.freeSeat(task, 1)
    hive.freeSeat(task, MISSING)
    assert plain(hive.seat(task, MISSING)) == FREE


def test_free_shard_misses_must_be_the_last_ones(hive: Any, play: Play, trainers: Sequence[Node]) -> None:
    task = play.task(miss_limit=2)
    for shards in (PRESENT_SHARDS, PRESENT_SHARDS, SHARDS, PRESENT_SHARDS):
        play.final(task, shards)
    with refused("NotFreeable", MISSING, trainers[MISSING].number):
        hive.freeShard(task, MISSING)


def test_free_seat_misses_must_be_the_last_ones(hive: Any, play: Play, validators: Sequence[Node]) -> None:
    task = play.task(miss_limit=2)
    for seats in (PRESENT_SEATS, PRESENT_SEATS, SEATS, PRESENT_SEATS):
        play.final(task, seats=seats)
    with refused("NotFreeable", MISSING, validators[MISSING].number):
        hive.freeSeat(task, MISSING)


def test_free_cancelled_rounds_do_not_count(
    hive: Any, play: Play, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    task = play.task(miss_limit=2)
    play.final(task, PRESENT_SHARDS, PRESENT_SEATS)
    play.cancelled(task)
    with refused("NotFreeable", MISSING, trainers[MISSING].number):
        hive.freeShard(task, MISSING)
    with refused("NotFreeable", MISSING, validators[MISSING].number):
        hive.freeSeat(task, MISSING)
    play.final(task, PRESENT_SHARDS, PRESENT_SEATS)
    hive.freeShard(task, MISSING)
    hive.freeSeat(task, MISSING)


@pytest.mark.parametrize("between", [False, True], ids=["since the last", "between two"])
def test_free_shard_not_after_an_update_in_a_cancelled_round_since_the_first_that_it_missed(
    hive: Any, play: Play, trainers: Sequence[Node], between: bool
) -> None:
    task = play.task(miss_limit=2)
    play.final(task, PRESENT_SHARDS)
    if between:
        play.cancelled(task, shards=[MISSING])
    play.final(task, PRESENT_SHARDS)
    if not between:
        play.cancelled(task, shards=[MISSING])
    with refused("NotFreeable", MISSING, trainers[MISSING].number):
        hive.freeShard(task, MISSING)
    # It excuses the rounds before it, and no more than them.
    play.final(task, PRESENT_SHARDS)
    with_two_since = not between
    if with_two_since:
        with refused("NotFreeable", MISSING, trainers[MISSING].number):
            hive.freeShard(task, MISSING)
        play.final(task, PRESENT_SHARDS)
    hive.freeShard(task, MISSING)
    assert plain(hive.shard(task, MISSING)) == FREE


def test_free_shard_not_after_an_update_in_the_open_round(hive: Any, play: Play, trainers: Sequence[Node]) -> None:
    task = play.task(miss_limit=1)
    play.final(task, PRESENT_SHARDS)
    hive.freeShard.call(task, MISSING, {"from": trainers[0].owner})
    play.rehearsal.submit(play.rehearsal.open(task), MISSING)
    with refused("NotFreeable", MISSING, trainers[MISSING].number):
        hive.freeShard(task, MISSING)


def test_free_shard_for_misses_of_the_present_holder_alone(
    hive: Any, play: Play, trainers: Sequence[Node], node: Node
) -> None:
    task = play.task(miss_limit=1)
    play.final(task, PRESENT_SHARDS)
    hive.releaseShard(task, MISSING, {"from": trainers[MISSING].operator})
    hive.takeShard(task, MISSING, {"from": node.operator})
    with refused("NotFreeable", MISSING, node.number):
        hive.freeShard(task, MISSING)
    play.final(task, PRESENT_SHARDS)
    hive.freeShard(task, MISSING)


def test_free_shard_of_a_holder_whose_forerunner_submitted_last(
    hive: Any, play: Play, trainers: Sequence[Node], node: Node
) -> None:
    task = play.task(miss_limit=1)
    play.final(task)
    hive.releaseShard(task, MISSING, {"from": trainers[MISSING].operator})
    hive.takeShard(task, MISSING, {"from": node.operator})
    play.final(task, PRESENT_SHARDS)
    # The word of the shard is still the update of who left: none of the present holder's.
    hive.freeShard(task, MISSING)
    assert plain(hive.shard(task, MISSING)) == FREE


def test_free_seat_not_excused_by_a_commit_in_a_cancelled_round(
    hive: Any, play: Play, validators: Sequence[Node]
) -> None:
    task = play.task(miss_limit=1)
    play.final(task, seats=PRESENT_SEATS)
    round_ = play.rehearsal.reach(task, Phase.JUDGE)
    play.rehearsal.commit(round_, MISSING, [100] * BASE.shards)
    with refused("SeatBound", round_.number, MISSING):
        hive.freeSeat(task, MISSING)
    play.end(round_, Phase.JUDGE)
    hive.cancelRound(*round_.key)
    hive.freeSeat(task, MISSING)
    assert plain(hive.seat(task, MISSING)) == FREE


def test_free_rounds_up_to_the_one_in_which_the_holder_came_do_not_count(
    hive: Any, play: Play, node: Node, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    task = play.task(miss_limit=1)
    play.final(task, PRESENT_SHARDS, PRESENT_SEATS)
    round_ = play.rehearsal.open(task)
    hive.releaseShard(task, MISSING, {"from": trainers[MISSING].operator})
    hive.releaseSeat(task, MISSING, {"from": validators[MISSING].operator})
    hive.takeShard(task, MISSING, {"from": node.operator})
    hive.takeSeat(task, MISSING, {"from": node.operator})
    assert hive.shard(task, MISSING)[2] == hive.seat(task, MISSING)[2] == round_.number
    play.finish(round_, PRESENT_SHARDS, PRESENT_SEATS)
    with refused("NotFreeable", MISSING, node.number):
        hive.freeShard(task, MISSING)
    with refused("NotFreeable", MISSING, node.number):
        hive.freeSeat(task, MISSING)
    play.final(task, PRESENT_SHARDS, PRESENT_SEATS)
    hive.freeShard(task, MISSING)
    hive.freeSeat(task, MISSING)


def test_free_for_misses_never_if_the_limit_is_zero(
    hive: Any, play: Play, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    task = play.task(miss_limit=0)
    play.final(task, PRESENT_SHARDS, PRESENT_SEATS)
    with refused("NotFreeable", MISSING, trainers[MISSING].number):
        hive.freeShard(task, MISSING)
    with refused("NotFreeable", MISSING, validators[MISSING].number):
        hive.freeSeat(task, MISSING)


def test_free_before_any_final_round_reverts(hive: Any, play: Play, trainers: Sequence[Node]) -> None:
    task = play.task(miss_limit=1)
    play.cancelled(task)
    with refused("NotFreeable", MISSING, trainers[MISSING].number):
        hive.freeShard(task, MISSING)


def test_free_shard_not_for_a_phase_that_others_filled(hive: Any, play: Play, trainers: Sequence[Node]) -> None:
    task = play.task(miss_limit=1, update_quota=4)
    play.final(task, PRESENT_SHARDS)
    with refused("NotFreeable", MISSING, trainers[MISSING].number):
        hive.freeShard(task, MISSING)
    play.final(task, PRESENT_SHARDS[1:])
    hive.freeShard(task, MISSING)


def test_free_seat_not_for_a_phase_that_others_filled(hive: Any, play: Play, validators: Sequence[Node]) -> None:
    task = play.task(miss_limit=1, verdict_quota=2)
    play.final(task, seats=PRESENT_SEATS)
    with refused("NotFreeable", MISSING, validators[MISSING].number):
        hive.freeSeat(task, MISSING)


def test_free_a_filled_phase_among_the_last_rounds_keeps_the_holder_in(
    hive: Any, play: Play, trainers: Sequence[Node]
) -> None:
    task = play.task(miss_limit=2, update_quota=4)
    play.final(task, PRESENT_SHARDS)
    play.final(task, PRESENT_SHARDS[1:])
    with refused("NotFreeable", MISSING, trainers[MISSING].number):
        hive.freeShard(task, MISSING)
    play.final(task, PRESENT_SHARDS[1:])
    hive.freeShard(task, MISSING)


def test_free_without_quotas_every_absence_counts(hive: Any, play: Play) -> None:
    task = play.task(miss_limit=1, update_quota=0, verdict_quota=0)
    play.final(task, PRESENT_SHARDS, PRESENT_SEATS)
    hive.freeShard(task, MISSING)
    hive.freeSeat(task, MISSING)


def test_free_seat_that_committed_and_did_not_reveal_even_if_the_quota_was_filled(
    hive: Any, registry: Any, play: Play, validators: Sequence[Node]
) -> None:
    task = play.task(miss_limit=1, verdict_quota=3)
    play.final(task, withheld=[MISSING])
    assert registry.isActive(validators[MISSING].number, VALIDATE, BASE.min_stake)
    with refused("NotFreeable", 1, validators[1].number):
        hive.freeSeat(task, 1)
    hive.freeSeat(task, MISSING)
