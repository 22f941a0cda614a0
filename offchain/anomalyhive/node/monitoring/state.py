"""How a monitor stands, for who asks from outside of its process: its watch, its webhooks, its post."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_deployment import feed_at
from anomalyhive.chain.feed_views import Standing
from anomalyhive.monitor.entries import BlockRow
from anomalyhive.monitor.reading import MOST, WatchReader
from anomalyhive.monitor.schema import FILE
from anomalyhive.monitor.webhooks import DeadLetters
from anomalyhive.node.monitoring.settings import MonitorConfig
from anomalyhive.node.place import Place


@dataclass(frozen=True)
class FeedState:
    """A node at a feed: its post (None: none), what became of its alerts, and what it is owed in 1e-18 tokens."""

    address: str
    post: int | None
    standing: Standing
    owed: int


@dataclass(frozen=True)
class MonitorState:
    """A monitor: the last block of its watch (None: none yet), its live alerts, MOST at the most, dead letters by
    webhook, and the feed where there is one.
    """

    head: BlockRow | None
    live: int
    dead: Mapping[str, int]
    feed: FeedState | None


def monitor_state(place: Place, monitor: MonitorConfig, node: int) -> MonitorState:
    """How a monitor stands now. Raises Failure for what cannot be read, and for what is no feed of the hive."""
    head, live = None, 0
    if (monitor.folder / FILE).exists():
        with closing(WatchReader(monitor.folder)) as reader:
            head, live = reader.head(), len(reader.alerts(MOST, state="live"))
    dead = {one.name: DeadLetters(monitor.folder, one.name).count() for one in monitor.webhooks}
    return MonitorState(head, live, dead, None if monitor.feed is None else _feed_state(place, monitor.feed, node))


def reached_feed(place: Place, address: str) -> FeedClient:
    """The feed of the settings. Raises ChainFailure for what is none of this hive's."""
    return feed_at(place.web3, address, place.deployment, place.deployment.block)


def _feed_state(place: Place, address: str, node: int) -> FeedState:
    feed = reached_feed(place, address)
    return FeedState(feed.address, feed.post_of(node), feed.standing_of(node), feed.owed(node))
