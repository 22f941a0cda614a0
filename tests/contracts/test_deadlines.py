"""Both sides of every deadline: the last second belongs to a phase, the next one no more; quotas end phases at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import pytest
from clock import Clock
from refusals import refused
from stages import deadline_of, phase_of, run_out, staffed, standing, view

from anomalyhive.chain.views import Phase
from rehearsal import BASE, Node, Rehearsal, Round

GOOD = [100] * 5


def by_then(rehearsal: Rehearsal, round_: Round, phase: Phase, enough: bool) -> None:
    """In a round that stands in ``phase``: one call less than enough to end it, or just enough to survive its end."""
    if phase is Phase.TRAIN:
        for shard in range(BASE.min_updates if enough else BASE.min_updates - 1):
            rehearsal.submit(round_, shard)
    elif phase is Phase.JUDGE:
        for seat in range(BASE.quorum if enough else BASE.quorum - 1):
            rehearsal.commit(round_, seat, GOOD)
    elif phase is Phase.REVEAL:
        for seat in range(BASE.quorum if enough else BASE.quorum - 1):
            rehearsal.reveal(round_, seat)
    elif phase is Phase.TALLY:
        rehearsal.hive.tally(*round_.key, round_.rows[:-1], round_.scores, {"from": rehearsal.sponsor})
    else:
        rehearsal.attest(round_, 0, rehearsal.model_of(round_))


def act(rehearsal: Rehearsal, round_: Round, phase: Phase) -> Any:
    """One more call of the phase, by somebody who has not called yet."""
    if phase is Phase.TRAIN:
        return rehearsal.submit(round_, 4)
    if phase is Phase.JUDGE:
        return rehearsal.commit(round_, 2, GOOD)
    if phase is Phase.REVEAL:
        return rehearsal.reveal(round_, 2)
    if phase is Phase.TALLY:
        return rehearsal.tally(round_)
    return rehearsal.attest(round_, 2, rehearsal.model_of(round_))


PHASES = (Phase.TRAIN, Phase.JUDGE, Phase.REVEAL, Phase.TALLY, Phase.ATTEST)

SURVIVABLE = PHASES[:3]
"""Phases whose deadline may pass without harm; a tally and a quorum of attestations end theirs by being complete."""

LENGTHS = {
    Phase.TRAIN: BASE.train_seconds,
    Phase.JUDGE: BASE.judge_seconds,
    Phase.REVEAL: BASE.reveal_seconds,
    Phase.TALLY: BASE.tally_seconds,
    Phase.ATTEST: BASE.attest_seconds,
}


@pytest.fixture(scope="module")
def entered(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> dict[Phase, Round]:
    """Phase -> a round that has just entered it by the quota of the phase before."""
    return {phase: deployed.reach(staffed(deployed, trainers, validators), phase) for phase in PHASES}


@pytest.fixture
def rounds(entered: dict[Phase, Round]) -> dict[Phase, Round]:
    """The test's own copy of the records."""
    return deepcopy(entered)


def each(phases: Sequence[Phase]) -> Any:
    """A test for each phase."""
    return pytest.mark.parametrize("phase", phases, ids=lambda phase: phase.name)


# Acting


@each(PHASES)
def test_call_one_second_before_the_deadline_counts(
    rehearsal: Rehearsal, hive: Any, clock: Clock, rounds: dict[Phase, Round], phase: Phase
) -> None:
    round_ = rounds[phase]
    by_then(rehearsal, round_, phase, enough=False)
    clock.next(deadline_of(hive, round_) - 1)
    act(rehearsal, round_, phase)
    # That one was what lacked, so nothing can stall the round in this phase any more.
    clock.reach(clock.now + 1)
    assert phase_of(hive, round_) is Phase(phase + 1)


@each(PHASES)
def test_call_at_the_deadline_of_a_phase_that_lacked_it_reverts(
    rehearsal: Rehearsal, hive: Any, clock: Clock, rounds: dict[Phase, Round], phase: Phase
) -> None:
    round_ = rounds[phase]
    by_then(rehearsal, round_, phase, enough=False)
    clock.next(deadline_of(hive, round_))
    with refused("WrongPhase", Phase.STALLED, phase):
        act(rehearsal, round_, phase)


@each(SURVIVABLE)
def test_call_at_the_deadline_of_a_phase_that_had_enough_reverts(
    rehearsal: Rehearsal, hive: Any, clock: Clock, rounds: dict[Phase, Round], phase: Phase
) -> None:
    round_ = rounds[phase]
    by_then(rehearsal, round_, phase, enough=True)
    clock.next(deadline_of(hive, round_))
    with refused("WrongPhase", Phase(phase + 1), phase):
        act(rehearsal, round_, phase)


@each(SURVIVABLE)
def test_call_of_the_next_phase_one_second_before_the_deadline_reverts(
    rehearsal: Rehearsal, hive: Any, clock: Clock, rounds: dict[Phase, Round], phase: Phase
) -> None:
    round_ = rounds[phase]
    by_then(rehearsal, round_, phase, enough=True)
    clock.next(deadline_of(hive, round_) - 1)
    with refused("WrongPhase", phase, Phase(phase + 1)):
        NEXT[phase](rehearsal, round_)


@each(SURVIVABLE)
def test_call_of_the_next_phase_at_the_deadline_counts(
    rehearsal: Rehearsal, hive: Any, clock: Clock, rounds: dict[Phase, Round], phase: Phase
) -> None:
    round_ = rounds[phase]
    by_then(rehearsal, round_, phase, enough=True)
    clock.next(deadline := deadline_of(hive, round_))
    NEXT[phase](rehearsal, round_)
    if phase is Phase.REVEAL:
        assert standing(hive, round_) == (Phase.ATTEST, deadline + BASE.attest_seconds)
    else:
        assert standing(hive, round_) == (Phase(phase + 1), deadline + LENGTHS[Phase(phase + 1)])


def tally_two(rehearsal: Rehearsal, round_: Round) -> Any:
    """The tally of a round whose seat 2 did not reveal."""
    rows, scores = round_.rows, [round_.verdicts[seat].scores for seat in (0, 1)]
    return rehearsal.hive.tally(*round_.key, rows, scores, {"from": rehearsal.sponsor})


NEXT: dict[Phase, Callable[[Rehearsal, Round], Any]] = {
    Phase.TRAIN: lambda rehearsal, round_: rehearsal.commit(round_, 0, GOOD),
    # A wrong phase is refused before a wrong verdict: who committed is seat 0.
    Phase.JUDGE: lambda rehearsal, round_: rehearsal.reveal(round_, 0),
    Phase.REVEAL: tally_two,
}


# Cancelling


@each(PHASES)
def test_cancel_round_one_second_before_the_deadline_reverts_and_at_it_succeeds(
    rehearsal: Rehearsal, hive: Any, clock: Clock, rounds: dict[Phase, Round], phase: Phase
) -> None:
    round_ = rounds[phase]
    by_then(rehearsal, round_, phase, enough=False)
    deadline = deadline_of(hive, round_)
    clock.next(deadline - 1)
    with refused("WrongPhase", phase, Phase.STALLED):
        hive.cancelRound(*round_.key, {"from": rehearsal.sponsor})
    clock.next(deadline)
    hive.cancelRound(*round_.key, {"from": rehearsal.sponsor})
    assert standing(hive, round_) == (Phase.CANCELLED, 0)


@each(PHASES)
def test_open_round_at_the_deadline_of_one_that_is_not_cancelled_reverts(
    rehearsal: Rehearsal, hive: Any, clock: Clock, rounds: dict[Phase, Round], phase: Phase
) -> None:
    round_ = rounds[phase]
    clock.next(deadline_of(hive, round_))
    with refused("RoundOpen", 1, Phase.STALLED):
        hive.openRound(round_.task, {"from": rehearsal.sponsor})


# Views


@each(PHASES)
def test_views_turn_at_the_deadline(hive: Any, clock: Clock, rounds: dict[Phase, Round], phase: Phase) -> None:
    round_ = rounds[phase]
    deadline = deadline_of(hive, round_)
    clock.reach(deadline - 1)
    assert standing(hive, round_) == (phase, deadline)
    assert (view(hive, round_)["phase"], view(hive, round_)["deadline"]) == (phase, deadline)
    clock.reach(deadline)
    assert standing(hive, round_) == (Phase.STALLED, 0)
    assert (view(hive, round_)["phase"], view(hive, round_)["deadline"]) == (Phase.STALLED, 0)


# Quotas


@each(PHASES[:4])
def test_quota_ends_a_phase_at_once_and_the_next_one_lasts_from_then(
    rehearsal: Rehearsal, hive: Any, clock: Clock, rounds: dict[Phase, Round], phase: Phase
) -> None:
    round_ = rounds[phase]
    missing = {
        Phase.TRAIN: [lambda shard=shard: rehearsal.submit(round_, shard) for shard in range(5)],
        Phase.JUDGE: [lambda seat=seat: rehearsal.commit(round_, seat, GOOD) for seat in range(3)],
        Phase.REVEAL: [lambda seat=seat: rehearsal.reveal(round_, seat) for seat in range(3)],
        Phase.TALLY: [lambda: rehearsal.tally(round_)],
    }[phase]
    for call in missing[:-1]:
        call()
    assert phase_of(hive, round_) is phase
    clock.next(at := clock.now + 17)
    missing[-1]()
    assert standing(hive, round_) == (Phase(phase + 1), at + LENGTHS[Phase(phase + 1)])


def test_phases_without_quotas_end_by_their_deadlines_alone(
    rehearsal: Rehearsal, hive: Any, clock: Clock, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    round_ = rehearsal.open(staffed(rehearsal, trainers, validators, update_quota=0, verdict_quota=0))
    opened = deadline_of(hive, round_)
    for shard in range(5):
        rehearsal.submit(round_, shard)
    assert standing(hive, round_) == (Phase.TRAIN, opened)
    run_out(hive, round_)
    for seat in range(3):
        rehearsal.commit(round_, seat, GOOD)
    assert standing(hive, round_) == (Phase.JUDGE, opened + BASE.judge_seconds)
    run_out(hive, round_)
    assert standing(hive, round_) == (Phase.REVEAL, opened + BASE.judge_seconds + BASE.reveal_seconds)
