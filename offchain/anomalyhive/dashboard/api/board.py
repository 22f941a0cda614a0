"""What the interface answers from: the parts that the command put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from anomalyhive.dashboard.api.pages import PAGE
from anomalyhive.dashboard.api.schemas.hive import Offers
from anomalyhive.dashboard.live.auditing import Audits
from anomalyhive.dashboard.live.content import RememberedContent
from anomalyhive.dashboard.live.feeding import Feeding
from anomalyhive.dashboard.live.hub import Hub
from anomalyhive.dashboard.live.mine import Mine
from anomalyhive.dashboard.live.poller import Poller
from anomalyhive.dashboard.live.roundbook import RoundBook
from anomalyhive.dashboard.live.snapshot import Snapshot
from anomalyhive.dashboard.live.watching import Watching


@dataclass(frozen=True)
class Board:
    """The parts of one dashboard; ``clock`` gives unix seconds."""

    poller: Poller
    hub: Hub
    token: str = field(repr=False)
    clock: Callable[[], float]
    hosts: tuple[str, ...] = ()
    page: Path = PAGE
    watching: Watching | None = None
    feeding: Feeding | None = None
    mine: Mine | None = None
    audits: Audits | None = None

    @property
    def latest(self) -> Snapshot:
        """What is known now."""
        return self.poller.latest

    @property
    def content(self) -> RememberedContent:
        """What the stores say of it."""
        return self.poller.content

    def offers(self) -> Offers:
        """What there is beside the hive."""
        feed = None if self.feeding is None else self.feeding.address
        return Offers(
            watch=self.watching is not None, feed=feed, me=self.mine is not None, audits=self.audits is not None
        )

    def settled(self, snapshot: Snapshot, book: RoundBook) -> bool:
        """Whether nothing that is answered of a round will change."""
        return book.ended_in is not None and book.ended_in <= snapshot.settled_in and book.number in snapshot.gas
