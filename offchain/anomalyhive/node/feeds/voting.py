"""A validator's vote about an appeal: hidden first and shown then, by the same call. Nothing has to be remembered
between the two: the salt is made from the node's secret, and the side is the one whose hash is on the chain.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_views import Outcome
from anomalyhive.chain.folding import seats_of
from anomalyhive.chain.hive import HiveClient
from anomalyhive.errors import BadSetting, Failure, Reverted
from anomalyhive.node.feeds.appealing import appeal_of
from anomalyhive.node.hands import Hand
from anomalyhive.node.leaving import utc

DOMAIN = b"anomalyhive vote salt"

SIDES = {True: "uphold", False: "overturn"}
"""For the alerts, or against them."""

NO_VOTE = {
    "OwnAlert": "node {node} has an alert about this address itself: leave this appeal to the other seats",
    "TooLate": "seat {seat} was taken too late: only who sat there before the last final round at the appeal votes",
}
"""Why a feed takes no vote of a seat, by the contract's error."""


@dataclass(frozen=True)
class Ballot:
    """A seat's part in an appeal of a feed; ``secret`` (32 bytes) makes the salts and is never shown."""

    feed: FeedClient
    number: int
    node: int
    seat: int
    secret: bytes = field(repr=False)

    @property
    def salt(self) -> bytes:
        """The salt of the vote: never lost, since it can be derived again; known to nobody else until it is shown."""
        place = b"".join(one.to_bytes(32, "big") for one in (self.number, self.seat, self.node))
        message = DOMAIN + bytes.fromhex(self.feed.address.removeprefix("0x")) + place
        return hmac.new(self.secret, message, hashlib.sha256).digest()

    def hidden(self, uphold: bool) -> bytes:
        """What is committed for a side."""
        return self.feed.vote_hash(self.number, self.seat, self.node, uphold, self.salt)

    def side(self) -> bool:
        """The side that is committed. Raises Failure where it cannot be known here."""
        committed = self.feed.committed_vote(self.number, self.seat)
        for uphold in SIDES:
            if self.hidden(uphold) == committed:
                return uphold
        raise Failure(
            f"the vote of seat {self.seat} about appeal {self.number} was not made with the salt of this home: show it "
            "with the one that it was made in"
        )


def seat_of(hive: HiveClient, task: int, node: int) -> int:
    """The seat of a node in a task. Raises Failure where it has none."""
    seat = int(hive.read("seatOf", task, node))
    if not seat:
        raise Failure(f"node {node} holds no seat in task {task}, and only its validators vote about appeals")
    return seat - 1


def vote(hand: Hand, ballot: Ballot, uphold: bool | None) -> list[str]:
    """Take the next step of a vote; what is left to do, and when, in words.

    ``uphold`` is needed to commit, and may be left out afterwards. Raises BadSetting where it is missing, or is not
    what was committed; Failure where it is too late.
    """
    feed, number = ballot.feed, ballot.number
    state, now = appeal_of(feed, number), feed.now()
    begin, end = feed.rules().times_of(state)
    if state.outcome is not Outcome.OPEN:
        return [f"appeal {number} is decided: {state.outcome.name.lower()}"]
    if ballot.seat not in seats_of(state.committed):
        return _commit(hand, ballot, uphold, begin, end, now)
    # A seat that has shown its vote has its bit on one side.
    if ballot.seat in seats_of(state.upholding | state.overturning):
        return [f"seat {ballot.seat} has shown its vote; the appeal can be decided from {utc(end)} on"]
    side = ballot.side()
    if uphold not in (None, side):
        raise BadSetting(f"seat {ballot.seat} has committed to {SIDES[side]}, and a vote cannot be changed")
    if now < begin:
        return [_later(begin, end)]
    if now >= end:
        raise Failure(f"votes about appeal {number} were to be shown until {utc(end)}: it can only be decided now")
    call = feed.call("revealVote", number, ballot.seat, ballot.node, side, ballot.salt)
    hand.do(call, f"show the vote of seat {ballot.seat}: {SIDES[side]}")
    return [f"appeal {number} can be decided from {utc(end)} on"]


def _commit(hand: Hand, ballot: Ballot, uphold: bool | None, begin: int, end: int, now: int) -> list[str]:
    if now >= begin:
        raise Failure(f"votes about appeal {ballot.number} were to be committed until {utc(begin)}")
    if uphold is None:
        raise BadSetting(f"which side: name uphold or overturn behind the number of appeal {ballot.number}")
    call = ballot.feed.call("commitVote", ballot.number, ballot.seat, ballot.hidden(uphold))
    try:
        hand.do(call, f"commit seat {ballot.seat} to a vote about appeal {ballot.number}, unseen")
    except Reverted as refusal:
        if refusal.error not in NO_VOTE:
            raise
        why = NO_VOTE[refusal.error].format(node=ballot.node, seat=ballot.seat)
        raise Failure(f"no vote about appeal {ballot.number}: {why}") from refusal
    return [_later(begin, end)]


def _later(begin: int, end: int) -> str:
    return f"call this again from {utc(begin)} on, and before {utc(end)}, to show it: a vote that is not shown is none"
