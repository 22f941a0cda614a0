"""The clock of a round: both sides of every deadline, and what stalls."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from anomalyhive.protocol import Phase, Progress, progress_at


@dataclass(frozen=True)
class Timetable:
    """Settings of a task: phases of different lengths, so that a mix-up shows."""

    min_updates: int = 2
    quorum: int = 2
    judge_seconds: int = 20
    reveal_seconds: int = 300
    tally_seconds: int = 4000


TASK = Timetable()
TRAIN = Progress(Phase.TRAIN, 1000, 2, 2, 2)


@pytest.mark.parametrize(
    ("time", "phase", "deadline"),
    [
        (999, Phase.TRAIN, 1000),
        (1000, Phase.JUDGE, 1020),
        (1019, Phase.JUDGE, 1020),
        (1020, Phase.REVEAL, 1320),
        (1319, Phase.REVEAL, 1320),
        (1320, Phase.TALLY, 5320),
        (5319, Phase.TALLY, 5320),
        (5320, Phase.STALLED, 0),
    ],
)
def test_progress_at_both_sides_of_each_deadline(time: int, phase: Phase, deadline: int) -> None:
    now, reached = progress_at(TRAIN, TASK, time)
    assert (now.phase, now.deadline) == (phase, deadline)
    assert reached == (Phase.TALLY if phase is Phase.STALLED else phase)


@pytest.mark.parametrize(
    ("missing", "reached"),
    [("submitted", Phase.TRAIN), ("committed", Phase.JUDGE), ("revealed", Phase.REVEAL)],
)
def test_progress_at_with_one_too_few_stalls_where_it_is_missed(missing: str, reached: Phase) -> None:
    short = replace(TRAIN, **{missing: 1})
    assert progress_at(short, TASK, 10**6) == (replace(short, phase=Phase.STALLED, deadline=0), reached)


def test_progress_at_attest_stalls_at_its_deadline() -> None:
    attest = replace(TRAIN, phase=Phase.ATTEST)
    assert progress_at(attest, TASK, 999)[0] == attest
    now, reached = progress_at(attest, TASK, 1000)
    assert (now.phase, reached) == (Phase.STALLED, Phase.ATTEST)


@pytest.mark.parametrize("phase", [Phase.NONE, Phase.FINAL, Phase.CANCELLED])
def test_progress_at_of_a_round_that_is_over_never_changes(phase: Phase) -> None:
    over = Progress(phase, 0, 2, 2, 2)
    assert progress_at(over, TASK, 10**9) == (over, phase)


def test_progress_at_of_a_tally_that_accepted_too_few_has_reached_the_tally() -> None:
    stalled = Progress(Phase.STALLED, 0, 2, 2, 2)
    assert progress_at(stalled, TASK, 10**9) == (stalled, Phase.TALLY)
