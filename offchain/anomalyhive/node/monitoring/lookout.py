"""The watch of a node, on a thread of its own beside the rounds: its blocks, its log of alerts, its webhooks.

Whatever fails there is told and tried again, and keeps the node from no round. What only the operator can put right
ends the node, as it does elsewhere.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from threading import Event, Thread

from anomalyhive.chain.deployment import Contracts, Deployment
from anomalyhive.chain.failover import Patience, connect_several
from anomalyhive.content.opening import open_store
from anomalyhive.errors import BadInput, BadSetting, ChainFailure, Failure
from anomalyhive.federation.founding import open_task
from anomalyhive.ingestion.chains import Chain, chain_named
from anomalyhive.ingestion.sources import Access, opened
from anomalyhive.monitor.alertlog import CONSUMER, AlertLog
from anomalyhive.monitor.models import HiveModels
from anomalyhive.monitor.outgoing import Outgoing
from anomalyhive.monitor.reading import WatchReader
from anomalyhive.monitor.schema import FILE
from anomalyhive.monitor.threshold import Wish
from anomalyhive.monitor.watch import Happened, Watch, WatchSettings
from anomalyhive.monitor.webhooks import DeadLetters, HttpPoster, Means, Pace, Webhook, delivering
from anomalyhive.node.config import NodeConfig
from anomalyhive.node.monitoring.news import News
from anomalyhive.node.monitoring.settings import MonitorConfig

LONGEST_PAUSE = 15.0
"""Seconds before what failed is tried again: first after a look's time, then twice as long each time."""

ENDING_SECONDS = 15.0
"""How long the end of the process waits for a block that is being counted."""


@dataclass
class Lookout:
    """The watch of a node with these settings; ``changes`` counts what it has raised and withdrawn."""

    config: NodeConfig
    monitor: MonitorConfig
    webhooks: tuple[Webhook, ...]
    news: News = field(default_factory=News)
    pace: Pace = field(default_factory=Pace)
    changes: int = field(default=0, init=False)
    refusal: BadInput | None = field(default=None, init=False)

    @classmethod
    def of(cls, config: NodeConfig, monitor: MonitorConfig) -> Lookout:
        """With the webhooks' secrets read. Raises BadSetting where one cannot be had."""
        return cls(config, monitor, tuple(one.opened() for one in monitor.webhooks))

    @property
    def task(self) -> int:
        """The task whose models judge. Raises BadSetting where none is named."""
        if self.monitor.task is not None:
            return self.monitor.task
        if not self.config.tasks:
            raise BadSetting("a monitor judges by the models of a task: name it in `tasks`, or `task` in [monitor]")
        return self.config.tasks[0]

    @property
    def chain(self) -> Chain:
        """The chain that is watched."""
        known, monitor = chain_named(self.monitor.chain), self.monitor
        own = self.config.chain_id if monitor.source is None else known.chain_id
        return replace(known, chain_id=own if monitor.source_chain_id is None else monitor.source_chain_id)

    @contextmanager
    def keeping(self, stop: Event) -> Iterator[None]:
        """Watch on a thread until the end of the block, or until ``stop`` is set."""
        ended = Event()
        thread = Thread(target=self._keep, args=(_Either(stop, ended),), name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(ENDING_SECONDS)

    def check(self) -> None:
        """Raise the refusal that ended the watch, if one did."""
        if self.refusal is not None:
            raise self.refusal

    def _keep(self, stop: _Either) -> None:
        pause = self.config.poll_seconds
        with ExitStack() as telling:
            while not stop.is_set():
                try:
                    self._watch(stop, telling)
                    pause = self.config.poll_seconds
                except BadInput as refusal:
                    if not self._followed:
                        self.refusal = refusal
                        return
                    # It has worked with these settings: an endpoint that says another thing now may not end the node.
                    self.news.failed("watch", refusal)
                except Exception as error:  # noqa: BLE001 - strangers' blocks reach it: they may not end it
                    self.news.failed("watch", error)
                stop.wait(pause)
                pause = min(2 * pause, max(LONGEST_PAUSE, self.config.poll_seconds))

    def _watch(self, stop: _Either, telling: ExitStack) -> None:
        """Follow the chain until the end or a failure; webhooks go on after one, in ``telling``."""
        config, monitor = self.config, self.monitor
        with ExitStack() as open_:
            deployment = Deployment.read(config.deployment)
            web3 = connect_several(config.endpoints, config.chain_id, Patience(sleep=_waiting(stop)), self.news.failed)
            contracts, store = Contracts.at(web3, deployment), open_store(config.store)
            task = open_task(contracts, deployment, self.task, store)
            models = HiveModels(contracts.hive, task, store, Wish(monitor.threshold_bp), time.monotonic)
            urls = ",".join(config.endpoints if monitor.source is None else monitor.source)
            source = open_.enter_context(opened(self.chain, urls, Access()))
            watch = Watch.open(monitor.folder, self.chain, source, models, self._settings())
            open_.callback(watch.close)
            queue = open_.enter_context(closing(Outgoing(monitor.folder, CONSUMER)))
            log = open_.enter_context(AlertLog(monitor.log))
            self._deliver(telling)
            while not stop.is_set():
                head = source.head()
                happened = watch.step(max(head - monitor.behind, 0) if monitor.behind else None)
                self._followed = True
                self._tell(happened, watch)
                log.follow(queue)
                if happened.idle:
                    stop.wait(config.poll_seconds)

    def _settings(self) -> WatchSettings:
        """Where a watch begins is said to a new one alone."""
        monitor, folder = self.monitor, self.monitor.folder
        folder.mkdir(parents=True, exist_ok=True)
        settings = WatchSettings(life=monitor.alert_seconds, keep_blocks=monitor.keep_blocks)
        if (folder / FILE).exists():
            with closing(WatchReader(folder)) as reader:
                if reader.about().start is not None:
                    return settings
        return replace(settings, start=monitor.start, chunks=monitor.chunks)

    def _tell(self, happened: Happened, watch: Watch) -> None:
        self.changes += len(happened.alerts) + len(happened.withdrawals)
        block = watch.next - 1
        self.news.watched(block, max(happened.head - block, 0), len(happened.alerts), len(happened.withdrawals))
        for words in happened.problems:
            self.news.failed("watch", ChainFailure(words))

    def _deliver(self, telling: ExitStack) -> None:
        """Let the webhooks begin, the first time that there is a queue."""
        if self.webhooks and not self._delivers:
            # Chance only keeps senders apart; nothing is secret about it.
            means = Means(HttpPoster(time.time), self.pace, time.time, random.random, self._told)
            telling.enter_context(delivering(self.webhooks, means, self.monitor.folder))
            self._delivers = True
            for one in self.webhooks:
                self._told(one.name, "begun", "")

    def _told(self, webhook: str, outcome: str, why: str) -> None:
        try:
            dead = DeadLetters(self.monitor.folder, webhook).count() if outcome in ("begun", "dead") else -1
        except Failure as error:
            self.news.failed(f"dead letters of {webhook}", error)
            dead = -1
        self.news.delivered(webhook, outcome, why, dead)

    _delivers: bool = field(default=False, init=False)
    _followed: bool = field(default=False, init=False)


@dataclass(frozen=True)
class _Either:
    """Set when either of two events is; looked at often enough to wait for both."""

    node: Event
    own: Event

    def is_set(self) -> bool:
        return self.node.is_set() or self.own.is_set()

    def wait(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not self.is_set() and (left := until - time.monotonic()) > 0:
            self.own.wait(min(left, 0.25))
        return self.is_set()


def _waiting(stop: _Either) -> Callable[[float], None]:
    def pause(seconds: float) -> None:
        if stop.wait(seconds):
            raise ChainFailure("the node is ending")

    return pause
