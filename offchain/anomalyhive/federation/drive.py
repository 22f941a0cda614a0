"""The loop of a federation in one process: let every node take its steps, and time pass when none can."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.views import Phase, RoundView
from anomalyhive.errors import ChainFailure
from anomalyhive.roles.steps import Actor, Taken, take_steps
from anomalyhive.roles.task import Task

MOST_IDLE_WAITS = 100
"""A round has six phases and two moments to wait for in one of them; beyond this, time passes and nothing happens."""

ENDED = (Phase.FINAL, Phase.CANCELLED)


class Clock(Protocol):
    """How time passes on a chain."""

    def wait_until(self, timestamp: int) -> None:
        """Return when the next block will be at `timestamp` (unix seconds) or later."""


class LocalClock:
    """The clock of a chain of one's own: waiting costs nothing."""

    def __init__(self, chain: LocalChain) -> None:
        self._chain = chain

    def wait_until(self, timestamp: int) -> None:
        """Set the chain's clock."""
        self._chain.fast_forward(timestamp)


class WallClock:
    """The clock of everybody else's chain."""

    def __init__(self, hive: HiveClient) -> None:
        self._hive = hive

    def wait_until(self, timestamp: int) -> None:
        """Sleep."""
        while (now := self._hive.now()) < timestamp:
            time.sleep(min(timestamp - now, 5))


def drive_round(
    hive: HiveClient, task: Task, round_: int, actors: Sequence[Actor], clock: Clock, tell: Callable[[Taken], None]
) -> RoundView:
    """Drive an open round until it is final or cancelled; return it as it ended."""

    def look() -> RoundView:
        return hive.round(task.number, round_)

    for _ in range(MOST_IDLE_WAITS):
        while taken := take_steps(actors, look):
            for one in taken:
                tell(one)
        view = look()
        if view.phase in ENDED:
            return view
        clock.wait_until(_next_moment(view, task.config.judge_seconds))
    raise ChainFailure(f"round {round_} of task {task.number} does not end: it stands in {view.phase.name}")


def _next_moment(view: RoundView, judge_seconds: int) -> int:
    """When somebody may act who cannot act now: validators stop waiting for content before the phase ends."""
    patience_ends = view.patience_of(judge_seconds)
    return patience_ends if view.phase is Phase.JUDGE and patience_ends > view.now else view.ends_at
