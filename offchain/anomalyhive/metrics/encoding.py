"""A partial as bytes, one encoding only, so that its digest names it whoever computed it.

All integers are little-endian. In order: MAGIC; the digest of the statistics' definitions (32 bytes); how many ranges,
addresses, rows of totals and marks there are (u64 each); the ranges as pairs of u64; the addresses, 20 bytes each,
ascending; then columns: of totals the index of the address, the index of the range and each statistic, of marks the
index of the address, sketch * 256 + register, and the rank. A column is the width of an entry (1 byte: 0, 1, 2,
4 or 8, the narrowest that holds all; 0 if all are zero) and its entries in two's complement. A minimum that nothing
set is -1. A reader knows from the header and the width how long each part is before it allocates.
"""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anomalyhive.errors import BadInput
from anomalyhive.metrics.addresses import SIZE, as_packed, as_text, different
from anomalyhive.metrics.merging import MOST_SUM
from anomalyhive.metrics.partial import MARKS, NOTHING, TOTALS, Partial
from anomalyhive.metrics.sketching import MOST_RANK, REGISTERS
from anomalyhive.metrics.statistics import COLUMNS, DEFINITIONS, MERGES, NONE_YET, SKETCHES

Ints = NDArray[np.int64]

MAGIC = b"AHSTATS1"
MOST_RANGES = 1 << 20
MOST_ROWS = 1 << 32
WIDTHS = (0, 1, 2, 4, 8)

STATISTICS_DIGEST = hashlib.sha256(
    json.dumps(DEFINITIONS, sort_keys=True, separators=(",", ":")).encode("ascii")
).digest()
"""What the columns are: a partial of other statistics is refused, never misread."""


def encode(part: Partial) -> bytes:
    """The bytes of a partial."""
    totals, marks = part.totals, part.marks
    at = part.addresses
    counts = (len(part.cover), len(at), len(totals), len(marks))
    starts = np.array([start for start, _ in part.cover], dtype=np.int64)
    columns = [_index(totals, at), np.searchsorted(starts, totals.column("start").to_numpy())]
    for name in COLUMNS:
        values = totals.column(name).to_numpy()
        columns.append(np.where(values == NONE_YET, -1, values) if MERGES[name] == "min" else values)
    code = marks.column("sketch").to_numpy() * REGISTERS + marks.column("register").to_numpy()
    columns += [_index(marks, at), code, marks.column("rank").to_numpy()]
    return b"".join(
        [
            MAGIC,
            STATISTICS_DIGEST,
            np.array(counts, dtype="<u8").tobytes(),
            np.array(part.cover, dtype="<u8").tobytes(),
            as_packed(at).tobytes(),
            *(_packed(np.asarray(column, dtype=np.int64)) for column in columns),
        ]
    )


def decode(data: bytes) -> Partial:
    """The partial of the bytes. Raises BadInput for anything that `encode` does not write."""
    reader = _Reader(data)
    if reader.take(len(MAGIC), "its beginning") != MAGIC:
        raise BadInput(f"these are no partial statistics: they begin with {data[:8]!r}, not {MAGIC!r}")
    if (digest := reader.take(32, "the digest of its statistics")) != STATISTICS_DIGEST:
        raise BadInput(
            f"these are partials of the statistics {digest.hex()}: this version knows {STATISTICS_DIGEST.hex()}"
        )
    ranges, addresses, rows, marks = reader.numbers(4, "its counts")
    if ranges > MOST_RANGES or max(addresses, rows, marks) > MOST_ROWS or not addresses <= rows <= addresses * ranges:
        raise BadInput(f"{ranges} ranges, {addresses} addresses, {rows} rows and {marks} marks cannot be")
    cover = _cover(reader.numbers(2 * ranges, "its ranges"))
    names = _names(reader.take(addresses * SIZE, "its addresses"))
    # Of two rows of totals, and of every mark, some column has an entry that is not zero: each takes a byte at least.
    # Else a column of no width could claim billions of zeros.
    if max(rows - 1, 0) + marks > reader.left:
        raise BadInput(
            f"the partial ends within its columns: {rows} rows and {marks} marks are due in {reader.left} bytes"
        )
    columns = [reader.column(rows, name) for name in ("address", "start", *COLUMNS)]
    totals = _totals(names, cover, columns)
    sketches = _marks(names, [reader.column(marks, name) for name in ("address", "register", "rank")])
    if reader.left:
        raise BadInput(f"{reader.left} bytes follow the end of the partial")
    return Partial(cover, totals, sketches)


class _Reader:
    """Bytes taken from the front; every shortage is a BadInput."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = memoryview(data), 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, size: int, what: str) -> bytes:
        if size > self.left:
            raise BadInput(f"the partial ends within {what}: {size} bytes are due and {self.left} left")
        self._at += size
        return bytes(self._data[self._at - size : self._at])

    def numbers(self, count: int, what: str) -> list[int]:
        found = np.frombuffer(self.take(8 * count, what), dtype="<u8").tolist()
        return [int(one) for one in found]

    def column(self, count: int, name: str) -> Ints:
        width = self.take(1, f"column {name}")[0]
        if width not in WIDTHS:
            raise BadInput(f"column {name} has entries of {width} bytes: 0, 1, 2, 4 and 8 are possible")
        data = self.take(width * count, f"column {name}")
        values = np.frombuffer(data, dtype=f"<i{width}").astype(np.int64) if width else np.zeros(count, dtype=np.int64)
        if _width(values) != width:
            raise BadInput(f"column {name} has entries of {width} bytes, and {_width(values)} are enough")
        return values


def _width(values: Ints) -> int:
    low, high = (int(values.min()), int(values.max())) if values.size else (0, 0)
    if low == high == 0:
        return 0
    return next(width for width in WIDTHS[1:] if -(1 << 8 * width - 1) <= low and high < 1 << 8 * width - 1)


def _packed(values: Ints) -> bytes:
    width = _width(values)
    return bytes([width]) + (values.astype(f"<i{width}").tobytes() if width else b"")


def _index(table: pa.Table, addresses: pa.Array) -> Ints:
    found: Ints = pc.index_in(table.column("address"), addresses).to_numpy().astype(np.int64)
    return found


def _cover(numbers: list[int]) -> tuple[tuple[int, int], ...]:
    before = -1
    for at, number in enumerate(numbers):
        if not before < number < 1 << 62:
            raise BadInput(f"the ranges of blocks do not rise at {number} after {before}, or touch: entry {at}")
        before = number
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _names(data: bytes) -> pa.Array:
    packed = np.frombuffer(data, np.uint8).reshape(-1, SIZE)
    ascending, numbers = different(packed)
    if len(ascending) != len(packed) or (np.diff(numbers) <= 0).any():
        at = next(at for at in range(1, len(packed)) if packed[at - 1].tobytes() >= packed[at].tobytes())
        raise BadInput(f"address 0x{packed[at].tobytes().hex()} does not come after 0x{packed[at - 1].tobytes().hex()}")
    return as_text(packed)


def _within(values: Ints, low: int, high: int, name: str) -> None:
    """Raise BadInput unless all values are from ``low`` to ``high``."""
    wrong = values[(values < low) | (values > high)]
    if wrong.size:
        raise BadInput(f"column {name} holds {int(wrong[0])}: from {low} to {high} is possible")


def _rising(keys: Ints, name: str) -> None:
    if (np.diff(keys) <= 0).any():
        raise BadInput(f"the rows of {name} are not in their order, or one comes twice")


def _totals(names: pa.Array, cover: tuple[tuple[int, int], ...], columns: list[Ints]) -> pa.Table:
    if not len(names):
        return NOTHING.totals
    owner, place = columns[:2]
    _within(owner, 0, len(names) - 1, "address")
    _within(place, 0, len(cover) - 1, "start")
    _rising(owner * len(cover) + place, "totals")
    if len(np.unique(owner)) != len(names):
        raise BadInput("an address has no row of totals")
    made = [names.take(pa.array(owner)), pa.array(np.array([a for a, _ in cover])[place])]
    for name, values in zip(COLUMNS, columns[2:], strict=True):
        how = MERGES[name]
        _within(values, 0 if how == "sum" else -1, MOST_SUM if how == "sum" else NONE_YET - 1, name)
        made.append(pa.array(np.where(values == -1, NONE_YET, values) if how == "min" else values))
    _check_borders(dict(zip(COLUMNS, columns[2:], strict=True)))
    return pa.table(made, schema=TOTALS)


def _check_borders(columns: dict[str, Ints]) -> None:
    """First and last transaction are both there or both not, and in their order."""
    for name in ("place", "time"):
        first, last = columns[f"first_{name}"], columns[f"last_{name}"]
        if ((first > last) | ((first < 0) != (last < 0))).any():
            raise BadInput(f"a first {name} comes after the last, or only one of them is there")


def _marks(names: pa.Array, columns: list[Ints]) -> pa.Table:
    owner, code, rank = columns
    if not len(owner):
        return NOTHING.marks
    _within(owner, 0, len(names) - 1, "address of marks")
    _within(code, 0, len(SKETCHES) * REGISTERS - 1, "register")
    _within(rank, 1, MOST_RANK, "rank")
    _rising(owner * (len(SKETCHES) * REGISTERS) + code, "marks")
    made = [names.take(pa.array(owner)), code // REGISTERS, code % REGISTERS, rank]
    return pa.table([pa.array(one) for one in made], schema=MARKS)
