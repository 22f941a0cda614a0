"""What an AlertFeed says of an address: asked of the chain, remembered for a moment, by a few threads at the most."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_views import Risk
from anomalyhive.chain.rpc import connect
from anomalyhive.dashboard.live.places import Place
from anomalyhive.errors import AnomalyHiveError, BadSetting
from anomalyhive.node.home import checked_address
from anomalyhive.texts import one_line

FRESH_SECONDS = 5.0
"""For how long an answer is the answer."""

REMEMBERED = 4096
ASKING = 4
"""Threads that ask at once: an endpoint that hangs holds no more of them."""


@dataclass
class Feeding:
    """An AlertFeed on the chain of a place; ``clock`` gives seconds."""

    place: Place
    address: str
    clock: Callable[[], float]
    _known: OrderedDict[str, tuple[float, Risk]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _free: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(ASKING))
    _client: FeedClient | None = None
    _url: str = ""

    def __post_init__(self) -> None:
        """Raise BadSetting for what is no address."""
        self.address = checked_address(self.address, "--feed")

    def risk_of(self, subject: str) -> tuple[Risk | None, str | None]:
        """What the feed says, or None and why it does not."""
        now = self.clock()
        with self._lock:
            known = self._known.get(subject)
        if known is not None and 0 <= now - known[0] < FRESH_SECONDS:
            return known[1], None
        if not self._free.acquire(blocking=False):
            return None, "the feed is being asked for others: ask again"
        try:
            risk = self._reached().risk_of(subject)
        except AnomalyHiveError as error:
            self._client = None
            return None, one_line(self.place.conceal(str(error)), 300)
        finally:
            self._free.release()
        with self._lock:
            self._known[subject] = (now, risk)
            self._known.move_to_end(subject)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return risk, None

    def _reached(self) -> FeedClient:
        url = self.place.url()
        if self._client is None or url != self._url:
            client = FeedClient(connect(url, patient=False), self.address)
            hive = self.place.deployment().hive
            if client.hive().lower() != hive.lower():
                raise BadSetting(f"the feed {self.address} serves another hive than {hive}: name one of this hive")
            self._client, self._url = client, url
        return self._client
