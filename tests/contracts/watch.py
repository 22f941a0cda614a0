"""An alert feed with monitors at its posts, driven step by step, and what it must hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

from clock import Clock
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from logs import plain

from anomalyhive.protocol import vote_hash
from rehearsal import TOKEN, Node, Rehearsal

MONITOR = 4
"""Role of INodeRegistry."""

MONITORS = 5


@dataclass(frozen=True)
class Rules:
    """The contract's Rules, in their order."""

    posts: int = 4
    quorum: int = 2
    categories: int = 5
    longest_seconds: int = 10_000
    stand_seconds: int = 1000
    vote_seconds: int = 2000
    reveal_seconds: int = 3000
    min_stake: int = 50 * TOKEN
    reward: int = 7 * TOKEN
    vote_reward: int = 3 * TOKEN
    bond: int = 9 * TOKEN


RULES = Rules()
"""Lengths that all differ, so that a mix-up of two shows, and the most that votes may be paid by three seats."""

FUNDS = 100 * TOKEN
"""What is in escrow at the beginning: fourteen alerts, and what remains is less than one."""

UNDECIDED, UPHELD, OVERTURNED = 1, 2, 3
"""Outcomes of an appeal; 0 is open."""

EVIDENCE = keccak(text="evidence")

FOREVER = 2**40 - 1
"""An expiry that the feed cuts."""


def subject(number: int) -> str:
    """An address that is nobody's."""
    return str(to_checksum_address(f"0x{0xBAD000 + number:040x}"))


BAD = subject(1)


def salt(seat: int) -> bytes:
    """Of a seat's vote."""
    return keccak(text=f"salt of {seat}")


def named(values: Any) -> dict[str, Any]:
    """A struct, field by field."""
    return dict(zip(values.keys(), plain(values), strict=True))


class Watch:
    """One feed. Monitor i can take post i; all calls that anyone may make are the sponsor's."""

    def __init__(
        self, container: Any, rehearsal: Rehearsal, task: int, monitors: Sequence[Node], clock: Clock, **changes: Any
    ) -> None:
        self.rehearsal, self.token, self.hive = rehearsal, rehearsal.token, rehearsal.hive
        self.task, self.monitors, self.clock = task, monitors, clock
        self.rules = replace(RULES, **changes)
        self.anyone = {"from": rehearsal.sponsor}
        self.feed = container.deploy(self.hive, task, astuple(self.rules), self.anyone)
        self.token.approve(self.feed, 2**255, self.anyone)

    # Posts and alerts

    def man(self, posts: Iterable[int]) -> None:
        """Monitor i takes post i."""
        for post in posts:
            self.feed.takePost(post, {"from": self.monitors[post].operator})

    def say(self, post: int, *subjects: str, at: int | None = None, by: Node | None = None, **alert: int) -> Any:
        """The post's monitor posts, or renews; the transaction, in the very second ``at``."""
        rows = [self.row(one, **alert) for one in subjects or (BAD,)]
        if at is not None:
            self.clock.next(at)
        return self.feed.postAlerts(post, 1, rows, {"from": (by or self.monitors[post]).operator})

    def row(self, about: str = BAD, probability: int = 9000, category: int = 1, expiry: int = FOREVER) -> Any:
        """The contract's Alert."""
        return about, probability, category, expiry

    def flag(self, about: str = BAD, posts: Iterable[int] = (0, 1), at: int | None = None) -> int:
        """These posts say it, a second after each other; when the first of them did."""
        first = at if at is not None else self.clock.now + 1
        for number, post in enumerate(posts):
            self.say(post, about, at=first + number)
        return first

    def settle(self, post: int, *subjects: str, at: int | None = None) -> Any:
        """Anyone settles; the transaction."""
        if at is not None:
            self.clock.next(at)
        return self.feed.settle(post, list(subjects) or [BAD], self.anyone)

    # Appeals

    def appeal(self, about: str = BAD, at: int | None = None) -> int:
        """The sponsor appeals; the appeal's number."""
        if at is not None:
            self.clock.next(at)
        self.feed.appeal(about, EVIDENCE, self.anyone)
        return int(self.feed.appealCount())

    def commit(self, appeal: int, seat: int, uphold: bool) -> Any:
        """The seat's holder votes, unseen; the transaction."""
        holder = self.hive.seat(self.task, seat)
        hidden = vote_hash(self.feed.address, appeal, seat, holder[1], uphold, salt(seat))
        return self.feed.commitVote(appeal, seat, hidden, {"from": holder[0]})

    def reveal(self, appeal: int, seat: int, uphold: bool, node: int | None = None) -> Any:
        """Anyone who knows the salt shows the vote; the transaction."""
        number = self.hive.seat(self.task, seat)[1] if node is None else node
        return self.feed.revealVote(appeal, seat, number, uphold, salt(seat), self.anyone)

    def votes_end(self, appeal: int) -> int:
        """First second in which no vote is committed, and votes are shown."""
        return int(self.feed.appealState(appeal)[1]) + self.rules.vote_seconds

    def reveals_end(self, appeal: int) -> int:
        """First second in which no vote is shown, and the appeal can be decided."""
        return self.votes_end(appeal) + self.rules.reveal_seconds

    def vote(self, appeal: int, votes: Mapping[int, bool]) -> None:
        """Seat -> whether it upholds: all are committed and shown, and it is time to decide."""
        for seat, uphold in votes.items():
            self.commit(appeal, seat, uphold)
        self.clock.reach(self.votes_end(appeal))
        for seat, uphold in votes.items():
            self.reveal(appeal, seat, uphold)
        self.clock.reach(self.reveals_end(appeal))

    def decide(self, appeal: int, votes: Mapping[int, bool]) -> Any:
        """The whole appeal; the transaction that decides it."""
        self.vote(appeal, votes)
        return self.feed.decide(appeal, self.anyone)

    def overturn(self, about: str = BAD) -> None:
        """An appeal that takes the alerts down."""
        self.decide(self.appeal(about), {0: False, 1: False})

    # What the feed says

    def risk(self, about: str = BAD) -> dict[str, Any]:
        """`riskOf`, field by field."""
        return named(self.feed.riskOf(about))

    def entry(self, post: int, about: str = BAD) -> dict[str, Any]:
        """`alertOf`, field by field."""
        return named(self.feed.alertOf(about, post))

    def standing(self, post: int) -> tuple[int, int, int, int]:
        """Posted, stood, retracted and overturned of the post's monitor."""
        values: tuple[int, int, int, int] = plain(self.feed.standingOf(self.monitors[post].number))
        return values

    def owed(self, post: int) -> int:
        """What the post's monitor has earned and not been paid."""
        return int(self.feed.owed(self.monitors[post].number))

    @property
    def money(self) -> tuple[int, int]:
        """Escrow, and what is locked."""
        return int(self.feed.escrow()), int(self.feed.locked())

    def surplus(self) -> int:
        """What the feed holds beyond what it owes: 0 by P16."""
        feed = self.feed
        owed = sum(int(feed.owed(node.number)) for node in self.rehearsal.nodes)
        appeals = [named(feed.appealState(one)) for one in range(1, feed.appealCount() + 1)]
        bonds = sum(int(feed.bonds(who)) for who in {one["appellant"] for one in appeals})
        still = self.rules.bond * sum(one["outcome"] == 0 for one in appeals)
        return int(self.token.balanceOf(feed)) - sum(self.money) - owed - bonds - still - int(feed.unburned())
