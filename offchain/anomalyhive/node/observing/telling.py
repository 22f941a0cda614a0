"""A watcher that writes what it hears into the log, each change once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from anomalyhive.chain.signer import Mined
from anomalyhive.chain.views import Phase, Role, RoundView
from anomalyhive.node.observing.logs import say
from anomalyhive.node.watching import Silence, Standing

REPEAT_SECONDS = 60.0
"""A failure that goes on is told again after so long, with how often it was met."""

MOST_FAILURES = 256
"""Different failures remembered."""


@dataclass
class _Failure:
    """When a failure was last told, and how often it was met since."""

    told: float
    unsaid: int = 0


class Telling(Silence):
    """Tells phases when they change, failures when they begin and then once a minute, and everything else at once."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[int, tuple[int, Phase]] = {}
        self._failures: dict[tuple[str, str], _Failure] = {}
        self._standing: tuple[int, str] | None = None

    def stood(self, standing: Standing) -> None:
        """Tell who the node is, once."""
        if self._standing != (standing.node, standing.operator):
            self._standing = (standing.node, standing.operator)
            say("node", number=standing.node, operator=standing.operator, balance_wei=standing.balance)

    def looked(self, task: int, view: RoundView | None, block: int, lag_seconds: float) -> None:  # noqa: ARG002
        """Tell a phase that is new."""
        if view is None or self._seen.get(task) == (view.round, view.phase):
            return
        self._seen[task] = (view.round, view.phase)
        updates, verdicts = len(view.submissions), len(view.reveals)
        say(
            "phase", task=task, round=view.round, phase=view.phase.name, block=block, updates=updates, verdicts=verdicts
        )

    def acted(self, task: int, round_: int, phase: Phase, role: Role | None, action: str) -> None:
        """Tell a step."""
        name = None if role is None else role.name.lower()
        say("acted", task=task, round=round_, phase=phase.name, role=name, action=action)

    def mined(self, mined: Mined, purpose: str) -> None:
        """Tell a transaction."""
        sent = bytes(mined.receipt["transactionHash"]).hex()
        say("mined", function=mined.function, gas=mined.gas, block=mined.block, purpose=purpose, transaction=sent)

    def rewarded(self, task: int, amount: int) -> None:
        """Tell a claim."""
        say("rewarded", task=task, amount=str(amount))

    def watched(self, block: int, behind: int, alerts: int, withdrawals: int) -> None:
        """Tell what was raised or withdrawn."""
        if alerts or withdrawals:
            say("watched", block=block, behind=behind, alerts=alerts, withdrawals=withdrawals)

    def delivered(self, webhook: str, outcome: str, why: str, dead: int) -> None:  # noqa: ARG002
        """Tell what a webhook did not take."""
        if outcome in ("dead", "stuck"):
            say("undelivered", logging.WARNING, webhook=webhook, outcome=outcome, why=why)

    def failed(self, where: str, error: Exception) -> None:
        """Tell what did not work."""
        now, text = self._clock(), str(error)
        known = self._failures.get((where, text))
        if known is not None and now - known.told < REPEAT_SECONDS:
            known.unsaid += 1
            return
        times = 1 if known is None else known.unsaid + 1
        if len(self._failures) >= MOST_FAILURES:
            self._failures.clear()
        self._failures[where, text] = _Failure(now)
        say("failed", logging.WARNING, where=where, kind=type(error).__name__, error=text, times=times)
