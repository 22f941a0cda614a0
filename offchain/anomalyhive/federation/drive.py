"""The loop of a federation in one process: let every node take its steps, and time pass when none can."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.rpc import latest_time
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import Phase, RoundView
from anomalyhive.errors import ChainFailure
from anomalyhive.roles.steps import Actor, Taken, take_steps
from anomalyhive.roles.task import Task

MOST_IDLE_WAITS = 100
"""A round has six phases and two moments to wait for in one of them; beyond this, time passes and nothing happens."""

SHORTEST_SLEEP, LONGEST_SLEEP = 0.5, 5.0
"""Seconds between two looks at the latest block."""

QUIET_SECONDS = 30.0
"""No chain that makes blocks by itself lets so much time pass between two."""

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

    def __init__(self, hive: HiveClient, signer: Signer, quiet_seconds: float = QUIET_SECONDS) -> None:
        """``signer`` makes a block where nobody else does for ``quiet_seconds``."""
        self._hive = hive
        self._signer = signer
        self._quiet_seconds = quiet_seconds

    def wait_until(self, timestamp: int) -> None:
        """Sleep. What counts is the time of the latest block: phases are told by it, not by the clock on the wall."""
        seen, since = 0, time.monotonic()
        while (latest := latest_time(self._hive.web3)) < timestamp:
            if latest != seen:
                seen, since = latest, time.monotonic()
            elif time.monotonic() - since >= self._quiet_seconds:
                # Development chains make a block for a transaction and at no other time.
                self._signer.transfer(self._signer.address, 0)
                continue
            time.sleep(min(max(timestamp - self._hive.now(), SHORTEST_SLEEP), LONGEST_SLEEP, self._quiet_seconds))


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
