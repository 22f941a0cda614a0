"""Partial statistics of a range of blocks, and their merge: any cut of a chain, in any order, gives the same bits.

A partial knows which blocks it covers. Partials of neighbouring ranges become one of the joint range: counts add up,
and the gap from the last event of the one to the first of the other is counted. Ranges with a hole between them
stay apart, row by row, until what is between is merged, so the order does not matter; ranges that overlap would
count an event twice and are refused. The neutral element is the partial of no blocks.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from anomalyhive.metrics import merging
from anomalyhive.metrics.addresses import as_packed, as_text, numbered
from anomalyhive.metrics.compact import CODE_BITS, OWNER_SHIFT, Compact, Cover
from anomalyhive.metrics.counting import counted
from anomalyhive.metrics.engines import Engine, Frame
from anomalyhive.metrics.sketching import RANK_BITS, REGISTERS, buckets_of
from anomalyhive.metrics.statistics import COLUMNS

TOTALS = pa.schema([("address", pa.string()), ("start", pa.int64()), *((name, pa.int64()) for name in COLUMNS)])
"""A row for each address and covered range; ``start`` is the first block of the range."""

MARKS = pa.schema([("address", pa.string()), *((name, pa.int64()) for name in ("sketch", "register", "rank"))])
"""The registers that are not empty; they need no order, so they stand by address alone."""


@dataclass(frozen=True, eq=False)
class Partial:
    """``cover`` is half-open ranges of blocks, ascending and apart; the tables are sorted and have one row a key."""

    cover: Cover
    totals: pa.Table
    marks: pa.Table

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Partial) and (self.cover, self.totals, self.marks) == (
            other.cover,
            other.totals,
            other.marks,
        )

    @classmethod
    def from_compact(cls, given: Compact) -> Partial:
        """The same with text and tables."""
        names = as_text(given.names)
        totals = [names.take(pa.array(given.owners)), given.starts, *(given.values[name] for name in COLUMNS)]
        code = given.marks >> RANK_BITS & (1 << CODE_BITS) - 1
        marks = [code // REGISTERS, code % REGISTERS, given.marks & (1 << RANK_BITS) - 1]
        return cls(
            given.cover,
            pa.table([pa.array(one) for one in totals], schema=TOTALS),
            pa.table([names.take(pa.array(given.marks >> OWNER_SHIFT)), *map(pa.array, marks)], schema=MARKS),
        )

    @cached_property
    def compact(self) -> Compact:
        """The same as numbers. Raises BadTable for what is no address."""
        columns = [table.column("address") for table in (self.totals, self.marks)]
        names, numbers = numbered(pa.chunked_array([one for column in columns for one in column.chunks], pa.string()))
        owners, marked = numbers[: len(self.totals)], numbers[len(self.totals) :]
        sketch, register, rank = (self.marks.column(name).to_numpy() for name in ("sketch", "register", "rank"))
        return Compact(
            self.cover,
            names,
            owners,
            self.totals.column("start").to_numpy(),
            {name: self.totals.column(name).to_numpy() for name in COLUMNS},
            marked << OWNER_SHIFT | sketch * REGISTERS + register << RANK_BITS | rank,
        )

    @cached_property
    def addresses(self) -> pa.Array:
        """The addresses, each once, ascending."""
        return pc.unique(self.totals.column("address"))

    def bucket(self, number: int, buckets: int) -> Partial:
        """The part of the addresses of a bucket; the cover stays."""
        mine = buckets_of(as_packed(self.addresses), buckets) == number
        return self._of(self.addresses.filter(pa.array(mine)))

    def split(self, buckets: int) -> list[Partial]:
        """The parts of all buckets, each as `bucket` gives it."""
        found = buckets_of(as_packed(self.addresses), buckets)
        return [self._of(self.addresses.filter(pa.array(found == number))) for number in range(buckets)]

    def of(self, addresses: Iterable[str]) -> Partial:
        """The part of these addresses alone; the cover stays."""
        return self._of(pa.array(sorted(set(addresses)), pa.string()))

    def _of(self, addresses: pa.Array) -> Partial:
        parts = (table.filter(pc.is_in(table.column("address"), addresses)) for table in (self.totals, self.marks))
        return Partial(self.cover, *(part.combine_chunks() for part in parts))


NOTHING = Partial((), TOTALS.empty_table(), MARKS.empty_table())
"""The neutral element."""


def partials(engine: Engine, events: pa.Table | Frame, start: int, stop: int) -> Partial:
    """The statistics of events that lie in blocks ``start`` to ``stop`` (half-open). Raises BadTable."""
    return Partial.from_compact(counted(engine, events, start, stop))


def merge(parts: Sequence[Partial]) -> Partial:
    """The partial of all their blocks together. Raises BadTable for blocks that two of them cover."""
    return Partial.from_compact(merging.merged([part.compact for part in parts]))


def collapsed(part: Partial) -> pa.Table:
    """The totals with one row an address: the ranges are taken for neighbours, as if nothing were between them."""
    return part.totals if len(part.cover) < 2 else Partial.from_compact(merging.collapsed(part.compact)).totals
