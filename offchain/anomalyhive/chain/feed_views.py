"""What an alert feed says and is told, as values; `IAlertFeedTypes` field by field.

Amounts in 1e-18 tokens, times in unix seconds, probabilities in basis points. Posts and seats are numbered from 0,
appeals and terms from 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, ClassVar

from web3 import Web3

from anomalyhive.errors import BadInput

ALL_BPS = 10_000
"""A probability of 1."""

LATEST = (1 << 40) - 1
"""The last second that a contract can write down; as an expiry, the feed cuts it to the longest life."""

MOST_POSTS = 24


class Struct:
    """What a struct of the contract and a value here have in common: its fields, in the contract's order."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @classmethod
    def of(cls, values: Sequence[Any] | Mapping[str, Any]) -> Any:
        """A value from the contract's struct, as it is read or as an event has it."""
        given = tuple(values.values()) if isinstance(values, Mapping) else values
        return cls(**dict(zip((one.name for one in fields(cls)), given, strict=True)))

    def as_tuple(self) -> tuple[Any, ...]:
        """The values in the order of the contract's struct."""
        return tuple(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True)
class Rules(Struct):
    """The rules of a feed; docs/alerts.md says what each means and what it may be."""

    posts: int
    quorum: int
    categories: int
    longest_seconds: int
    stand_seconds: int
    vote_seconds: int
    reveal_seconds: int
    min_stake: int
    reward: int
    vote_reward: int
    bond: int

    def times_of(self, appeal: Appeal) -> tuple[int, int]:
        """First second in which votes are shown and no more are committed, and first in which it can be decided."""
        begin = appeal.opened_at + self.vote_seconds
        return begin, begin + self.reveal_seconds


@dataclass(frozen=True)
class Said(Struct):
    """What a monitor says of an address. Raises BadInput for what no feed takes.

    ``expiry`` is the first second at which it is over; a feed cuts a life that is longer than its rules allow.
    """

    subject: str
    probability: int
    category: int
    expiry: int

    def __post_init__(self) -> None:
        """See that it is an address, and that the numbers are what the contract can take."""
        if not Web3.is_address(self.subject) or not int(self.subject, 16):
            raise BadInput(f"an alert is about {self.subject[:60]!r}, which is no address that can do anything")
        if not 1 <= self.probability <= ALL_BPS:
            raise BadInput(f"an alert has a probability of {self.probability} basis points: give 1 to {ALL_BPS}")
        if not 0 <= self.category < 1 << 8:
            raise BadInput(f"an alert has category {self.category}: give 0 to 255")
        if not 0 < self.expiry <= LATEST:
            raise BadInput(f"an alert expires at {self.expiry}, which is no second that a chain can have")

    def as_tuple(self) -> tuple[Any, ...]:
        """As the contract's struct, whatever letters the address was written in."""
        return Web3.to_checksum_address(self.subject), self.probability, self.category, self.expiry


@dataclass(frozen=True)
class Entry(Struct):
    """An alert as the feed keeps it, one for each post and address: the latest.

    ``node`` 0: there is none. ``expiry`` 0: overturned. ``locked``: its reward waits to be settled.
    """

    node: int
    since: int
    expiry: int
    round: int
    probability: int
    category: int
    locked: bool
    term: int


@dataclass(frozen=True)
class Monitor(Struct):
    """Who holds a post; ``node`` 0: nobody."""

    operator: str
    node: int
    term: int


@dataclass(frozen=True)
class Past(Struct):
    """Until when a node cannot post about an address, and until when what it posts there is not paid."""

    barred_until: int
    paid_until: int


@dataclass(frozen=True)
class Standing(Struct):
    """What became of a node's alerts: how many it posted, stood, took back itself, lost to appeals."""

    posted: int
    stood: int
    retracted: int
    overturned: int


@dataclass(frozen=True)
class Risk(Struct):
    """What a feed says of an address at one time; the numbers are those of the live alerts, flagged or not.

    ``probability`` is their lower median, ``category`` what most of them say, ``expiry`` until when a quorum of them
    lives (0: there is none), ``model`` the digest of the newest model among them.
    """

    flagged: bool
    appealed: bool
    probability: int
    category: int
    monitors: int
    expiry: int
    model: bytes


class Outcome(IntEnum):
    """How an appeal ended, numbered as in `IAlertFeedTypes.Outcome`."""

    OPEN = 0
    UNDECIDED = 1
    UPHELD = 2
    OVERTURNED = 3


@dataclass(frozen=True)
class Appeal(Struct):
    """An appeal. ``committed``, ``upholding`` and ``overturning`` have bit s for seat s; see `seats_of`.

    Only seats held since before final round ``round`` was opened may vote.
    """

    subject: str
    opened_at: int
    round: int
    committed: int
    appellant: str
    upholding: int
    overturning: int
    outcome: Outcome
    vote_reward: int

    def __post_init__(self) -> None:
        """Give the outcome its name."""
        object.__setattr__(self, "outcome", Outcome(self.outcome))
