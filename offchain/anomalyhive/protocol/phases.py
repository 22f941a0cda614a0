"""The clock of a round: which phase it is in at a time, from what the last call left. Mirrors `Phases.sol`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Protocol


class Phase(IntEnum):
    """The phases of a round, numbered as in `IHiveTypes.Phase`. They only move forward."""

    NONE = 0
    TRAIN = 1
    JUDGE = 2
    REVEAL = 3
    TALLY = 4
    ATTEST = 5
    FINAL = 6
    CANCELLED = 7
    STALLED = 8


class Timetable(Protocol):
    """What the clock needs of a task's configuration: seconds and counts, as in `IHiveTypes.TaskConfig`."""

    @property
    def min_updates(self) -> int: ...
    @property
    def quorum(self) -> int: ...
    @property
    def judge_seconds(self) -> int: ...
    @property
    def reveal_seconds(self) -> int: ...
    @property
    def tally_seconds(self) -> int: ...


@dataclass(frozen=True)
class Progress:
    """How far a round has come: ``deadline`` in Unix seconds, 0 if none ends the phase; the rest are counts."""

    phase: Phase
    deadline: int
    submitted: int
    committed: int
    revealed: int


def progress_at(progress: Progress, task: Timetable, time: int) -> tuple[Progress, Phase]:
    """The progress at ``time`` (Unix seconds), and the last phase reached other than STALLED.

    The second of a deadline belongs to the next phase; each phase starts when the one before ended, whether or
    not anybody called then.
    """
    steps = {
        Phase.TRAIN: (progress.submitted >= task.min_updates, Phase.JUDGE, task.judge_seconds),
        Phase.JUDGE: (progress.committed >= task.quorum, Phase.REVEAL, task.reveal_seconds),
        Phase.REVEAL: (progress.revealed >= task.quorum, Phase.TALLY, task.tally_seconds),
        Phase.TALLY: (False, Phase.STALLED, 0),
        Phase.ATTEST: (False, Phase.STALLED, 0),
    }
    # Only a tally that accepted too few leaves a stalled round.
    reached: Phase = Phase.TALLY if progress.phase is Phase.STALLED else progress.phase
    now = progress
    while now.phase in steps and time >= now.deadline:
        enough, following, seconds = steps[now.phase]
        if not enough:
            return replace(now, phase=Phase.STALLED, deadline=0), reached
        now = replace(now, phase=following, deadline=now.deadline + seconds)
        reached = following
    return now, reached
