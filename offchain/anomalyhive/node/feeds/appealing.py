"""An appeal from the appellant's side: evidence, bond, and what becomes of both."""

from __future__ import annotations

import re
from pathlib import Path

from anomalyhive.chain.artifacts import FEED
from anomalyhive.chain.events import receipt_events
from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_views import Appeal, Outcome
from anomalyhive.content.codec import RAW_LIMIT
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.node.amounts import tokens
from anomalyhive.node.hands import Hand
from anomalyhive.node.leaving import utc
from anomalyhive.node.place import Place, open_store
from anomalyhive.node.sponsoring import approve

DIGEST = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")


def evidence_of(place: Place, text: str) -> bytes:
    """The digest of the evidence: a digest as it is written, or that of a file, which is put into the node's store."""
    if (match := DIGEST.fullmatch(text)) is not None:
        digest = bytes.fromhex(match[1])
        if not any(digest):
            raise BadSetting("--evidence is a digest of zeros, which names nothing")
        return digest
    path = Path(text)
    if not path.is_file():
        raise BadSetting(f"--evidence {text[:80]!r} is neither a file nor a digest of 64 hexadecimal digits")
    size = path.stat().st_size
    if not 0 < size <= RAW_LIMIT:
        raise BadSetting(f"--evidence {path} has {size} bytes: give a text of at most {RAW_LIMIT}, or a digest")
    return open_store(place.config.store).put_raw(path.read_bytes())


def appeal(place: Place, hand: Hand, feed: FeedClient, subject: str, evidence: bytes) -> int | None:
    """Appeal against the flag of an address; the appeal's number, None where another wallet is to sign."""
    if open_ := feed.appeal_on(subject):
        raise Failure(f"appeal {open_} about {subject} is open: wait until it is decided")
    again, now = feed.appealable_at(subject), feed.now()
    if now < again:
        raise Failure(f"an appeal about {subject} was lost or undecided a short while ago: appeal from {utc(again)} on")
    if not feed.risk_of(subject).flagged:
        raise Failure(f"{subject} is not flagged, so there is nothing to appeal against")
    bond = feed.rules().bond
    if bond:
        approve(place.contracts.token, hand, feed.address, bond, "the feed")
    mined = hand.do(
        feed.call("appeal", subject, evidence),
        f"appeal against the flag of {subject} with a bond of {tokens(bond)}",
    )
    if mined is None:
        return None
    events = receipt_events(mined.receipt, feed.address, (FEED,))
    return next(int(one.values["appeal"]) for one in events if one.name == "AppealOpened")


def appeal_of(feed: FeedClient, number: int) -> Appeal:
    """An appeal of a feed. Raises Failure where there is none of that number."""
    if not 1 <= number <= (count := feed.appeal_count()):
        raise Failure(f"the feed {feed.address} has no appeal {number}: `anomalyhive feed status` lists its {count}")
    return feed.appeal_state(number)


def decide(hand: Hand, feed: FeedClient, number: int) -> Outcome | None:
    """Have the votes of an appeal counted, once it is time; None where another wallet is to sign."""
    state = appeal_of(feed, number)
    if state.outcome is not Outcome.OPEN:
        return state.outcome
    _, end = feed.rules().times_of(state)
    if feed.now() < end:
        raise Failure(f"appeal {number} can be decided from {utc(end)} on")
    mined = hand.do(feed.call("decide", number), f"decide appeal {number}")
    return None if mined is None else feed.appeal_state(number).outcome


def fetch_bonds(hand: Hand, feed: FeedClient, appellant: str) -> int:
    """Have an appellant paid the bonds that came back; the amount."""
    amount = feed.bonds(appellant)
    if amount:
        hand.do(feed.call("fetchBonds", appellant), f"fetch bonds of {tokens(amount)} for {appellant}")
    return amount
