"""What a book holds of a block: its row, and the statistics and the score of each address that it touches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anomalyhive.monitor.alert import Alert


@dataclass(frozen=True)
class BlockRow:
    """A block as the watch followed it.

    ``hash`` and ``parent`` are 0x and 64 digits, ``time`` unix seconds. ``addresses`` are those that it touches,
    ``scored`` how many of them have a score, ``highest_bp`` and ``mean_bp`` (floored) of those scores in basis points,
    0 where there is none. ``alerts`` is how many it raised. ``quarantined`` says what is wrong with a block of which
    nothing was counted; one that could not even be read has no ``hash``, then an empty text.
    """

    number: int
    hash: str
    parent: str
    time: int
    transactions: int = 0
    addresses: int = 0
    scored: int = 0
    highest_bp: int = 0
    mean_bp: int = 0
    alerts: int = 0
    quarantined: str = ""


@dataclass(frozen=True)
class Score:
    """What a model said of an address at a block; ``time`` is the block's.

    ``transaction_hash`` is the first of the block that touches it, empty where a token transfer's is not known.
    ``probability_bp`` is in basis points, floored. ``model`` is its digest.
    """

    address: str
    block_number: int
    block_hash: str
    time: int
    transaction_hash: str
    probability_bp: int
    category: str
    model: str


@dataclass(frozen=True)
class Touched:
    """An address that a block touches, with its statistics up to that block, as `monitor.statistics` packs them."""

    score: Score
    state: bytes


@dataclass(frozen=True)
class Ended:
    """An alert that is live no more: ``why`` is one of alert.WHY, or "renewed" where another takes its place."""

    alert_id: str
    why: str


RENEWED = "renewed"


@dataclass(frozen=True)
class Entry:
    """All that a block brings into the book, written as a whole or not at all."""

    block: BlockRow
    touched: Sequence[Touched] = ()
    alerts: Sequence[Alert] = ()
    ended: Sequence[Ended] = ()
