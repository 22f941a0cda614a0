"""The one thread that asks: however many look at a dashboard, a chain hears one client."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from web3 import Web3

from anomalyhive.dashboard.live.content import RememberedContent
from anomalyhive.dashboard.live.following import Follower
from anomalyhive.dashboard.live.ledger import TaskBook
from anomalyhive.dashboard.live.places import Place
from anomalyhive.dashboard.live.reading import read_gas
from anomalyhive.dashboard.live.snapshot import Snapshot
from anomalyhive.errors import AnomalyHiveError, ChainFailure
from anomalyhive.texts import one_line

LONGEST_PAUSE = 15.0
"""Seconds before an endpoint that fails is asked again: first after a look's time, then twice as long each time."""

ROUNDS_OF_GAS = 16
"""Rounds whose receipts are asked for in one look: a look is to stay short, and old rounds can wait."""

PUBLISH_SECONDS = 1.0
"""How often a long first reading shows how far it is."""

Listener: TypeAlias = Callable[[Snapshot, frozenset[int]], None]
"""Hears of every snapshot, and of the rounds of its task that changed."""


@dataclass
class Poller:
    """Reads a place again and again. ``latest`` is replaced and never changed, so that any thread may read it."""

    place: Place
    content: RememberedContent
    wanted: int | None = None
    seconds: float = 1.0
    clock: Callable[[], float] = time.time
    stopping: threading.Event = field(default_factory=threading.Event)
    listeners: list[Listener] = field(default_factory=list)
    latest: Snapshot = field(init=False)
    _follower: Follower | None = None
    _gas: dict[tuple[int, int], int] = field(default_factory=dict)
    _failures: int = 0

    def __post_init__(self) -> None:
        self.latest = Snapshot(self.place.mode, self.place.shown)

    def look(self) -> float:
        """Look once; the seconds until the next time."""
        try:
            self._read()
        except AnomalyHiveError as error:
            return self._failed(str(error))
        except Exception as error:  # noqa: BLE001 - whatever a stranger's endpoint answers, the dashboard goes on
            return self._failed(f"unforeseen {type(error).__name__} while the chain was read")
        self._failures = 0
        return self.seconds

    def _failed(self, words: str) -> float:
        self._failures += 1
        problem = one_line(self.place.conceal(words))
        if self.latest.connected or self.latest.problem != problem:
            self._publish(replace(self.latest, connected=False, problem=problem, looked_at=self.clock()))
        return float(min(self.seconds * 2 ** min(self._failures, 10), max(LONGEST_PAUSE, self.seconds)))

    def _read(self) -> None:
        deployment = self.place.deployment()
        if self._follower is None or self._follower.deployment != deployment:
            self._follower, self._gas = Follower(deployment), {}
        follower = self._follower
        with self.place.reached() as web3:
            if web3 is not None:
                published = time.monotonic()
                for head in follower.catch_up(web3):
                    if self.stopping.is_set():
                        raise ChainFailure("the dashboard is being stopped")
                    if time.monotonic() - published > PUBLISH_SECONDS:
                        self._show(follower, f"reading the chain: at block {head.number}")
                        published = time.monotonic()
                self._find_gas(web3, follower)
        self._show(follower, None)

    def _find_gas(self, web3: Web3, follower: Follower) -> None:
        """Count the gas of rounds that are over, the latest ones first; for good once they are settled."""
        book = self._book(follower)
        missing = [] if book is None else [one for one in reversed(book.rounds.values()) if one.over]
        missing = [one for one in missing if (one.number, one.ended_in or 0) not in self._gas][:ROUNDS_OF_GAS]
        for one in missing:
            try:
                self._gas[one.number, one.ended_in or 0] = read_gas(web3, one.transactions)
            except ChainFailure:  # a node that has forgotten its receipts; the rest is no worse for it
                return

    def _book(self, follower: Follower) -> TaskBook | None:
        return follower.ledger.tasks.get(self._task(follower))

    def _task(self, follower: Follower) -> int:
        return self.wanted if self.wanted is not None else max(follower.ledger.tasks, default=0)

    def _show(self, follower: Follower, reading: str | None) -> None:
        """Publish what is known now; ``reading`` is how far a reading is that goes on, None when it is done."""
        before, ledger, task = self.latest, follower.ledger, self._task(follower)
        book = ledger.tasks.get(task)
        problem = reading
        if reading is None and book is None:
            problem = f"the hive has no task {task}" if task else "the hive has no task yet"
        gas = {} if book is None else {
            number: self._gas[number, one.ended_in or 0]
            for number, one in book.rounds.items()
            if (number, one.ended_in or 0) in self._gas
        }  # fmt: skip
        quality = self.place.quality()
        changed = {round_ for of, round_ in ledger.changed if of == task}
        changed |= {number for number in gas if gas[number] != before.gas.get(number)}
        changed |= {number for number in quality if quality[number] != before.quality.get(number)}
        ledger.changed.clear()
        snapshot = Snapshot(
            mode=before.mode,
            chain=before.chain,
            connected=reading is None,
            problem=problem,
            revision=before.revision + 1,
            looked_at=self.clock(),
            deployment=follower.deployment,
            ledger=before.ledger if not changed and ledger.events == before.ledger.events else ledger.clone(),
            head=follower.head,
            settled_in=follower.head.number if self.place.resting and follower.head else follower.settled_in,
            task=task,
            spec=None if book is None else self.content.spec(book.spec),
            gas=gas,
            quality=quality,
        )
        self._publish(snapshot, frozenset(changed))

    def _publish(self, snapshot: Snapshot, changed: frozenset[int] = frozenset()) -> None:
        self.latest = snapshot
        for listener in self.listeners:
            listener(snapshot, changed)
