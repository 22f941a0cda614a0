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

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from anomalyhive.errors import BadTable
from anomalyhive.metrics.engines import Engine, Frame
from anomalyhive.metrics.sketching import RANK_BITS, bucket_of
from anomalyhive.metrics.statistics import COLUMNS, MERGES, NEUTRAL, NONE_YET, SKETCHES, STATISTICS, SUCCESSIONS

MOST_SUM = 1 << 57
"""No sum of a real chain comes near; 32 partials below it cannot overflow int64."""

MOST_AT_ONCE = 32
"""Partials that one merge takes; more are merged in groups."""

TOTALS = pa.schema([("address", pa.string()), ("start", pa.int64()), *((name, pa.int64()) for name in COLUMNS)])
"""A row for each address and covered range; ``start`` is the first block of the range."""

MARKS = pa.schema([("address", pa.string()), *((name, pa.int64()) for name in ("sketch", "register", "rank"))])
"""The registers that are not empty; they need no order, so they stand by address alone."""

Cover = tuple[tuple[int, int], ...]


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

    @cached_property
    def addresses(self) -> pa.Array:
        """The addresses, each once, ascending."""
        return pc.unique(self.totals.column("address"))

    def bucket(self, number: int, buckets: int) -> Partial:
        """The part of the addresses of a bucket; the cover stays."""
        return self.of(one for one in self.addresses.to_pylist() if bucket_of(one, buckets) == number)

    def split(self, buckets: int) -> list[Partial]:
        """The parts of all buckets, each as `bucket` gives it."""
        names: list[list[str]] = [[] for _ in range(buckets)]
        for one in self.addresses.to_pylist():
            names[bucket_of(one, buckets)].append(one)
        return [self.of(some) for some in names]

    def of(self, addresses: Iterable[str]) -> Partial:
        """The part of these addresses alone; the cover stays."""
        mine = pa.array(sorted(set(addresses)), pa.string())
        parts = (table.filter(pc.is_in(table.column("address"), mine)) for table in (self.totals, self.marks))
        return Partial(self.cover, *(part.combine_chunks() for part in parts))


NOTHING = Partial((), TOTALS.empty_table(), MARKS.empty_table())
"""The neutral element."""


def partials(engine: Engine, events: pa.Table | Frame, start: int, stop: int) -> Partial:
    """The statistics of events that lie in blocks ``start`` to ``stop`` (half-open). Raises BadTable."""
    if not 0 <= start < stop:
        raise BadTable(f"blocks {start}:{stop} are no range: give a first block and one after the last")
    frame = engine.load(events) if isinstance(events, pa.Table) else events
    linked = _linked(engine, frame, ["address", "track"], "place", ("time", "place"), ("time", "place"))
    lifted = linked.select(
        nw.col("address"),
        nw.lit(start).alias("start"),
        nw.col("block_number"),
        *(one.of.cast(nw.Int64).alias(one.name) for one in STATISTICS),
        *(one.of.cast(nw.Int64).alias(one.name) for one in SUCCESSIONS),
        nw.when(nw.col("gap") < -1).then(nw.lit(1)).otherwise(nw.lit(0)).alias("backwards"),
    )
    totals = _reduced(
        lifted,
        nw.col("backwards").sum(),
        least_block=nw.col("block_number").min(),
        most_block=nw.col("block_number").max(),
    )
    table = engine.collect(totals)
    _check_events(table, start, stop)
    marks = engine.collect(_highest(nw.concat(list(_marked(frame)))))
    return Partial(((start, stop),), _checked(_sorted(table, TOTALS)), _sorted(marks, MARKS))


def merge(engine: Engine, parts: Sequence[Partial]) -> Partial:
    """The partial of all their blocks together. Raises BadTable for blocks that two of them cover."""
    while len(parts) > MOST_AT_ONCE:
        # Neighbours first, so that less stays apart.
        ordered = sorted(parts, key=lambda part: part.cover)
        groups = (ordered[at : at + MOST_AT_ONCE] for at in range(0, len(ordered), MOST_AT_ONCE))
        parts = [merge(engine, group) for group in groups]
    cover = _joint(parts)
    totals = pa.concat_tables([NOTHING.totals, *(part.totals for part in parts)]).combine_chunks()
    marks = pa.concat_tables([NOTHING.marks, *(part.marks for part in parts)]).combine_chunks()
    if sum(len(part.cover) > 0 for part in parts) < 2:
        return Partial(cover, totals, marks)
    return Partial(cover, _merged(engine, totals, cover), _sorted(engine.collect(_highest(engine.load(marks))), MARKS))


def collapsed(engine: Engine, part: Partial) -> pa.Table:
    """The totals with one row an address: the ranges are taken for neighbours, as if nothing were between them."""
    if len(part.cover) < 2:
        return part.totals
    return _merged(engine, part.totals, ((part.cover[0][0], part.cover[-1][1]),))


def _merged(engine: Engine, totals: pa.Table, cover: Cover) -> pa.Table:
    """Totals with one row for each address and range of ``cover``."""
    if not len(totals):
        return totals
    starts = np.array([start for start, _ in cover], dtype=np.int64)
    run = starts[np.searchsorted(starts, totals.column("start").to_numpy(), side="right") - 1]
    empty = pc.cast(pc.equal(totals.column("first_place"), NONE_YET), pa.int64())
    frame = engine.load(totals.append_column("track", empty).append_column("run", pa.array(run)))
    linked = _linked(
        engine, frame, ["address", "run", "track"], "start", ("last_time", "last_place"), ("first_time", "first_place")
    )
    lifted = linked.select(
        nw.col("address"),
        nw.col("run").alias("start"),
        *(nw.col(one.name) for one in STATISTICS),
        *(_joined(one.name, one.of, one.merge) for one in SUCCESSIONS),
        nw.when(nw.col("gap") < -1).then(nw.lit(1)).otherwise(nw.lit(0)).alias("backwards"),
    )
    table = engine.collect(_reduced(lifted, nw.col("backwards").sum()))
    _check_order(table)
    return _checked(_sorted(table, TOTALS))


def _joined(name: str, of: nw.Expr, how: str) -> nw.Expr:
    """What a range has, with what the border before it adds."""
    if how == "sum":
        return (nw.col(name) + of).alias(name)
    better = of < nw.col(name) if how == "min" else of > nw.col(name)
    return nw.when(better).then(of).otherwise(nw.col(name)).cast(nw.Int64).alias(name)


def _linked(
    engine: Engine,
    frame: Frame,
    groups: Sequence[str],
    order: str,
    before: tuple[str, str],
    here: tuple[str, str],
) -> Frame:
    """The frame with ``gap`` and ``turn`` to what comes before: -1 where nothing does, or outside track 0."""
    time, place = before
    found = engine.previous(frame, before, groups, order)
    there = ~nw.col(f"previous_{time}").is_null() & (nw.col("track") == 0)
    gap = nw.col(here[0]) - nw.col(f"previous_{time}")
    turn = nw.col(f"previous_{place}") % 2 * 2 + nw.col(here[1]) % 2
    return found.with_columns(
        # -2: time runs backwards, which is refused once it is seen.
        gap=nw.when(there).then(nw.when(gap >= 0).then(gap).otherwise(nw.lit(-2))).otherwise(nw.lit(-1)).cast(nw.Int64),
        turn=nw.when(there).then(turn).otherwise(nw.lit(0)).cast(nw.Int64),
    )


def _reduced(lifted: Frame, *more: nw.Expr, **named: nw.Expr) -> Frame:
    """One row for each address and start."""
    return lifted.group_by("address", "start").agg(
        *(getattr(nw.col(name), how)() for name, how in MERGES.items()), *more, **named
    )


def _marked(frame: Frame) -> Iterable[Frame]:
    """The marks of every sketch, as rows."""
    for number, (_, on, mark) in enumerate(SKETCHES):
        here = nw.col(mark) >= 0
        here = here & ((nw.col(on) == 1) if on else (nw.col("track") == (1 if mark == "token" else 0)))
        yield frame.filter(here).select(
            nw.col("address"),
            nw.lit(number).cast(nw.Int64).alias("sketch"),
            (nw.col(mark) // (1 << RANK_BITS)).cast(nw.Int64).alias("register"),
            (nw.col(mark) % (1 << RANK_BITS)).cast(nw.Int64).alias("rank"),
        )


def _highest(marks: Frame) -> Frame:
    return marks.group_by("address", "sketch", "register").agg(nw.col("rank").max())


def _sorted(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The one order and layout of a table."""
    keys = [(name, "ascending") for name in schema.names if name in {"address", "start", "sketch", "register"}]
    return table.select(schema.names).cast(schema).sort_by(keys).combine_chunks()


def _joint(parts: Sequence[Partial]) -> Cover:
    """All ranges, neighbours joined."""
    ranges = sorted(one for part in parts for one in part.cover)
    joint: list[tuple[int, int]] = []
    for start, stop in ranges:
        if joint and start < joint[-1][1]:
            raise BadTable(f"blocks {start}:{min(stop, joint[-1][1])} are in two of the tables and would count twice")
        if joint and start == joint[-1][1]:
            joint[-1] = (joint[-1][0], stop)
        else:
            joint.append((start, stop))
    return tuple(joint)


def _check_events(table: pa.Table, start: int, stop: int) -> None:
    """Raise BadTable for events outside the range, or whose times are not in their order."""
    if len(table):
        low, high = pc.min(table.column("least_block")).as_py(), pc.max(table.column("most_block")).as_py()
        if low < start or high >= stop:
            raise BadTable(f"there are events of blocks {low} to {high} in a table of the blocks {start}:{stop}")
    _check_order(table)


def _check_order(table: pa.Table) -> None:
    wrong = table.filter(pc.greater(table.column("backwards"), 0))
    if len(wrong):
        raise BadTable(
            f"time runs backwards between two transactions of {wrong.column('address')[0].as_py()}: "
            "the timestamps of blocks must rise with their numbers"
        )


def _checked(totals: pa.Table) -> pa.Table:
    """The totals, if no sum is beyond what a chain can hold."""
    for name, how in MERGES.items():
        if how == "sum" and len(totals):
            low, high = pc.min(totals.column(name)).as_py(), pc.max(totals.column(name)).as_py()
            if low < NEUTRAL["sum"] or high > MOST_SUM:
                raise BadTable(f"{name} adds up to {high if high > MOST_SUM else low}, which no chain holds")
    return totals
