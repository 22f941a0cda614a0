"""What a node has said on a feed, as the chain has it: folded from its own events; nothing else need be kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from web3 import Web3

from anomalyhive.chain.artifacts import FEED
from anomalyhive.chain.events import Event, read_events, word
from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_views import Entry
from anomalyhive.chain.rpc import answering

DEPTH = 256
"""Blocks that are read anew at each look: a reorganisation that is deeper than this ends a node anyway."""

EVENTS = frozenset({"AlertPosted", "AlertRetracted", "AlertOverturned", "AlertSettled"})


@dataclass(frozen=True)
class Spoken:
    """An alert of the node as the feed keeps it, and the transaction (hex) that last posted it."""

    entry: Entry
    transaction: str


Said = dict[tuple[str, int], Spoken]
"""Address (with checksum) and post -> the node's latest alert there that was not retracted."""


class OwnWords:
    """The alerts of a node on a feed."""

    def __init__(self, feed: FeedClient, node: int) -> None:
        self._feed, self._node = feed, node
        self._next = feed.deployed_in
        self._old: Said = {}

    def look(self) -> Mapping[tuple[str, int], Spoken]:
        """All of them now. Raises ChainFailure."""
        web3 = self._feed.web3
        with answering("eth_blockNumber"):
            old = int(web3.eth.block_number) - DEPTH
        topics = [None, None, word(self._node)]
        events = read_events(web3, [self._feed.address], self._next, "latest", topics, (FEED,))
        events = [one for one in events if one.name in EVENTS and one.values["node"] == self._node]
        for one in events:
            if one.block <= old:
                _fold(self._old, one)
        self._next = max(self._next, old + 1)
        found = dict(self._old)
        for one in events:
            if one.block > old:
                _fold(found, one)
        return found


def _fold(said: Said, event: Event) -> None:
    key = (str(event.values["subject"]), int(event.values["post"]))
    if event.name == "AlertPosted":
        said[key] = Spoken(Entry.of(event.values["entry"]), Web3.to_hex(event.transaction))
    elif key not in said:
        # Said before this node's events are known from: an endpoint that leaves logs out must not stop the node.
        return
    elif event.name == "AlertRetracted":
        del said[key]
    elif event.name == "AlertOverturned":
        said[key] = replace(said[key], entry=replace(said[key].entry, expiry=0))
    else:
        said[key] = replace(said[key], entry=replace(said[key].entry, locked=False))
