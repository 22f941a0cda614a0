"""What a node's alerts and votes come to: settled, and claimed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from anomalyhive.chain.artifacts import FEED
from anomalyhive.chain.events import receipt_events
from anomalyhive.chain.feed import FeedClient
from anomalyhive.node.amounts import tokens
from anomalyhive.node.hands import Hand

SETTLED_AT_ONCE = 100
"""Alerts in a transaction: some 5 million gas."""


@dataclass(frozen=True)
class Settled:
    """How many alerts stood and how many did not; None where another wallet is to sign."""

    stood: int
    fell: int


def settle(hand: Hand, feed: FeedClient, node: int) -> Settled | None:
    """Settle all alerts of a node of which it is certain what becomes of them."""
    stood, fell, signed = 0, 0, True
    for post, subjects in _batches(feed, node):
        mined = hand.do(feed.call("settle", post, subjects), f"settle alerts of node {node}: {len(subjects)}")
        if mined is None:
            signed = False
            continue
        for event in receipt_events(mined.receipt, feed.address, (FEED,)):
            if event.name == "AlertSettled":
                stood, fell = stood + event.values["stood"], fell + (not event.values["stood"])
    return Settled(stood, fell) if signed else None


def _batches(feed: FeedClient, node: int) -> Iterator[tuple[int, list[str]]]:
    by_post: dict[int, list[str]] = {}
    for subject, post, entry in feed.book().decided(feed.now()):
        if entry.node == node:
            by_post.setdefault(post, []).append(subject)
    for post, subjects in sorted(by_post.items()):
        for at in range(0, len(subjects), SETTLED_AT_ONCE):
            yield post, subjects[at : at + SETTLED_AT_ONCE]


def claim(hand: Hand, feed: FeedClient, node: int) -> int:
    """Have a node's owner paid for settled alerts and for votes; the amount."""
    owed = feed.owed(node)
    if owed:
        hand.do(feed.call("claim", node), f"claim {tokens(owed)} for node {node}")
    return owed
