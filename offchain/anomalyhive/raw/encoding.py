"""Partial statistics as bytes: one encoding for one table, whatever library made it.

Addresses first (their number as 8 bytes, then 20 bytes each, ascending), then the columns of the totals and of the
marks: for each its length and the width of its entries as 8 bytes each, and its entries as little-endian two's
complement of the narrowest of 1, 2, 4 and 8 bytes. An address is named by its number. The blocks covered
stand in the root, not here.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anomalyhive.errors import BadInput
from anomalyhive.metrics.features import FEATURES
from anomalyhive.metrics.partial import MARKS, TOTALS, Cover, Partial
from anomalyhive.metrics.statistics import MERGES

WIDTHS = (1, 2, 4, 8)
ADDRESS_BYTES = 20
WORD = 8

NUMBERS = {True: TOTALS.names[2:], False: MARKS.names[1:]}
"""Columns that are encoded as they are: of the totals, and of the marks."""

STATISTICS_ID = hashlib.sha256(
    "\n".join(
        [
            "anomalyhive statistics 1",
            *(f"{name} {how}" for name, how in MERGES.items()),
            *(one.name for one in FEATURES),
        ]
    ).encode()
).digest()
"""Names the set of statistics and of the features made of them."""


def encode(part: Partial) -> bytes:
    """The bytes of a partial that covers one range."""
    names = part.addresses.to_pylist()
    pieces = [len(names).to_bytes(WORD, "little"), *(bytes.fromhex(name[2:]) for name in names)]
    at = {name: index for index, name in enumerate(names)}
    for totals, table in ((True, part.totals), (False, part.marks)):
        owners = np.array([at[name] for name in table.column("address").to_pylist()], dtype=np.int64)
        for column in (owners, *(table.column(name).to_numpy() for name in NUMBERS[totals])):
            pieces.append(_column(np.asarray(column, dtype=np.int64)))
    return b"".join(pieces)


def decode(data: bytes, first: int, stop: int) -> Partial:
    """The partial of these blocks that ``data`` encodes. Raises BadInput unless encoding it gives the same bytes."""
    reader = _Reader(data)
    count = reader.word()
    names = [f"0x{reader.take(ADDRESS_BYTES).hex()}" for _ in range(reader.possible(count, ADDRESS_BYTES))]
    cover: Cover = ((first, stop),)
    tables = []
    for totals, schema in ((True, TOTALS), (False, MARKS)):
        owners = reader.column()
        if owners.size and not 0 <= int(owners.min()) <= int(owners.max()) < count:
            raise BadInput(f"statistics of address {int(owners.max())} of {count}")
        if np.any(np.diff(owners) < (1 if totals else 0)):
            raise BadInput("statistics that are not in the order of their addresses")
        columns = [reader.column() for _ in NUMBERS[totals]]
        if any(len(column) != len(owners) for column in columns):
            raise BadInput("statistics with columns of different lengths")
        known = pa.array(names, pa.string()).take(pa.array(owners))
        start = [pa.array(np.full(len(owners), first, dtype=np.int64))] if totals else []
        tables.append(pa.table([known, *start, *(pa.array(column) for column in columns)], schema=schema))
    reader.end()
    part = Partial(cover, *tables)
    if encode(part) != data:
        raise BadInput("statistics in another encoding than the one there is")
    return part


def _column(entries: NDArray[np.int64]) -> bytes:
    width = WIDTHS[0]
    if entries.size:
        low, high = int(entries.min()), int(entries.max())
        width = next(one for one in WIDTHS if -(1 << (8 * one - 1)) <= low and high < 1 << (8 * one - 1))
    head = len(entries).to_bytes(WORD, "little") + width.to_bytes(WORD, "little")
    return head + entries.astype(f"<i{width}").tobytes()


class _Reader:
    """Takes bytes from the front; BadInput where there are too few, before anything is allocated."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data)
        self._at = 0

    def possible(self, count: int, width: int) -> int:
        if count > (len(self._data) - self._at) // width:
            raise BadInput(f"statistics that end at byte {len(self._data)}, where {count} entries should follow")
        return count

    def take(self, length: int) -> bytes:
        self.possible(length, 1)
        self._at += length
        return bytes(self._data[self._at - length : self._at])

    def word(self) -> int:
        return int.from_bytes(self.take(WORD), "little")

    def column(self) -> NDArray[np.int64]:
        count, width = self.word(), self.word()
        if width not in WIDTHS:
            raise BadInput(f"statistics with entries of {width} bytes: {WIDTHS} are possible")
        return np.frombuffer(self.take(self.possible(count, width) * width), dtype=f"<i{width}").astype(np.int64)

    def end(self) -> None:
        if self._at != len(self._data):
            raise BadInput(f"{len(self._data) - self._at} bytes after the statistics")
