"""Blocks of a source in their order, each checked by itself and against the one before; and where a chain has forked.

What is asked ahead of a source is kept from step to step, so that a watch that catches up waits for no answer twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from anomalyhive.errors import BadTable, ChainFailure
from anomalyhive.ingestion.block import Block, Source, Unreadable
from anomalyhive.ingestion.evm.values import HASH
from anomalyhive.ingestion.pending import as_batches
from anomalyhive.metrics.chunks import TOKEN_TRANSFERS, TRANSACTIONS
from anomalyhive.metrics.events import event_table
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.entries import BlockRow

READINGS = 3
"""How often a block is read that does not hold: one endpoint of several may be wrong, or the chain move on below."""

PARENT = "parent hash"
"""The kind of fault that says that a block and the one before are not of one chain."""

TABLES = (TRANSACTIONS, TOKEN_TRANSFERS)
NO_EVENTS = event_table(None)
MOST_TIME = 1 << 40
"""Unix seconds that no block has yet."""


@dataclass(frozen=True, eq=False)
class Given:
    """A block that was read: its ``events``, and the ``tables`` that they are of; none where there are ``faults``.

    Hashes are 0x and 64 digits; of a block that cannot be read they are empty texts. Of one with faults ``time`` is
    that of the block before.
    """

    number: int
    hash: str
    parent: str
    time: int
    events: pa.Table
    tables: Mapping[str, pa.Table]
    faults: tuple[str, ...] = ()

    @property
    def misfit(self) -> str:
        """The fault that says that it is not of one chain with the block before; empty if there is none."""
        return next((one for one in self.faults if one.startswith(PARENT)), "")


class Following:
    """A source as a watch reads it, ahead of where it stands."""

    def __init__(self, source: Source) -> None:
        self.source, self._schemas = source, source.schemas
        self._ahead: Iterator[Block | Unreadable] | None = None
        self._next, self._stop = 0, 0

    def read(self, last: BlockRow | None, number: int, parent: str, stop: int) -> Given:
        """Block ``number``, which follows ``last`` (or the block with the hash ``parent``); blocks end at ``stop``.

        Raises ChainFailure.
        """
        found = _judged(self._schemas, number, self._taken(number, stop), last, parent)
        for _ in range(READINGS - 1):
            if not found.faults:
                break
            self.forget()
            found = _judged(self._schemas, number, self._taken(number, number + 1), last, parent)
        return found

    def forget(self) -> None:
        """Drop what was asked ahead."""
        close = getattr(self._ahead, "close", None)
        if close is not None:
            close()
        self._ahead = None

    def _taken(self, number: int, stop: int) -> Block | Unreadable:
        if self._ahead is None or self._next != number or number >= self._stop:
            self.forget()
            self._ahead, self._next, self._stop = iter(self.source.blocks(range(number, stop))), number, stop
        try:
            block = next(self._ahead)
        except StopIteration:
            self._ahead = None
            raise ChainFailure(f"the source ends before block {number}: see that it holds it") from None
        except BaseException:
            self._ahead = None
            raise
        self._next += 1
        return block


def fork(source: Source, book: Book, most: int) -> int | None:
    """The last block of the book that is still the chain's, None where nothing is known to have been given up.

    ``most`` is the last block of the source. Below what the book can take back nobody is asked any more: then it is a
    block there. A block whose hash is not known goes with what it stands on.
    """
    head = book.head()
    floor, start = book.fact("floor"), book.fact("start")
    if head is None or not isinstance(floor, int) or not isinstance(start, int):
        return None
    number, given_up = min(head.number, most), False
    while number >= max(floor, start):
        row = book.block(number)
        if row is not None and row.hash:
            if f"0x{source.hash_of(number).hex()}" == row.hash:
                break
            given_up = True
        number -= 1
    return number if given_up else None


def _judged(
    schemas: Mapping[str, pa.Schema], number: int, block: Block | Unreadable, last: BlockRow | None, parent: str
) -> Given:
    """A block with what is wrong with it."""
    before = 0 if last is None else last.time
    if isinstance(block, Unreadable):
        return Given(number, "", "", before, NO_EVENTS, {}, (block.reason,))
    if block.number != number or not len(block.hash) == len(block.parent_hash) == HASH:
        words = f"number: block {block.number} of the hash {block.hash.hex() or 'none'} was given for {number}"
        return Given(number, "", "", before, NO_EVENTS, {}, (words,))
    faults, own, its_parent = list(block.faults), f"0x{block.hash.hex()}", f"0x{block.parent_hash.hex()}"
    known = parent if last is None else "" if last.quarantined else last.hash
    if known and known != its_parent:
        faults.append(f"{PARENT}: {its_parent} is not {known}, the hash of block {number - 1}")
    time, events, tables = before, NO_EVENTS, {}
    try:
        made = as_batches(schemas, block)
        if not block.faults:
            time = int(made["blocks"].column("block_timestamp")[0].as_py())
            tables = {name: pa.Table.from_batches([made[name]]) for name in TABLES if name in made}
            events = event_table(*(tables.get(name) for name in TABLES)) if tables else NO_EVENTS
    except (ValueError, KeyError, IndexError, TypeError, BadTable) as error:
        faults.append(f"row: {error}")
    if not before <= time < MOST_TIME:
        faults.append(f"time: {time} is not from {before}, the time of block {number - 1}, to below {MOST_TIME}")
    if faults:
        return Given(number, own, its_parent, before, NO_EVENTS, {}, tuple(faults))
    return Given(number, own, its_parent, time, events, tables)
