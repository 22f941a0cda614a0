"""The statistics of an address as bytes, as the book keeps them: most of them are small or nothing.

Each value plus one as LEB128 (a minimum that nothing set is 0), then how many registers are not empty, and for each of
them the distance from the one before, as LEB128, and its rank.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
from numpy.typing import NDArray

from anomalyhive.errors import Failure
from anomalyhive.metrics.sketching import MOST_RANK
from anomalyhive.metrics.statistics import COLUMNS, NONE_YET
from anomalyhive.monitor.lifting import Ints
from anomalyhive.monitor.statistics import KINDS, Ranks, Statistics

MOST_BYTES = 10
"""Of an integer of 64 bits, seven to a byte."""


_MINIMA = KINDS["min"]


def pack(statistics: Statistics) -> list[bytes]:
    """The bytes of each address."""
    values = statistics.values.copy()
    values[:, _MINIMA] = np.where(values[:, _MINIMA] == NONE_YET, -1, values[:, _MINIMA])
    filled = np.count_nonzero(statistics.ranks, axis=1)
    out = np.empty(int((len(COLUMNS) * MOST_BYTES + MOST_BYTES + filled * 3).sum()), dtype=np.uint8)
    stops = np.empty(len(values), dtype=np.int64)
    _pack(values, statistics.ranks, out, stops)
    whole, starts = out[: stops[-1] if len(stops) else 0].tobytes(), [0, *stops.tolist()]
    return [whole[starts[at] : starts[at + 1]] for at in range(len(stops))]


def unpack(addresses: Sequence[str], states: Sequence[bytes | None]) -> Statistics:
    """The statistics of addresses, neutral for None. Raises Failure for bytes that `pack` does not write."""
    made = Statistics.neutral(addresses)
    there = np.array([index for index, state in enumerate(states) if state is not None], dtype=np.int64)
    if not len(there):
        return made
    known = [state for state in states if state is not None]
    stops = np.cumsum([len(one) for one in known])
    wrong = _unpack(np.frombuffer(b"".join(known), dtype=np.uint8), stops, there, made.values, made.ranks)
    if wrong >= 0:
        raise Failure(f"the statistics of {addresses[wrong]} in the book are damaged: begin anew in another folder")
    minima = made.values[:, _MINIMA]
    made.values[:, _MINIMA] = np.where(minima == -1, NONE_YET, minima)
    return made


@numba.njit(cache=True, nogil=True)
def _put(out: NDArray[np.uint8], at: int, value: int) -> int:
    """Write one integer as LEB128; the place after it."""
    while value >= 128:
        out[at] = value & 127 | 128
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@numba.njit(cache=True, nogil=True)
def _pack(values: Ints, ranks: Ranks, out: NDArray[np.uint8], stops: Ints) -> None:
    at = 0
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            at = _put(out, at, values[row, column] + 1)
        filled = 0
        for cell in range(ranks.shape[1]):
            filled += ranks[row, cell] > 0
        at = _put(out, at, filled)
        before = -1
        for cell in range(ranks.shape[1]):
            if ranks[row, cell] > 0:
                at = _put(out, at, cell - before)
                out[at] = ranks[row, cell]
                at += 1
                before = cell
        stops[row] = at


@numba.njit(cache=True, nogil=True)
def _take(data: NDArray[np.uint8], at: int, stop: int) -> tuple[int, int]:
    """An integer below 2^62 and the place after it; -1 where there is none, or more bytes than it takes."""
    value, shift = 0, 0
    while at < stop and shift < 63:
        byte = np.int64(data[at])
        value |= (byte & 127) << shift
        at += 1
        if byte < 128:
            return (value, at) if (byte or not shift) and 0 <= value < NONE_YET else (-1, at)
        shift += 7
    return -1, at


@numba.njit(cache=True, nogil=True)
def _unpack(data: NDArray[np.uint8], stops: Ints, rows: Ints, values: Ints, ranks: Ranks) -> int:
    """The row whose bytes are damaged, or -1."""
    at = 0
    for place in range(len(rows)):
        row, stop = int(rows[place]), int(stops[place])
        for column in range(values.shape[1]):
            value, at = _take(data, at, stop)
            if value < 0:
                return row
            values[row, column] = value - 1
        filled, at = _take(data, at, stop)
        if filled < 0 or filled > ranks.shape[1]:
            return row
        cell = -1
        for _ in range(filled):
            step, at = _take(data, at, stop)
            if step < 1 or at >= stop or cell + step >= ranks.shape[1] or not 0 < data[at] <= MOST_RANK:
                return row
            cell += step
            ranks[row, cell] = data[at]
            at += 1
        if at != stop:
            return row
    return -1
