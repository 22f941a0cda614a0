"""A node's part on an alert feed: what it does in each state of its post, one `turn` at a time.

The chain is the truth: each turn begins with what it says, does what is lacking, and repeated does nothing more. What a
kill left on its way is seen through first, so nothing is said twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from types import MappingProxyType

from anomalyhive.chain.feed import BATCH, FeedClient, address_of
from anomalyhive.chain.feed_views import Rules, Said
from anomalyhive.chain.outbox import State
from anomalyhive.chain.views import Phase, Role
from anomalyhive.errors import ChainFailure, Reverted
from anomalyhive.monitor.alert import Alert
from anomalyhive.monitor.reading import AlertEntry
from anomalyhive.node.duties import Equipment
from anomalyhive.node.monitoring.spoken import OwnWords, Spoken
from anomalyhive.node.monitoring.wishes import Wishes

SHORTEST_LIFE = 30
"""Seconds: an alert that is over sooner would be over before it is in a block."""

RENEWED_AT = 4
"""An alert is renewed when a quarter of the longest life is left of it."""

LATER = 600.0
"""Seconds until what the feed would not take, or not settle, is tried again."""

UNKNOWN = "unknown"
"""Category without a name; 0 on a feed."""


class Stage(Enum):
    """How a node stands with a feed."""

    WITHOUT = "without a post"
    ROTATED = "its post knows another operator"
    HELD = "at its post"


@dataclass
class Voice:
    """Speaks on one feed for a node; ``wanted`` is the post to take, None for any, ``claim_at`` what must be owed
    before it claims, in 1e-18 tokens, 0: never.
    """

    gear: Equipment
    feed: FeedClient
    wishes: Wishes
    wanted: int | None = None
    claim_at: int = 0
    post: int | None = field(default=None, init=False)
    _words: OwnWords = field(init=False)
    _rules: Rules | None = field(default=None, init=False)
    _later: dict[str, float] = field(default_factory=dict, init=False)
    _again: float = field(default=0.0, init=False)
    _acted: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Begin with what the chain has."""
        self._words = OwnWords(self.feed, self.gear.node)

    @property
    def rules(self) -> Rules:
        """The feed's rules, asked for once."""
        if self._rules is None:
            self._rules = self.feed.rules()
        return self._rules

    def turn(self, resting: bool = False) -> bool:
        """Take every step that is due, but begin nothing where the role is ``resting``; whether one did something.

        Raises ChainFailure, and Failure where the book cannot be read.
        """
        self._acted = False
        self._finish()
        stage = self._stage()
        for step in STEPS[stage]:
            if resting and step in BEGINNINGS:
                continue
            step(self)
            if self._acted and self._stage() is not stage:
                break
        return self._acted

    def _stage(self) -> Stage:
        self.post = self.feed.post_of(self.gear.node)
        if self.post is None:
            return Stage.WITHOUT
        known = self.feed.post(self.post).operator
        return Stage.HELD if known.lower() == self.gear.signer.address.lower() else Stage.ROTATED

    def _finish(self) -> None:
        """See through what a kill left on its way to the feed, with the same bytes."""
        for one in self.gear.signer.unsettled():
            if one.state is State.OPEN and str(one.body["to"]).lower() == self.feed.address.lower():
                try:
                    self.gear.signer.finish(one)
                except Reverted as refusal:
                    self.gear.watcher.failed(f"finish {one.function} on the feed", refusal)

    # Steps

    def take(self) -> None:
        """Take the post that is wanted, or any that is free; where there is none, look again later."""
        if self.gear.clock() < self._again:
            return
        self._again = self.gear.clock() + LATER / 20
        posts = range(self.rules.posts) if self.wanted is None else (self.wanted,)
        free = [one for one in posts if not self.feed.post(one).node]
        if not free:
            named = "every post" if self.wanted is None else f"post {self.wanted}"
            raise ChainFailure(f"{named} of the feed {self.feed.address} is held by others: wait, or name another")
        # Nodes begin at different ones, so that not all ask for the first.
        chosen = free[self.gear.node % len(free)]
        self.feed.take_post(self.gear.signer, chosen)
        self._told(f"take post {chosen}")

    def refresh(self) -> None:
        """Let the post know the present operator."""
        assert self.post is not None
        self.feed.refresh_post(self.gear.signer, self.post)
        self._told("refresh post")

    def retract(self) -> None:
        """Take back what lives on the feed and does not hold in the watch any more."""
        wanted = self.wishes.live()
        gone = [
            subject
            for subject, _ in self._live()
            if subject not in wanted and self.wishes.taken_back(subject) and not self._put_off(f"retract {subject}")
        ]
        assert self.post is not None
        for some in _batches(gone):
            try:
                self.feed.retract(self.gear.signer, self.gear.node, self.post, some)
                self._told("retract")
            except Reverted as refusal:
                # Overturned, or replaced by who has the post after this node: then it is not this node's any more.
                self._put_all_off(f"retract {one}" for one in some)
                self.gear.watcher.failed("retract alerts on the feed", refusal)

    def say(self) -> None:
        """Post alerts that the feed lacks, and renew those that are about to be over."""
        assert self.post is not None
        now, live = self.feed.now(), dict(self._live())
        self._note(live)
        due = [one for subject, one in self.wishes.live().items() if self._is_due(one, live.get(subject), now)]
        due.sort(key=lambda one: (one.alert.round, one.place))
        for round_, entries in groupby(due, key=lambda one: one.alert.round):
            said = [said_of(one.alert, self.rules) for one in entries]
            posted = self.feed.post_alerts(self.gear.signer, self.post, round_, said)
            if posted.counted:
                self._told("post alerts")
            # An appeal has taken it down, or one is open: the feed skips it, and asking each time would cost gas.
            self._put_all_off(f"post {subject}" for subject in posted.skipped)
        if due:
            self._note(dict(self._live()))

    def settle(self) -> None:
        """Settle alerts about which it is certain by now whether they stood."""
        now = self.feed.now()
        by_post: dict[int, list[str]] = {}
        for (subject, post), one in self._words.look().items():
            name = f"settle {post} {subject}"
            due = one.entry.since + self.rules.stand_seconds
            if one.entry.locked and due < now and not self._put_off(name):
                by_post.setdefault(post, []).append(subject)
                # An appeal keeps it open; then it is tried again later.
                self._put_all_off([name])
        for post, subjects in by_post.items():
            for some in _batches(subjects):
                self.feed.settle(self.gear.signer, post, some)
                self._told("settle")

    def claim(self) -> None:
        """Have the owner paid, where enough is owed."""
        owed = self.feed.owed(self.gear.node) if self.claim_at else 0
        if owed and owed >= self.claim_at:
            self.feed.claim(self.gear.signer, self.gear.node)
            self._told("claim")
            self.gear.watcher.rewarded(self.feed.task(), owed)

    # What they look at

    def _live(self) -> list[tuple[str, Spoken]]:
        """What lives on the feed of what the node has said from its present post."""
        assert self.post is not None
        now, term = self.feed.now(), self.feed.post(self.post).term
        return [
            (subject, one)
            for (subject, post), one in self._words.look().items()
            if post == self.post and one.entry.term == term and one.entry.expiry > now
        ]

    def _is_due(self, wish: AlertEntry, there: Spoken | None, now: int) -> bool:
        """Whether an alert is to be posted, for the first time or once more."""
        subject, longest = wish.alert.address, self.rules.longest_seconds
        if wish.alert.expires_at < now + SHORTEST_LIFE or self._put_off(f"post {address_of(subject)}"):
            return False
        if there is None:
            return self.feed.past_of(subject, self.gear.node).barred_until <= now
        until = min(wish.alert.expires_at, now + longest)
        return until > there.entry.expiry and there.entry.expiry - now < longest // RENEWED_AT

    def _note(self, live: Mapping[str, Spoken]) -> None:
        """Note in the book by which transactions its alerts stand on the feed."""
        wishes = self.wishes.live()
        pairs = [(wishes[subject], one.transaction) for subject, one in live.items() if subject in wishes]
        new = {wish.alert.id: transaction for wish, transaction in pairs if wish.posted_tx != transaction}
        if new:
            self.wishes.note_posted(new)

    def _put_off(self, name: str) -> bool:
        return self._later.get(name, 0.0) > self.gear.clock()

    def _put_all_off(self, names: Iterable[str]) -> None:
        now = self.gear.clock()
        self._later = {name: until for name, until in self._later.items() if until > now}
        self._later |= dict.fromkeys(names, now + LATER)

    def _told(self, action: str) -> None:
        self._acted = True
        self.gear.watcher.acted(self.feed.task(), 0, Phase.NONE, Role.MONITOR, action)


STEPS: Mapping[Stage, Sequence[Callable[[Voice], None]]] = MappingProxyType(
    {
        Stage.WITHOUT: (Voice.take,),
        Stage.ROTATED: (Voice.refresh,),
        # Back before anew: what does not hold is not to stand a moment longer for the sake of what does.
        Stage.HELD: (Voice.retract, Voice.say, Voice.settle, Voice.claim),
    }
)
"""The table that drives a monitor: how it stands with the feed to its steps. It runs beside the rounds."""


BEGINNINGS = (Voice.take, Voice.say)
"""Steps that a role which rests does not take: what it has said is still taken back, settled and claimed."""


def said_of(alert: Alert, rules: Rules) -> Said:
    """An alert as a feed takes it; a category that the feed does not know, or that has no name, is 0."""
    known = alert.category != UNKNOWN and alert.category_index < rules.categories
    return Said(alert.address, alert.probability_bp, alert.category_index if known else 0, alert.expires_at)


def _batches(subjects: Sequence[str]) -> list[Sequence[str]]:
    return [subjects[begin : begin + BATCH] for begin in range(0, len(subjects), BATCH)]
