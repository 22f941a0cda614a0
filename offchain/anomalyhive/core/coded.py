"""A table as codes: how many known borders of its column each value reaches, in 16 bits instead of 64.

Whether a value reaches a border is then a comparison of codes, and exact. Borders are added as plans ask for them; only
rows between the neighbours of a new border are looked at again. Work on rows is shared out to threads, whose sums of
integers are added: the result depends neither on their number nor on their order.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from threading import RLock
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomalyhive.core.learner import Integers

SMALL = 1 << 13
"""Tables of no more rows are left to plain NumPy, which is done before compiled code is loaded."""

KERNELS = "anomalyhive.core.kernels"
"""The module of the compiled loops."""

SHARE = 1 << 14
"""Fewest rows that a thread is started for."""

MOST_BORDERS = (1 << 16) - 1
"""Borders of a column that 16-bit codes can tell apart."""


@lru_cache(maxsize=1)
def kernels() -> ModuleType | None:
    """The compiled loops, or None where Numba does not work: NumPy gives the same bits, only later."""
    try:
        from anomalyhive.core import kernels as compiled
    except (ImportError, OSError):  # no Numba for this platform or this NumPy, or its library does not load
        return None
    return compiled


def ready_kernels() -> ModuleType | None:
    """The compiled loops if they are loaded already: a table of few rows alone is not worth loading them."""
    return kernels() if KERNELS in sys.modules else None


def threads() -> int:
    """Threads that share the rows: the processors that this process may use, or NUMBA_NUM_THREADS if that is fewer."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = os.environ.get("NUMBA_NUM_THREADS", "")
    return max(1, min(usable, int(wanted))) if wanted.isdigit() else usable


def shared_out(rows: int, work: Callable[[int, int], Integers | None]) -> list[Integers]:
    """What ``work(start, stop)`` returns for the parts of ``rows`` rows, each part in a thread of its own."""
    parts = max(1, min(threads(), rows // SHARE))
    ends = [rows * part // parts for part in range(parts + 1)]
    if parts == 1:
        found = [work(0, rows)]
    else:
        with ThreadPoolExecutor(parts) as pool:
            found = list(pool.map(work, ends[:-1], ends[1:]))
    return [part for part in found if part is not None]


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A contiguous view that is read-only: whatever they are given, kernels are compiled for this kind alone."""
    view: NDArray[Any] = np.ascontiguousarray(array).view()
    view.flags.writeable = False
    return view


def worth_coding(rows: int) -> bool:
    """Whether a table of so many rows is worked on by the compiled loops."""
    return rows > SMALL and kernels() is not None


class Coded:
    """The codes of a table: borders of each column, ascending, and codes uint16 (F, n).

    A code is the number of borders that are not above the value. The features (n, F) are kept, not copied.
    """

    def __init__(self, features: Integers) -> None:
        compiled = kernels()
        assert compiled is not None, "ask worth_coding first"
        self._kernels = compiled
        self._features = frozen(features)
        self._borders = [np.empty(0, dtype=np.int64)] * features.shape[1]
        self._codes = np.zeros((features.shape[1], features.shape[0]), dtype=np.uint16)
        self._lock = RLock()
        self._free: list[Integers] = []

    @contextmanager
    def lent(self) -> Iterator[Integers]:
        """An array int64 (n,) with anything in it, taken back afterwards and lent again.

        A new one is pages that the system clears first: of millions of rows that takes as long as the sums.
        """
        try:
            array = self._free.pop()
        except IndexError:
            array = np.empty(self.shape[1], dtype=np.int64)
        try:
            yield array
        finally:
            self._free.append(array)

    @property
    def shape(self) -> tuple[int, int]:
        """Columns and rows, (F, n), as of the transposed features."""
        return self._codes.shape[0], self._codes.shape[1]

    def expect(self, wanted: dict[int, Integers]) -> None:
        """Know borders that will be asked for, all at once: the rows are passed over once and not again for each."""
        self.require({column: values for column, values in wanted.items() if values.size <= MOST_BORDERS})

    def require(self, wanted: dict[int, Integers]) -> None:
        """Know these borders of these columns, besides those known already while 16 bits can hold them all."""
        with self._lock:
            stale: list[int] = []
            ranges: list[Integers] = []
            for column, values in wanted.items():
                old = self._borders[column]
                if _all_among(values, old):
                    continue
                new = np.unique(values)
                union = np.union1d(old, new)
                if union.size > MOST_BORDERS:
                    assert new.size <= MOST_BORDERS, f"{new.size} borders of one column in one call"
                    union, old = new, old[:0]
                    self._codes[column] = 0
                # A row with the old code k lies in old[k - 1] .. old[k].
                low = np.concatenate([[0], np.searchsorted(union, old) + 1])
                high = np.concatenate([np.searchsorted(union, old), [union.size]])
                stale.append(column)
                ranges.append(np.stack([low, high], axis=1))
                self._borders[column] = union
            if stale:
                self._recode(stale, ranges)

    def _recode(self, stale: Sequence[int], ranges: Sequence[Integers]) -> None:
        """Bring the codes of columns up to their borders; ranges (k + 1, 2) of new codes by old code."""
        columns = frozen(np.array(stale, dtype=np.int64))
        held = [self._borders[column] for column in stale]
        first = frozen(np.cumsum([0, *(borders.size for borders in held)], dtype=np.int64))
        offsets = frozen(np.cumsum([0, *(part.shape[0] for part in ranges)], dtype=np.int64))
        # As narrow as codes are, so that the ranges of a column stay in the nearest cache.
        borders, spans = frozen(np.concatenate(held)), frozen(np.concatenate(ranges).astype(np.uint16))

        def work(start: int, stop: int) -> None:
            self._kernels.recode(self._features, start, stop, columns, borders, first, spans, offsets, self._codes)

        shared_out(self.shape[1], work)

    def _cuts(self, features: Integers, thresholds: Integers) -> np.ndarray[tuple[int, ...], np.dtype[np.uint16]]:
        """The code (T, axes, levels - 1) from which on a value reaches each threshold; features are (T, axes)."""
        used = np.unique(features).tolist()
        self.require({column: thresholds[features == column].ravel() for column in used})
        cuts = np.zeros(thresholds.shape, dtype=np.uint16)
        for column in used:
            at = features == column
            cuts[at] = np.searchsorted(self._borders[column], thresholds[at]) + 1
        return cuts

    def add_trees(self, features: Integers, thresholds: Integers, values: Integers, total: Integers) -> None:
        """Add to total (n,) the values (T, cells) of trees; features (T, axes), thresholds (T, axes, levels - 1)."""
        leaves = frozen(values)
        with self._lock:
            used, cuts = frozen(features), self._cuts(features, thresholds)

            def work(start: int, stop: int) -> None:
                self._kernels.tree_sums(self._codes, start, stop, used, cuts, leaves, total)

            shared_out(self.shape[1], work)

    def cell_sums(self, features: Integers, thresholds: Integers, cells: int, packed: Integers) -> Integers:
        """Sums (2, M, cells) of gradient and curvature, packed (n,), by cell of each candidate."""
        with self._lock:
            used, cuts = frozen(features), self._cuts(features, thresholds)

            def work(start: int, stop: int) -> Integers:
                sums = np.zeros((2, features.shape[0], cells), dtype=np.int64)
                self._kernels.cell_sums(self._codes, start, stop, used, cuts, frozen(packed), sums)
                return sums

            return _added(shared_out(self.shape[1], work))

    def add_table(self, column: int, borders: Integers, values: Integers, total: Integers) -> None:
        """Add to total (n,) the values of a table that cuts a column at borders (B,), ascending, into B + 1 parts."""
        with self._lock:
            self.require({column: borders})
            part = np.searchsorted(borders, self._borders[column], side="right")
            by_code = frozen(values[np.concatenate([np.zeros(1, dtype=np.int64), part])])

            def work(start: int, stop: int) -> None:
                self._kernels.add_looked_up(self._codes[column], by_code, start, stop, total)

            shared_out(self.shape[1], work)

    def below(self, column: int, borders: Integers) -> Integers:
        """Rows below each of borders, of any shape, in a column."""
        with self._lock:
            self.require({column: borders.ravel()})
            size = self._borders[column].size + 1

            def work(start: int, stop: int) -> Integers:
                found = np.zeros(size, dtype=np.int64)
                self._kernels.count_codes(self._codes[column], start, stop, found)
                return found

            running = np.cumsum(_added(shared_out(self.shape[1], work)))
            found: Integers = running[np.searchsorted(self._borders[column], borders)]
        return found


def _all_among(values: Integers, ascending: Integers) -> bool:
    """Whether each of the values stands among ascending ones."""
    if not ascending.size:
        return not values.size
    found = ascending.take(np.searchsorted(ascending, values), mode="clip")
    return bool((found == values).all())


def _added(parts: Sequence[Integers]) -> Integers:
    total: Integers = np.sum(parts, axis=0, dtype=np.int64)
    return total
