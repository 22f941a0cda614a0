"""The statistics of many batches on disk, of which one bucket of addresses comes back at a time.

One file, which only its writer reads: for each batch the addresses, the rows and the marks, each by bucket, so that a
bucket is three pieces of a batch. A column is as wide as its values need.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from anomalyhive.metrics.addresses import SIZE
from anomalyhive.metrics.compact import OWNER_SHIFT, Compact, Cover, owned
from anomalyhive.metrics.sketching import buckets_of
from anomalyhive.metrics.statistics import COLUMNS, MERGES, NONE_YET

Ints = NDArray[np.int64]

OWNER, START = "owner", "start"
"""Columns of a row beside its statistics."""

WIDTHS = tuple(np.dtype(f"<i{width}") for width in (1, 2, 4, 8))


@dataclass(frozen=True)
class _Piece:
    """Where something of a batch lies: items ``bounds`` (buckets + 1) of this kind, the first of them at ``first``."""

    first: int
    kind: np.dtype[Any]
    bounds: Ints

    def read(self, file: int, bucket: int) -> NDArray[Any]:
        """The items of a bucket."""
        begin, end = (int(one) * self.kind.itemsize for one in self.bounds[bucket : bucket + 2])
        return np.frombuffer(os.pread(file, end - begin, self.first + begin), self.kind)


class Spill:
    """What is in a ``file`` that is open for writing and reading, and of which nothing is left in memory."""

    def __init__(self, file: BinaryIO, buckets: int) -> None:
        self._file, self._buckets = file, buckets
        self._batches: list[tuple[Cover, _Piece, _Piece, _Piece]] = []

    def add(self, part: Compact) -> None:
        """Append the statistics of a batch."""
        bucket = buckets_of(part.names, self._buckets).astype(np.uint16)  # 16 bits are sorted in linear time
        names, first_name = self._by_bucket(bucket)
        rows, first_row = self._by_bucket(bucket[part.owners])
        marks, first_mark = self._by_bucket(bucket[part.marks >> OWNER_SHIFT])
        # The number of an address begins at 0 in each bucket.
        numbers = np.empty(len(names), np.int64)
        numbers[names] = np.arange(len(names)) - first_name[bucket[names]]
        columns = {OWNER: numbers[part.owners], START: part.starts}
        columns.update((name, _lowered(name, part.values[name])) for name in COLUMNS)
        self._batches.append(
            (
                part.cover,
                self._write(part.names[names].reshape(-1).view(f"V{SIZE}"), first_name),
                self._write(_records(columns, rows), first_row),
                self._write(owned(part.marks[marks], numbers), first_mark),
            )
        )

    def bucket(self, number: int) -> Iterator[Compact]:
        """A bucket of each batch."""
        self._file.flush()
        file = self._file.fileno()
        for cover, names, rows, marks in self._batches:
            held = rows.read(file, number)
            yield Compact(
                cover,
                names.read(file, number).view(np.uint8).reshape(-1, SIZE),
                _column(held, OWNER),
                _column(held, START),
                {name: _column(held, name) for name in COLUMNS},
                marks.read(file, number),
            )

    def _by_bucket(self, buckets: NDArray[np.uint16]) -> tuple[Ints, Ints]:
        """Places in the order of their buckets, and where in it each bucket begins."""
        order = np.argsort(buckets, kind="stable")
        return order, np.searchsorted(buckets[order], np.arange(self._buckets + 1))

    def _write(self, items: NDArray[Any], bounds: Ints) -> _Piece:
        first = self._file.tell()
        self._file.write(items.tobytes())
        return _Piece(first, items.dtype, bounds)


def _lowered(name: str, column: Ints) -> Ints:
    """A minimum that nothing set becomes -1, which needs one byte."""
    return np.where(column == NONE_YET, -1, column) if MERGES[name] == "min" else column


def _records(columns: Mapping[str, Ints], rows: Ints) -> NDArray[Any]:
    """These rows as records of the narrowest numbers; columns of zeros alone are left out."""
    kinds = [(name, kind) for name, column in columns.items() if (kind := _kind(column)) is not None]
    made = np.empty(len(rows), np.dtype(kinds or [(OWNER, WIDTHS[0])]))
    for name in made.dtype.names or ():
        made[name] = columns[name][rows]
    return made


def _kind(column: Ints) -> np.dtype[Any] | None:
    low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
    if low == high == 0:
        return None
    return next(kind for kind in WIDTHS if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)


def _column(records: NDArray[Any], name: str) -> Ints:
    if name not in (records.dtype.names or ()):
        return np.zeros(len(records), np.int64)
    column: Ints = records[name].astype(np.int64)
    return np.where(column == -1, NONE_YET, column) if MERGES.get(name) == "min" else column
