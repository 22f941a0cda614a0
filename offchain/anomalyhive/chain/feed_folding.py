"""The state of an alert feed, rebuilt from its events alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from anomalyhive.chain.events import Event
from anomalyhive.chain.feed_views import Appeal, Entry, Monitor, Outcome, Rules, Standing
from anomalyhive.chain.folding import seats_of
from anomalyhive.errors import ChainFailure

FREE = Monitor("0x" + "00" * 20, 0, 0)
"""A post without a holder."""

NOBODY = Standing(0, 0, 0, 0)


@dataclass
class FeedBook:
    """A feed as it stands after the events that it was given, amounts in 1e-18 tokens.

    ``entries`` goes by address and post, without what was retracted; ``gone`` are those of them that an appeal took
    down. ``ended`` is term -> when it ended, for terms that did; ``hidden`` is what a seat committed in an appeal,
    ``voters`` appeal -> seat -> node that showed its vote, ``reserved`` what an appeal locked for votes.
    """

    rules: Rules
    escrow: int = 0
    locked: int = 0
    unburned: int = 0
    terms: int = 0
    posts: dict[int, Monitor] = field(default_factory=dict)
    ended: dict[int, int] = field(default_factory=dict)
    entries: dict[tuple[str, int], Entry] = field(default_factory=dict)
    gone: set[tuple[str, int]] = field(default_factory=set)
    models: dict[int, bytes] = field(default_factory=dict)
    standings: dict[int, Standing] = field(default_factory=dict)
    owed: dict[int, int] = field(default_factory=dict)
    bonds: dict[str, int] = field(default_factory=dict)
    appeals: dict[int, Appeal] = field(default_factory=dict)
    evidence: dict[int, bytes] = field(default_factory=dict)
    hidden: dict[tuple[int, int], bytes] = field(default_factory=dict)
    voters: dict[int, dict[int, int]] = field(default_factory=dict)
    reserved: dict[int, int] = field(default_factory=dict)

    def live(self, now: int) -> Iterator[tuple[str, int, Entry]]:
        """Address, post and alert of everything that counts at a time, in the order in which it was first posted."""
        for (subject, post), entry in self.entries.items():
            if (subject, post) not in self.gone and entry.expiry > now and entry.term not in self.ended:
                yield subject, post, entry

    def decided(self, now: int) -> Iterator[tuple[str, int, Entry]]:
        """Address, post and alert of everything whose reward can be settled at a time; see `IAlertFeed.settle`."""
        appealed = {self.appeals[number].subject for number in self.open_appeals()}
        for (subject, post), entry in self.entries.items():
            due = entry.since + self.rules.stand_seconds
            end = min(entry.expiry, self.ended.get(entry.term, entry.expiry))
            # One that is over before it stood cannot stand any more; in the second that decides others may still come.
            if entry.locked and subject not in appealed and (end <= now if end < due else now > due):
                yield subject, post, entry

    def open_appeals(self) -> list[int]:
        """The appeals that are not decided, the oldest first."""
        return [number for number, one in self.appeals.items() if one.outcome is Outcome.OPEN]


TIMED = frozenset({"AppealOpened", "PostReleased", "PostFreed"})
"""Events of which it counts when they were, which they do not say."""


def fold_feed(events: Iterable[Event], times: Mapping[int, int]) -> FeedBook:
    """What all events of a feed come to, in the order of the chain; ``times`` is block -> unix seconds of `TIMED`.

    Raises ChainFailure where an event has no place: the endpoint omits logs then.
    """
    book: FeedBook | None = None
    for event in events:
        if event.name == "FeedCreated":
            book = FeedBook(Rules.of(event.values["rules"]))
        elif book is None:
            raise ChainFailure(f"block {event.block} has {event.name} of a feed that was never made: logs are missing")
        else:
            try:
                _FOLDS[event.name](book, event.values, times[event.block] if event.name in TIMED else 0)
            except (KeyError, ValueError) as error:
                raise ChainFailure(
                    f"block {event.block} has {event.name} of what never came to be ({error}): logs are missing"
                ) from error
    if book is None:
        raise ChainFailure("no event of the feed is known, not even its making: the endpoint omits logs")
    return book


def _taken(book: FeedBook, v: Any, _: int) -> None:
    book.posts[v["post"]] = Monitor(v["operator"], v["node"], v["term"])
    book.terms = v["term"]


def _refreshed(book: FeedBook, v: Any, _: int) -> None:
    book.posts[v["post"]] = replace(book.posts[v["post"]], operator=v["operator"])


def _left(book: FeedBook, v: Any, now: int) -> None:
    book.ended[book.posts.pop(v["post"]).term] = now


def _noted(book: FeedBook, v: Any, _: int) -> None:
    book.models[v["round"]] = bytes(v["model"])


def _posted(book: FeedBook, v: Any, _: int) -> None:
    key, entry = (v["subject"], v["post"]), Entry.of(v["entry"])
    former = book.entries.get(key)
    renewed = former is not None and key not in book.gone and (former.term, former.since) == (entry.term, entry.since)
    if not renewed:
        _count(book, v["node"], posted=1)
        if entry.locked:
            _move(book, book.rules.reward)
        book.gone.discard(key)
    book.entries[key] = entry


def _retracted(book: FeedBook, v: Any, _: int) -> None:
    del book.entries[v["subject"], v["post"]]
    _count(book, v["node"], retracted=1)


def _overturned(book: FeedBook, v: Any, _: int) -> None:
    key = v["subject"], v["post"]
    book.entries[key] = replace(book.entries[key], expiry=0)
    book.gone.add(key)
    _count(book, v["node"], overturned=1)


def _settled(book: FeedBook, v: Any, _: int) -> None:
    key, reward = (v["subject"], v["post"]), book.rules.reward
    book.entries[key] = replace(book.entries[key], locked=False)
    book.locked -= reward
    if v["stood"]:
        book.owed[v["node"]] = book.owed.get(v["node"], 0) + reward
        _count(book, v["node"], stood=1)
    else:
        book.escrow += reward


def _opened(book: FeedBook, v: Any, now: int) -> None:
    number, locked = v["appeal"], v["locked"]
    each = book.rules.vote_reward if locked else 0
    book.appeals[number] = Appeal(v["subject"], now, v["round"], 0, v["appellant"], 0, 0, Outcome.OPEN, each)
    book.evidence[number], book.reserved[number] = bytes(v["evidence"]), locked
    _move(book, locked)


def _committed(book: FeedBook, v: Any, _: int) -> None:
    number, seat = v["appeal"], v["seat"]
    one = book.appeals[number]
    book.appeals[number] = replace(one, committed=one.committed | 1 << seat)
    book.hidden[number, seat] = bytes(v["commitHash"])


def _revealed(book: FeedBook, v: Any, _: int) -> None:
    number, bit = v["appeal"], 1 << v["seat"]
    one = book.appeals[number]
    if v["uphold"]:
        book.appeals[number] = replace(one, upholding=one.upholding | bit)
    else:
        book.appeals[number] = replace(one, overturning=one.overturning | bit)
    book.voters.setdefault(number, {})[v["seat"]] = v["node"]


def _closed(book: FeedBook, v: Any, _: int) -> None:
    number, outcome = v["appeal"], Outcome(v["outcome"])
    one = book.appeals[number] = replace(book.appeals[number], outcome=outcome)
    sides = {Outcome.UPHELD: one.upholding, Outcome.OVERTURNED: one.overturning}
    paid = seats_of(sides.get(outcome, 0)) if one.vote_reward else frozenset()
    for seat in paid:
        node = book.voters[number][seat]
        book.owed[node] = book.owed.get(node, 0) + one.vote_reward
    book.locked -= book.reserved[number]
    book.escrow += book.reserved[number] - len(paid) * one.vote_reward
    if outcome is not Outcome.UPHELD and v["bond"]:
        book.bonds[one.appellant] = book.bonds.get(one.appellant, 0) + v["bond"]


def _unburned(book: FeedBook, v: Any, _: int) -> None:
    book.unburned += v["bond"]


def _funded(book: FeedBook, v: Any, _: int) -> None:
    book.escrow += v["amount"]


def _withdrawn(book: FeedBook, v: Any, _: int) -> None:
    book.escrow -= v["amount"]


def _claimed(book: FeedBook, v: Any, _: int) -> None:
    book.owed[v["node"]] -= v["amount"]


def _returned(book: FeedBook, v: Any, _: int) -> None:
    book.bonds[v["appellant"]] -= v["amount"]


def _move(book: FeedBook, amount: int) -> None:
    """Lock what was in escrow."""
    book.escrow -= amount
    book.locked += amount


def _count(book: FeedBook, node: int, **more: int) -> None:
    former = book.standings.get(node, NOBODY)
    book.standings[node] = replace(former, **{name: getattr(former, name) + n for name, n in more.items()})


_FOLDS = {
    "PostTaken": _taken,
    "PostRefreshed": _refreshed,
    "PostReleased": _left,
    "PostFreed": _left,
    "ModelNoted": _noted,
    "AlertPosted": _posted,
    "AlertRetracted": _retracted,
    "AlertOverturned": _overturned,
    "AlertSettled": _settled,
    "AppealOpened": _opened,
    "VoteCommitted": _committed,
    "VoteRevealed": _revealed,
    "AppealClosed": _closed,
    "BondUnburned": _unburned,
    "FeedFunded": _funded,
    "EscrowWithdrawn": _withdrawn,
    "Claimed": _claimed,
    "BondReturned": _returned,
}
