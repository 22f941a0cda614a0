"""Whether a node is well: its loop turns, and the chain answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from anomalyhive.chain.views import RoundView
from anomalyhive.node.watching import Silence, Standing
from anomalyhive.texts import one_line

PATIENCE_SECONDS = 300.0
"""Longest time between two answers of the chain; a turn with a large vector to compute takes minutes."""


@dataclass(frozen=True)
class Condition:
    """Whether a node is well, why not, and what a person would ask next."""

    well: bool
    facts: dict[str, Any]


class Health(Silence):
    """A watcher that knows when the chain last answered, and what failed since."""

    def __init__(
        self, clock: Callable[[], float], hide: Callable[[str], str], patience: float = PATIENCE_SECONDS
    ) -> None:
        self._clock, self._hide, self._patience = clock, hide, patience
        self._lock = Lock()
        self._begun = clock()
        self._answered: float | None = None
        self._block: int | None = None
        self._lag: float | None = None
        self._node: int | None = None
        self._watch: dict[str, int] = {}
        self._fault = ""

    def condition(self) -> Condition:
        """How the node is now; asked by other threads than the loop's."""
        with self._lock:
            now = self._clock()
            silent = now - (self._begun if self._answered is None else self._answered)
            reason = self._reason(silent)
            return Condition(
                not reason,
                {
                    "healthy": not reason,
                    "reason": reason or None,
                    "node": self._node,
                    "block": self._block,
                    "head_lag_seconds": None if self._lag is None else round(self._lag, 3),
                    "answered_seconds_ago": None if self._answered is None else round(silent, 3),
                    **self._watch,
                },
            )

    def _reason(self, silent: float) -> str:
        """Why the node is not well; empty if it is."""
        fault = f": {self._fault}" if self._fault else ""
        if self._answered is None:
            return f"the chain has not answered yet{fault}"
        if silent > self._patience:
            return f"the loop has heard nothing of the chain for {silent:.0f} seconds{fault}"
        # A fault after the last answer: the chain is away now, and not since long.
        return f"the chain does not answer{fault}" if self._fault else ""

    def stood(self, standing: Standing) -> None:
        """The chain answered."""
        with self._lock:
            self._answered, self._node, self._fault = self._clock(), standing.node, ""

    def looked(self, task: int, view: RoundView | None, block: int, lag_seconds: float) -> None:  # noqa: ARG002
        """The chain answered."""
        with self._lock:
            self._answered, self._block, self._lag = self._clock(), block, lag_seconds

    def watched(self, block: int, behind: int, alerts: int, withdrawals: int) -> None:  # noqa: ARG002
        """The watch followed its chain."""
        with self._lock:
            self._watch = {"watch_block": block, "watch_blocks_behind": behind}

    def failed(self, where: str, error: Exception) -> None:
        """Something did not work; the chain, if it was the loop that looked at it."""
        if where in ("look at the chain", "start"):
            with self._lock:
                self._fault = one_line(self._hide(str(error)), 500)
