"""What the threads of a watch have to tell, kept until the node's loop passes it on: watchers hear one thread alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from anomalyhive.node.watching import Watcher

MOST = 10_000
"""Pieces of news that wait; the oldest go first where a loop stands still."""


@dataclass
class News:
    """Any thread puts news in, the loop's takes it out."""

    _waiting: deque[Callable[[Watcher], None]] = field(default_factory=lambda: deque(maxlen=MOST))

    def failed(self, where: str, error: Exception) -> None:
        """Something did not work and is tried again."""
        self._waiting.append(lambda watcher: watcher.failed(where, error))

    def watched(self, block: int, behind: int, alerts: int, withdrawals: int) -> None:
        """The watch followed its chain, see `Watcher.watched`."""
        self._waiting.append(lambda watcher: watcher.watched(block, behind, alerts, withdrawals))

    def delivered(self, webhook: str, outcome: str, why: str, dead: int) -> None:
        """A webhook's step, see `Watcher.delivered`."""
        self._waiting.append(lambda watcher: watcher.delivered(webhook, outcome, why, dead))

    def tell(self, watcher: Watcher) -> None:
        """Pass everything on, in its order."""
        while self._waiting:
            self._waiting.popleft()(watcher)
