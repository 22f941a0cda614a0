"""The merge of partial statistics, any number at once: one sort, and one sum, minimum or maximum a column."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from anomalyhive.errors import BadTable
from anomalyhive.metrics.addresses import as_text, different
from anomalyhive.metrics.compact import NONE, Compact, Cover, owned
from anomalyhive.metrics.sketching import RANK_BITS
from anomalyhive.metrics.statistics import MERGES, NONE_YET, SUCCESSIONS

Ints = NDArray[np.int64]

MOST_SUM = 1 << 57
"""No sum of a real chain comes near."""

HALF = 32
"""Bits of the lower part of a number whose sums might not fit."""


def merged(parts: Sequence[Compact]) -> Compact:
    """The statistics of all their blocks together. Raises BadTable for blocks that two of them cover."""
    cover = _joint(parts)
    parts = [part for part in parts if len(part.names)]
    if len(parts) < 2 and cover == (parts[0] if parts else NONE).cover:
        return parts[0] if parts else NONE
    return _merged(parts, cover)


def collapsed(part: Compact) -> Compact:
    """One row an address: the ranges are taken for neighbours, as if nothing were between them."""
    if len(part.cover) < 2:
        return part
    return _merged([part], ((part.cover[0][0], part.cover[-1][1]),))


def check_sums(name: str, values: Ints) -> None:
    """Raise BadTable for a column of sums beyond what a chain can hold."""
    low, high = (int(values.min()), int(values.max())) if len(values) else (0, 0)
    if low < 0 or high > MOST_SUM:
        raise BadTable(f"{name} adds up to {high if high > MOST_SUM else low}, which no chain holds")


def check_order(backwards: NDArray[np.bool_], owners: Ints, names: NDArray[np.uint8]) -> None:
    """Raise BadTable where time runs backwards before one of the rows of these owners."""
    if backwards.any():
        (address,) = as_text(names[owners[backwards][:1]]).to_pylist()
        raise BadTable(
            f"time runs backwards between two transactions of {address}: "
            "the timestamps of blocks must rise with their numbers"
        )


def highest(marks: Ints) -> Ints:
    """Marks in any order, ascending and one of a register, the highest."""
    ordered = np.sort(marks)
    last = np.ones(len(ordered), np.bool_)
    last[:-1] = ordered[1:] >> RANK_BITS != ordered[:-1] >> RANK_BITS
    return ordered[last]


def _merged(parts: Sequence[Compact], cover: Cover) -> Compact:
    """The parts with one row for each address and range of ``cover``."""
    if not parts:
        return Compact(cover, NONE.names, NONE.owners, NONE.starts, NONE.values, NONE.marks)
    names, numbers = different(np.concatenate([part.names for part in parts]))
    firsts = [0, *accumulate(len(part.names) for part in parts)]
    of_part = [numbers[first : first + len(part.names)] for first, part in zip(firsts, parts, strict=False)]
    owners = np.concatenate([new[part.owners] for new, part in zip(of_part, parts, strict=True)])
    starts = np.concatenate([part.starts for part in parts])
    before = np.array(sorted(start for part in parts for start, _ in part.cover), dtype=np.int64)
    order = np.argsort(owners * len(before) + np.searchsorted(before, starts), kind="stable")
    owners, starts = owners[order], starts[order]
    runs = np.array([start for start, _ in cover], dtype=np.int64)
    run = np.searchsorted(runs, starts, side="right") - 1
    fresh = np.ones(len(owners), np.bool_)
    fresh[1:] = (owners[1:] != owners[:-1]) | (run[1:] != run[:-1])
    at = np.flatnonzero(fresh)
    values = {name: np.concatenate([part.values[name] for part in parts], dtype=np.int64)[order] for name in MERGES}
    _join(values, np.cumsum(fresh), owners, names)
    marks = highest(np.concatenate([owned(part.marks, new) for new, part in zip(of_part, parts, strict=True)]))
    found = {name: _reduced(name, how, values.pop(name), at) for name, how in MERGES.items()}
    return Compact(cover, names, owners[at], runs[run[at]], found, marks)


def _join(values: dict[str, Ints], group: Ints, owners: Ints, names: NDArray[np.uint8]) -> None:
    """Give rows what the border between them and the row before of the same group adds, where both have events."""
    there = np.flatnonzero(values["first_place"] != NONE_YET)
    same = group[there[1:]] == group[there[:-1]]
    later, earlier = there[1:][same], there[:-1][same]
    gap = values["first_time"][later] - values["last_time"][earlier]
    check_order(gap < 0, owners[later], names)
    turn = values["last_place"][earlier] % 2 * 2 + values["first_place"][later] % 2
    for one in SUCCESSIONS:
        column = values[one.name]
        column[later] = _PAIRWISE[one.merge](column[later], one.of_arrays(gap, turn))


_PAIRWISE = {"sum": np.add, "min": np.minimum, "max": np.maximum}


def _reduced(name: str, how: str, values: Ints, at: Ints) -> Ints:
    """One value of each group, which begin ``at`` these rows."""
    if how == "sum":
        found = _summed(name, values, at)
        check_sums(name, found)
        return found
    return values if len(at) == len(values) else _PAIRWISE[how].reduceat(values, at)


def _summed(name: str, values: Ints, at: Ints) -> Ints:
    """Sums of groups. Raises BadTable for what int64 does not hold."""
    if len(at) == len(values):
        return values
    if int(values.max(initial=0)) <= np.iinfo(np.int64).max // len(values):
        whole: Ints = np.add.reduceat(values, at)
        return whole
    low = np.add.reduceat(values & (1 << HALF) - 1, at)
    high = np.add.reduceat(values >> HALF, at) + (low >> HALF)
    if (most := int(high.max())) > MOST_SUM >> HALF:
        raise BadTable(f"{name} adds up to {most << HALF} or more, which no chain holds")
    found: Ints = high << HALF | low & (1 << HALF) - 1
    return found


def _joint(parts: Sequence[Compact]) -> Cover:
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
