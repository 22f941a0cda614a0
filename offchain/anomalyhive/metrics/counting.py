"""The statistics of a table of events, by one expression of Narwhals on every engine."""

from __future__ import annotations

from collections.abc import Iterable

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anomalyhive.errors import BadTable
from anomalyhive.metrics.addresses import numbered
from anomalyhive.metrics.compact import OWNER_SHIFT, Compact
from anomalyhive.metrics.engines import Engine, Frame
from anomalyhive.metrics.merging import check_order, check_sums, highest
from anomalyhive.metrics.sketching import RANK_BITS, REGISTERS
from anomalyhive.metrics.statistics import COLUMNS, MERGES, SKETCHES, STATISTICS, SUCCESSIONS

Ints = NDArray[np.int64]


def counted(engine: Engine, events: pa.Table | Frame, start: int, stop: int) -> Compact:
    """The statistics of events that lie in blocks ``start`` to ``stop`` (half-open). Raises BadTable."""
    if not 0 <= start < stop:
        raise BadTable(f"blocks {start}:{stop} are no range: give a first block and one after the last")
    names = None
    if isinstance(events, pa.Table):
        # The engine then groups by numbers, not by text.
        names, numbers = numbered(events.column("address"))
        place = events.schema.get_field_index("address")
        events = engine.load(events.set_column(place, "address", pa.array(numbers)))
    totals, marks = engine.collect(_totals(engine, events)), engine.collect(_highest(events))
    if names is None:
        both = pa.chunked_array([*totals.column("address").chunks, *marks.column("address").chunks], pa.string())
        names, numbers = numbered(both)
        owners, marked = numbers[: len(totals)], numbers[len(totals) :]
    else:
        owners, marked = (table.column("address").to_numpy() for table in (totals, marks))
    order = np.argsort(owners)
    owners = owners[order]
    _check_blocks(totals, start, stop)
    check_order(totals.column("backwards").to_numpy()[order] > 0, owners, names)
    values = {name: totals.column(name).to_numpy()[order] for name in COLUMNS}
    for name, how in MERGES.items():
        if how == "sum":
            check_sums(name, values[name])
    sketch, register, rank = (marks.column(name).to_numpy() for name in ("sketch", "register", "rank"))
    packed = marked << OWNER_SHIFT | sketch * REGISTERS + register << RANK_BITS | rank
    return Compact(((start, stop),), names, owners, np.full(len(owners), start), values, highest(packed))


def _totals(engine: Engine, frame: Frame) -> Frame:
    linked = _linked(engine, frame)
    lifted = linked.select(
        nw.col("address"),
        nw.col("block_number"),
        *(one.of.cast(nw.Int64).alias(one.name) for one in STATISTICS),
        *(one.of.cast(nw.Int64).alias(one.name) for one in SUCCESSIONS),
        nw.when(nw.col("gap") < -1).then(nw.lit(1)).otherwise(nw.lit(0)).alias("backwards"),
    )
    return lifted.group_by("address").agg(
        *(getattr(nw.col(name), how)() for name, how in MERGES.items()),
        nw.col("backwards").sum(),
        least_block=nw.col("block_number").min(),
        most_block=nw.col("block_number").max(),
    )


def _linked(engine: Engine, frame: Frame) -> Frame:
    """The events with ``gap`` and ``turn`` to the one before: -1 where there is none, or outside track 0."""
    found = engine.previous(frame, ("time", "place"), ["address", "track"], "place")
    there = ~nw.col("previous_time").is_null() & (nw.col("track") == 0)
    gap = nw.col("time") - nw.col("previous_time")
    turn = nw.col("previous_place") % 2 * 2 + nw.col("place") % 2
    return found.with_columns(
        # -2: time runs backwards, which is refused once it is seen.
        gap=nw.when(there).then(nw.when(gap >= 0).then(gap).otherwise(nw.lit(-2))).otherwise(nw.lit(-1)).cast(nw.Int64),
        turn=nw.when(there).then(turn).otherwise(nw.lit(0)).cast(nw.Int64),
    )


def _highest(frame: Frame) -> Frame:
    """The highest rank of each register that is not empty."""
    return nw.concat(list(_marked(frame))).group_by("address", "sketch", "register").agg(nw.col("rank").max())


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


def _check_blocks(table: pa.Table, start: int, stop: int) -> None:
    """Raise BadTable for events outside the range."""
    if len(table):
        low, high = pc.min(table.column("least_block")).as_py(), pc.max(table.column("most_block")).as_py()
        if low < start or high >= stop:
            raise BadTable(f"there are events of blocks {low} to {high} in a table of the blocks {start}:{stop}")
