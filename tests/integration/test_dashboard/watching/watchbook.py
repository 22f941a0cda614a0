"""The book of a watch, written by the real writer: blocks of now, and alerts as a monitor raises them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from anomalyhive.monitor.alert import Alert
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.entries import BlockRow, Ended, Entry, Score, Touched
from anomalyhive.monitor.lifting import AT
from anomalyhive.monitor.packing import pack
from anomalyhive.monitor.statistics import Statistics

SECONDS = 12
"""Between two blocks."""

LIFE = 30 * 86_400
THRESHOLD = 6_000

TAKEN_IN = 2**53 + 1
"""Microether that every address has received: too many for a float."""

REASONS = (
    "distinct_received_from_share: 1, higher than 66 % of accounts (+0.79)",
    "sent_hours_0_share: 1, higher than 92 % of accounts (-0.71)",
    "received_plain_mean: 0.666, higher than 54 % of accounts (+0.72)",
    "sent_plain_mean: 1, higher than 65 % of accounts (+0.57)",
)


def hashed(*what: object) -> str:
    """64 hexadecimal digits."""
    return hashlib.sha256(repr(what).encode()).hexdigest()


def address(number: int) -> str:
    """An address by its number, in small letters."""
    return f"0x{hashed('address', number)[:40]}"


def state_of(block: int) -> bytes:
    """The statistics of an address at a block: it has sent as many transactions as the block's number."""
    made = Statistics.neutral(("",))
    made.values[0, AT["sent"]], made.values[0, AT["received_micro"]] = block, TAKEN_IN
    return pack(made)[0]


@dataclass
class WatchBook:
    """A book that is open for writing, and what was raised in it, the oldest first."""

    book: Book
    model: str
    first: int
    raised: list[Alert] = field(default_factory=list)

    @property
    def last(self) -> int:
        """The number of the last block."""
        head = self.book.head()
        return head.number if head is not None else self.first - 1

    def alert(self, who: int, probability: int, category: str = "phishing", **more: Any) -> Alert:
        """An alert of the next block."""
        number = self.last + 1
        given: dict[str, Any] = {
            "chain_id": 31337, "address": address(who), "block_number": number, "block_hash": f"0x{hashed(number)}",
            "transactions": (f"0x{hashed('transaction', number, who)}",), "probability_bp": probability,
            "category": category, "category_index": 1, "reasons": REASONS, "model": self.model, "round": 1,
            "raised_at": self._time(number), "expires_at": self._time(number) + LIFE, **more,
        }  # fmt: skip
        return Alert(**given)

    def write(self, alerts: Sequence[Alert] = (), calm: int = 900, ended: Sequence[Ended] = ()) -> None:
        """The next block: address 0 with a calm score, and these alerts."""
        number = self.last + 1
        points = [(address(0), calm, "unknown"), *((one.address, one.probability_bp, one.category) for one in alerts)]
        bps = [bp for _, bp, _ in points]
        row = BlockRow(
            number, f"0x{hashed(number)}", f"0x{hashed(number - 1)}", self._time(number), len(points), len(points),
            len(points), max(bps), sum(bps) // len(bps), len(alerts),
        )  # fmt: skip
        touched = [
            Touched(
                Score(who, number, row.hash, row.time, f"0x{hashed('transaction', number, who)}", bp, kind, self.model),
                state_of(number),
            )
            for who, bp, kind in points
        ]
        self.book.write(Entry(row, touched, alerts, ended))
        self.raised += alerts

    def _time(self, number: int) -> int:
        return self._begun + (number - self.first) * SECONDS

    def __post_init__(self) -> None:
        self._begun = int(time.time()) - 200 * SECONDS


def begun(folder: Path, model: str, first: int = 1_000) -> WatchBook:
    """A new book, before its first block."""
    book = Book.open(folder, 31337)
    book.begin(first, f"0x{hashed(first - 1)}")
    book.note({"chain": "anvil", "threshold_bp": THRESHOLD, "model": model, "round": 1})
    return WatchBook(book, model, first)
