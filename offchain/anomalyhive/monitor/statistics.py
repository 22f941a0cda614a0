"""Statistics of addresses that a block touches, brought up to date: a block costs what is in it, not what was before.

The result is, integer for integer, what `metrics` makes of all blocks together: sums, minima and maxima merge, and what
succession needs of the past are the place and the time of an address's last transaction, which its statistics keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anomalyhive.errors import BadTable
from anomalyhive.metrics.addresses import as_text
from anomalyhive.metrics.compact import OWNER_SHIFT, Compact
from anomalyhive.metrics.features import DISTINCT, made_of
from anomalyhive.metrics.merging import MOST_SUM, collapsed
from anomalyhive.metrics.sketching import RANK_BITS, REGISTERS, WEIGHT_BITS, estimates
from anomalyhive.metrics.statistics import COLUMNS, MERGES, SKETCHES
from anomalyhive.monitor.lifting import AT, NEUTRALS, Ints, marks_of, of_events, of_successions

Ranks = NDArray[np.uint8]

CELLS = len(SKETCHES) * REGISTERS
"""Registers of all sketches of an address."""

FOLDS = {"sum": np.add, "min": np.minimum, "max": np.maximum}
KINDS = {how: np.array([index for index, name in enumerate(COLUMNS) if MERGES[name] == how]) for how in FOLDS}
"""Merge -> the places of its columns."""

_WEIGHTS = np.array([0, *(1 << WEIGHT_BITS - min(rank, WEIGHT_BITS) for rank in range(1, 1 << RANK_BITS))], np.int64)
"""What a register of a rank weighs, in 2^-48; an empty one is counted apart."""


@dataclass(frozen=True, eq=False)
class Statistics:
    """Of addresses (m,): values int64 (m, S) in the order of COLUMNS, and ranks uint8 (m, CELLS) of the registers.

    ``ranks`` has one sketch after the other; 0 is an empty register.
    """

    addresses: tuple[str, ...]
    values: Ints
    ranks: Ranks

    @classmethod
    def neutral(cls, addresses: Sequence[str]) -> Statistics:
        """Those of addresses without any event."""
        return cls(
            tuple(addresses),
            np.repeat(NEUTRALS[None, :], len(addresses), axis=0),
            np.zeros((len(addresses), CELLS), dtype=np.uint8),
        )

    @classmethod
    def of_compact(cls, part: Compact) -> Statistics:
        """Those of all addresses of a part; ranges with holes between them count as neighbours."""
        whole = collapsed(part)
        made = cls.neutral(as_text(whole.names).to_pylist())
        for index, name in enumerate(COLUMNS):
            made.values[:, index] = whole.values[name]
        cells = whole.marks >> RANK_BITS & (1 << OWNER_SHIFT - RANK_BITS) - 1
        made.ranks[whole.marks >> OWNER_SHIFT, cells] = whole.marks & (1 << RANK_BITS) - 1
        return made

    def features(self) -> Ints:
        """All features int64 (m, F), as `metrics.rows` makes them."""
        columns = {name: np.ascontiguousarray(self.values[:, index]) for index, name in enumerate(COLUMNS)}
        filled, weights = self._filled()
        for number, name in enumerate(DISTINCT):
            columns[name] = estimates(filled[:, number], weights[:, number])
        return made_of(columns, len(self.addresses))

    def _filled(self) -> tuple[Ints, Ints]:
        """How many registers of each sketch are not empty, and what these weigh, both (m, sketches)."""
        flat = self.ranks.reshape(-1)
        places = np.flatnonzero(flat != 0)
        sketch, size = places // REGISTERS, len(self.addresses) * len(SKETCHES)
        filled = np.bincount(sketch, minlength=size)
        weights = np.zeros(size, dtype=np.int64)
        np.add.at(weights, sketch, _WEIGHTS[flat[places]])
        return filled.reshape(-1, len(SKETCHES)), weights.reshape(-1, len(SKETCHES))


def touched_by(events: pa.Table) -> list[str]:
    """The addresses of events, ascending."""
    return sorted(set(events.column("address").to_pylist()))


def advanced(before: Statistics, events: pa.Table) -> Statistics:
    """The statistics with the events of the next block; ``before`` are those of all its addresses, ascending.

    Raises BadTable where a block's time lies before that of an earlier one, and for sums that no chain holds.
    """
    if not len(events):
        return before
    at = {address: index for index, address in enumerate(before.addresses)}
    owner = np.array([at[address] for address in events.column("address").to_pylist()], dtype=np.int64)
    columns = {name: events.column(name).to_numpy() for name in events.column_names if name != "address"}
    order = np.lexsort((columns["place"], columns["track"], owner))
    owner, columns = owner[order], {name: values[order] for name, values in columns.items()}
    values, ranks = before.values.copy(), before.ranks.copy()
    lifted = of_events(columns)
    for name, one in of_successions(*_linked(before, owner, columns)).items():
        lifted[AT[name]] = one
    starts = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
    for how, fold in FOLDS.items():
        kind = KINDS[how]
        reduced = fold.reduceat(lifted[kind], starts, axis=1)
        rows = np.ix_(owner[starts], kind)
        values[rows] = fold(values[rows], reduced.T)
    for number, counted, marks in marks_of(columns):
        cells = number * REGISTERS + (marks[counted] >> RANK_BITS)
        found = (marks[counted] & (1 << RANK_BITS) - 1).astype(np.uint8)
        np.maximum.at(ranks, (owner[counted], cells), found)
    if values[:, KINDS["sum"]].max(initial=0) > MOST_SUM:
        raise BadTable(f"a sum of statistics adds up to {values[:, KINDS['sum']].max()}, which no chain holds")
    return Statistics(before.addresses, values, ranks)


def _linked(before: Statistics, owner: Ints, columns: dict[str, Ints]) -> tuple[Ints, Ints]:
    """Gap and turn (n,) of each event to the transaction before it, of its block or of an earlier one."""
    place, time = columns["place"], columns["time"]
    first = np.r_[True, owner[1:] != owner[:-1]]
    last_place, last_time = (before.values[owner, AT[f"last_{name}"]] for name in ("place", "time"))
    # Within an address transactions stand before token transfers, so the event before one is a transaction, too.
    prior_place = np.where(first, last_place, np.r_[0, place[:-1]])
    prior_time = np.where(first, last_time, np.r_[0, time[:-1]])
    there = (columns["track"] == 0) & (prior_place >= 0)
    gap = np.where(there, time - prior_time, -1)
    if (there & (gap < 0)).any():
        raise BadTable("time runs backwards: the timestamps of blocks must rise with their numbers")
    return gap, np.where(there, prior_place % 2 * 2 + place % 2, 0)
