"""Phases go on while nobody calls: each lasts from the deadline of the one before, however many have passed."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest
from clock import Clock
from logs import logged
from refusals import refused
from stages import SMALL, deadline_of, phase_of, staffed, standing, view

from anomalyhive.chain.views import Phase
from rehearsal import BASE, Node, Rehearsal, Round

GOOD = [100] * 5
SHORT = {f"{name}_seconds": 1 for name in ("train", "judge", "reveal", "tally", "attest")}


@pytest.fixture(scope="module")
def trained(deployed: Rehearsal, task: int) -> Round:
    """A round in TRAIN with three updates of five."""
    round_ = deployed.open(task)
    for shard in (0, 2, 4):
        deployed.submit(round_, shard)
    return round_


@pytest.fixture
def round_(trained: Round) -> Round:
    """The test's own copy of the record."""
    return deepcopy(trained)


def test_judge_phase_lasts_from_the_train_deadline_whenever_the_first_call_comes(
    rehearsal: Rehearsal, hive: Any, clock: Clock, round_: Round
) -> None:
    end = deadline_of(hive, round_) + BASE.judge_seconds
    for seat, at in ((0, end - 2), (1, end - 1)):
        clock.next(at)
        rehearsal.commit(round_, seat, GOOD)
        assert standing(hive, round_) == (Phase.JUDGE, end)
    clock.next(end)
    with refused("WrongPhase", Phase.REVEAL, Phase.JUDGE):
        rehearsal.commit(round_, 2, GOOD)
    assert standing(hive, round_) == (Phase.REVEAL, end + BASE.reveal_seconds)


def test_reveal_and_tally_phases_last_from_deadlines_that_nobody_called_at(
    rehearsal: Rehearsal, hive: Any, clock: Clock, round_: Round
) -> None:
    judged = deadline_of(hive, round_) + BASE.judge_seconds
    clock.next(judged - 3)
    for seat in range(2):
        rehearsal.commit(round_, seat, GOOD)
    revealed = judged + BASE.reveal_seconds
    clock.next(revealed - 1)
    rehearsal.reveal(round_, 0)
    clock.next(revealed)
    with refused("WrongPhase", Phase.STALLED, Phase.REVEAL):
        rehearsal.reveal(round_, 1)


def test_tally_is_possible_until_the_last_second_of_a_phase_that_nobody_saw_begin(
    rehearsal: Rehearsal, hive: Any, clock: Clock, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    round_ = rehearsal.reach(staffed(rehearsal, trainers, validators), Phase.REVEAL)
    for seat in range(2):
        rehearsal.reveal(round_, seat)
    del round_.verdicts[2]
    end = deadline_of(hive, round_) + BASE.tally_seconds
    clock.reach(end - 1)
    assert standing(hive, round_) == (Phase.TALLY, end)
    clock.next(end - 1)
    rehearsal.tally(round_)
    # Only the attest phase, which a tally begins, lasts from that call.
    assert standing(hive, round_) == (Phase.ATTEST, end - 1 + BASE.attest_seconds)


@pytest.mark.parametrize(("late", "phase"), [(-1, Phase.JUDGE), (0, Phase.STALLED), (10**8, Phase.STALLED)])
def test_round_that_nobody_judges_stalls_two_deadlines_later(
    hive: Any, clock: Clock, round_: Round, late: int, phase: Phase, stranger: Any
) -> None:
    clock.reach(deadline_of(hive, round_) + BASE.judge_seconds + late)
    assert phase_of(hive, round_) is phase
    if phase is Phase.STALLED:
        [event] = logged(hive.cancelRound(*round_.key, {"from": stranger}), "RoundCancelled")
        assert event["reached"] == Phase.JUDGE


@pytest.mark.parametrize("late", [0, 12345])
def test_round_that_nobody_tallies_stalls_two_deadlines_after_the_last_reveal(
    rehearsal: Rehearsal, hive: Any, clock: Clock, trainers: Sequence[Node], validators: Sequence[Node], late: int
) -> None:
    round_ = rehearsal.reach(staffed(rehearsal, trainers, validators), Phase.REVEAL)
    for seat in range(2):
        rehearsal.reveal(round_, seat)
    clock.reach(deadline_of(hive, round_) + BASE.tally_seconds + late)
    assert standing(hive, round_) == (Phase.STALLED, 0)
    transaction = hive.cancelRound(*round_.key, {"from": rehearsal.sponsor})
    [event] = logged(transaction, "RoundCancelled")
    assert event["reached"] == Phase.TALLY
    assert [slashed["seat"] for slashed in logged(transaction, "SeatSlashed")] == [2]


def test_passing_of_time_alone_writes_nothing_and_a_refused_call_neither(
    rehearsal: Rehearsal, hive: Any, clock: Clock, round_: Round
) -> None:
    begin = view(hive, round_)
    clock.next(deadline := begin["deadline"])
    with refused("WrongPhase", Phase.JUDGE, Phase.TRAIN):
        rehearsal.submit(round_, 1)
    expected = {**begin, "phase": Phase.JUDGE, "deadline": deadline + BASE.judge_seconds}
    assert view(hive, round_) == expected


def test_phases_of_one_second_each_can_all_be_used(
    rehearsal: Rehearsal, hive: Any, clock: Clock, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    task = staffed(rehearsal, trainers[:1], validators[:1], **{**SMALL, **SHORT, "update_quota": 0, "verdict_quota": 0})
    clock.next(now := clock.now + 5)
    round_ = rehearsal.open(task)
    clock.next(now)
    rehearsal.submit(round_, 0)
    clock.next(now + 1)
    rehearsal.commit(round_, 0, [9])
    clock.next(now + 2)
    rehearsal.reveal(round_, 0)
    clock.next(now + 2)
    rehearsal.tally(round_)
    clock.next(now + 2)
    rehearsal.attest(round_, 0, b"\x01" * 32)
    assert phase_of(hive, round_) is Phase.FINAL
