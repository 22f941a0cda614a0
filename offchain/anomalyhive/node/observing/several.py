"""One watcher that passes on what it hears to several; a fault in one of them stops neither the node nor the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from anomalyhive.chain.signer import Mined
from anomalyhive.chain.views import Phase, Role, RoundView
from anomalyhive.node.observing.logs import LOGGER
from anomalyhive.node.watching import Standing, Watcher


class Several:
    """Passes on to each in turn."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = tuple(watchers)

    def stood(self, standing: Standing) -> None:
        """Pass it on."""
        self._each(lambda one: one.stood(standing))

    def looked(self, task: int, view: RoundView | None, block: int, lag_seconds: float) -> None:
        """Pass it on."""
        self._each(lambda one: one.looked(task, view, block, lag_seconds))

    def acted(self, task: int, round_: int, phase: Phase, role: Role | None, action: str) -> None:
        """Pass it on."""
        self._each(lambda one: one.acted(task, round_, phase, role, action))

    def mined(self, mined: Mined, purpose: str) -> None:
        """Pass it on."""
        self._each(lambda one: one.mined(mined, purpose))

    def rewarded(self, task: int, amount: int) -> None:
        """Pass it on."""
        self._each(lambda one: one.rewarded(task, amount))

    def failed(self, where: str, error: Exception) -> None:
        """Pass it on."""
        self._each(lambda one: one.failed(where, error))

    def watched(self, block: int, behind: int, alerts: int, withdrawals: int) -> None:
        """Pass it on."""
        self._each(lambda one: one.watched(block, behind, alerts, withdrawals))

    def delivered(self, webhook: str, outcome: str, why: str, dead: int) -> None:
        """Pass it on."""
        self._each(lambda one: one.delivered(webhook, outcome, why, dead))

    def idle(self, until: int) -> None:
        """Pass it on."""
        self._each(lambda one: one.idle(until))

    def _each(self, tell: Callable[[Watcher], None]) -> None:
        for one in self._watchers:
            try:
                tell(one)
            except Exception:
                # A figure that cannot be kept is no reason to miss a round.
                logging.getLogger(LOGGER).warning("a watcher failed: %s", type(one).__name__, exc_info=True)
