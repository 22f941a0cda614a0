"""Several endpoints, each with its health: who is asked next, and when."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.ingestion.transport.faults import Fault, TooMuch
from anomalyhive.ingestion.transport.http import Http


@dataclass(frozen=True)
class Patience:
    """How long what fails is tried again, in seconds.

    An endpoint that fails rests for ``first``, then twice as long each time, up to ``longest``; one that names a time
    itself, for that. A request fails for good after ``attempts`` for each endpoint, or where every endpoint rests for
    more than ``wait``. Without ``sleep``, pauses end as soon as the client is closed.
    """

    first: float = 0.25
    longest: float = 16.0
    attempts: int = 9
    wait: float = 120.0
    sleep: Callable[[float], object] | None = None
    clock: Callable[[], float] = time.monotonic


REGROWTH = 64
"""Answers in a row after which an endpoint's batches, once halved, are doubled again."""


@dataclass(eq=False)
class Endpoint:
    """An endpoint and how it has been doing; changed under the lock of its `Endpoints` alone.

    ``batch`` is how many calls a request to it may hold, ``largest`` how many it may ever. ``failures`` are in a row.
    """

    http: Http
    largest: int
    batch: int = 0
    successes: int = 0
    failures: int = 0
    rests_until: float = 0.0
    last_fault: str = ""
    asked: int = 0
    faults: int = 0

    def __post_init__(self) -> None:
        self.batch = self.largest


@dataclass
class Endpoints:
    """The endpoints of a chain."""

    all: Sequence[Endpoint]
    patience: Patience
    closed: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        if not self.all:
            raise BadSetting("--source names no endpoint: give a URL such as http://127.0.0.1:8545")

    def choose(self, denied: Collection[Endpoint] = ()) -> Endpoint:
        """An endpoint that does not rest and is not among the ``denied``, the least asked; sleeps until there is one.

        Raises ChainFailure.
        """
        waited = 0.0
        while True:
            with self._lock:
                now = self.patience.clock()
                left = [one for one in self.all if one not in denied]
                rested = [one for one in left if one.rests_until <= now]
                if rested:
                    chosen = min(rested, key=lambda one: one.asked)
                    chosen.asked += 1
                    return chosen
                pause = min(one.rests_until for one in left) - now
            if waited + pause > self.patience.wait:
                raise self.exhausted(f"they ask to wait for another {pause:.0f} s")
            waited += pause
            (self.patience.sleep or self.closed.wait)(pause)
            if self.closed.is_set():
                raise self.exhausted("the client was closed")

    def answered(self, endpoint: Endpoint) -> None:
        """The endpoint did what was asked."""
        with self._lock:
            endpoint.failures = 0
            endpoint.successes += 1
            if endpoint.successes >= REGROWTH:
                endpoint.successes = 0
                endpoint.batch = min(endpoint.largest, 2 * endpoint.batch)

    def failed(self, endpoint: Endpoint, fault: Fault) -> None:
        """The endpoint did not, and rests."""
        with self._lock:
            endpoint.faults += 1
            endpoint.successes = 0
            endpoint.last_fault = str(fault)
            now = self.patience.clock()
            # Requests under way together fail together: that is one failure, not eight.
            if endpoint.rests_until <= now or fault.wait is not None:
                endpoint.failures += 1
                pause = min(self.patience.longest, self.patience.first * 2 ** min(endpoint.failures - 1, 30))
                endpoint.rests_until = max(endpoint.rests_until, now + (pause if fault.wait is None else fault.wait))

    def shrink(self, endpoint: Endpoint, size: int, fault: TooMuch) -> None:
        """The endpoint could not do a batch of this size: ask it for half as much from now on."""
        with self._lock:
            endpoint.batch = max(1, min(endpoint.batch, size // 2))
            endpoint.successes = 0
            endpoint.last_fault = str(fault)
            endpoint.faults += 1

    def exhausted(self, why: str) -> ChainFailure:
        """The failure to raise when no endpoint is left."""
        told = "; ".join(f"{one.http.name}: {one.last_fault or 'no answer'}" for one in self.all)
        return ChainFailure(f"no endpoint answers as it must ({told}), and {why}: see that one works, then repeat")
