"""What a node did and met, as numbers for Prometheus, in a registry of its own."""

from __future__ import annotations

import platform
from importlib.metadata import version

from prometheus_client import CollectorRegistry, Counter, Gauge, Info

from anomalyhive.chain.signer import Mined
from anomalyhive.chain.views import Phase, Role, RoundView
from anomalyhive.node.observing.outcomes import Outcomes
from anomalyhive.node.watching import Silence, Standing

PREFIX = "anomalyhive_"
"""Of every metric's name."""

UNIT = 10**18
"""Wei in a coin of the chain, and units in a token."""

MOST_LABELS = 100
"""Different values of a label: anybody may create tasks, and each series takes memory here and in Prometheus."""

OTHER = "other"
"""The value of a label beyond."""


class Metrics(Silence):
    """A watcher that counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._labels: dict[str, set[str]] = {}
        self._outcomes = Outcomes()
        gauge, counter = self._gauge, self._counter
        self._head = gauge("head_block", "Number of the latest block.")
        self._lag = gauge("head_lag_seconds", "How far the latest block's time lies behind this clock.")
        self._round = gauge("round", "Number of the latest round.", "task")
        self._phase = gauge("round_phase", "Phase of the latest round, by its number in the protocol.", "task")
        self._rounds = counter("rounds", "Rounds seen to end, by how.", "task", "end")
        self._updates = counter("updates", "This node's updates, by what came of them.", "task", "outcome")
        self._verdicts = counter("verdicts", "This node's verdicts, by what came of them.", "task", "outcome")
        self._actions = counter("actions", "Steps taken.", "task", "role", "action")
        self._rewards = counter("rewards_claimed_tokens", "Tokens that claims paid to the owner.", "task")
        self._mined = counter("transactions", "Transactions that went through.", "function")
        self._gas = counter("gas", "Gas used.", "function")
        self._fees = counter("fees_coins", "Fees paid, in the chain's own coin.", "function")
        self._failures = counter("failures", "What did not work and is tried again, by place.", "place")
        self._open = gauge("open_transactions", "Transactions on their way, or that may still vanish.")
        self._balance = gauge("operator_balance_coins", "What the operator has for gas, in the chain's coin.")
        self._node = gauge("node", "Number of this node.")
        self._watched = gauge("watch_block", "Number of the last block that the watch followed.")
        self._behind = gauge("watch_blocks_behind", "How many blocks the watch is behind its chain's last one.")
        self._alerts = counter("alerts", "Alerts that the watch raised.")
        self._withdrawals = counter("withdrawals", "Alerts that the watch withdrew.")
        self._deliveries = counter("deliveries", "Attempts to send to a webhook, by outcome.", "webhook", "outcome")
        self._dead = gauge("dead_letters", "Messages that a webhook never took.", "webhook")
        self._build = Info(f"{PREFIX}build", "What runs.", registry=self.registry)
        self._build.info({"version": version("anomalyhive"), "python": platform.python_version()})

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"{PREFIX}{name}", what, labels, registry=self.registry)

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}{name}", what, labels, registry=self.registry)

    def stood(self, standing: Standing) -> None:
        """The chain told where the node stands."""
        self._outcomes.node = standing.node
        self._node.set(standing.node)
        self._balance.set(standing.balance / UNIT)
        self._open.set(standing.open_transactions)

    def looked(self, task: int, view: RoundView | None, block: int, lag_seconds: float) -> None:
        """The chain told where a task stands."""
        self._head.set(block)
        self._lag.set(lag_seconds)
        if view is None:
            return
        label = self._label("task", str(task))
        self._round.labels(label).set(view.round)
        self._phase.labels(label).set(int(view.phase))
        seen = self._outcomes.of(task, view)
        for counter, outcomes in (
            (self._rounds, seen.rounds),
            (self._updates, seen.updates),
            (self._verdicts, seen.verdicts),
        ):
            for outcome in outcomes:
                counter.labels(label, outcome).inc()

    def acted(self, task: int, round_: int, phase: Phase, role: Role | None, action: str) -> None:  # noqa: ARG002
        """A step did something."""
        name = "anyone" if role is None else role.name.lower()
        # The words without the numbers in them: "takeShard 3" is "takeShard".
        self._actions.labels(self._label("task", str(task)), name, self._label("action", action.split(" ")[0])).inc()

    def mined(self, mined: Mined, purpose: str) -> None:  # noqa: ARG002
        """A transaction went through."""
        function = self._label("function", mined.function)
        self._mined.labels(function).inc()
        self._gas.labels(function).inc(mined.gas)
        self._fees.labels(function).inc(mined.gas * int(mined.receipt.get("effectiveGasPrice", 0)) / UNIT)

    def rewarded(self, task: int, amount: int) -> None:
        """A claim paid."""
        self._rewards.labels(self._label("task", str(task))).inc(amount / UNIT)

    def watched(self, block: int, behind: int, alerts: int, withdrawals: int) -> None:
        """The watch followed its chain."""
        self._watched.set(block)
        self._behind.set(behind)
        self._alerts.inc(alerts)
        self._withdrawals.inc(withdrawals)

    def delivered(self, webhook: str, outcome: str, why: str, dead: int) -> None:  # noqa: ARG002
        """A webhook was sent to."""
        if outcome != "begun":
            self._deliveries.labels(webhook, outcome).inc()
        if dead >= 0:
            self._dead.labels(webhook).set(dead)

    def failed(self, where: str, error: Exception) -> None:  # noqa: ARG002
        """Something did not work."""
        self._failures.labels(self._label("place", where)).inc()

    def _label(self, name: str, value: str) -> str:
        """The value, or `OTHER` once there are too many."""
        known = self._labels.setdefault(name, set())
        if value not in known and len(known) >= MOST_LABELS:
            return OTHER
        known.add(value)
        return value
