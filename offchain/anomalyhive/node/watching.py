"""What a node tells of itself while it runs: to its log, to its metrics, to whoever asks for its health.

The node calls a watcher from its loop's thread, so a watcher answers at once and raises nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from anomalyhive.chain.signer import Mined
from anomalyhive.chain.views import Phase, Role, RoundView


@dataclass(frozen=True)
class Standing:
    """Where a node stands on the chain.

    ``node`` is its number; ``balance`` what its operator has for gas, in wei; ``open_transactions`` counts those of its
    journal that are on their way or may still vanish.
    """

    node: int
    operator: str
    balance: int
    open_transactions: int


class Watcher(Protocol):
    """Hears what a node sees and does."""

    def stood(self, standing: Standing) -> None:
        """The chain answered where the node stands: once in every turn of its loop."""

    def looked(self, task: int, view: RoundView | None, block: int, lag_seconds: float) -> None:
        """The node looked at a task.

        ``view`` is its latest round, None before the first; ``block`` the number of the latest block, whose time lies
        ``lag_seconds`` behind this machine's clock.
        """

    def acted(self, task: int, round_: int, phase: Phase, role: Role | None, action: str) -> None:
        """A step did something; ``action`` is its name, such as "train" or "reveal".

        ``role`` is None for what anyone may do. ``round_`` is 0 for what belongs to no round: "take shard 3".
        """

    def mined(self, mined: Mined, purpose: str) -> None:
        """A transaction went through. ``purpose`` is the journal's key for it, such as "update/1/7/3"."""

    def rewarded(self, task: int, amount: int) -> None:
        """A claim paid the node's owner so many 1e-18 tokens."""

    def failed(self, where: str, error: Exception) -> None:
        """Something did not work and will be tried again. No secret is in the error's text."""

    def watched(self, block: int, behind: int, alerts: int, withdrawals: int) -> None:
        """The node's watch followed its chain up to a block, ``behind`` the chain's last one.

        It raised and withdrew so many alerts since it last told.
        """

    def delivered(self, webhook: str, outcome: str, why: str, dead: int) -> None:
        """What came of an attempt to send a message to a webhook: delivered, again, dead or stuck; begun at its start.

        ``dead`` is how many dead letters it has, -1 where that has not changed.
        """

    def idle(self, until: int) -> None:
        """Nothing to do before ``until`` (unix seconds), unless something changes on the chain."""


class Silence:
    """A watcher that tells nobody."""

    def stood(self, standing: Standing) -> None:
        """Keep it to oneself."""

    def looked(self, task: int, view: RoundView | None, block: int, lag_seconds: float) -> None:
        """Keep it to oneself."""

    def acted(self, task: int, round_: int, phase: Phase, role: Role | None, action: str) -> None:
        """Keep it to oneself."""

    def mined(self, mined: Mined, purpose: str) -> None:
        """Keep it to oneself."""

    def rewarded(self, task: int, amount: int) -> None:
        """Keep it to oneself."""

    def failed(self, where: str, error: Exception) -> None:
        """Keep it to oneself."""

    def watched(self, block: int, behind: int, alerts: int, withdrawals: int) -> None:
        """Keep it to oneself."""

    def delivered(self, webhook: str, outcome: str, why: str, dead: int) -> None:
        """Keep it to oneself."""

    def idle(self, until: int) -> None:
        """Keep it to oneself."""
