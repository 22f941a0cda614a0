"""The digest of a table's content: of its rows, not of the bytes of a file.

Parquet's bytes change with the version of the library that writes them; these digests do not. Every column is hashed
in three streams: presence (a byte a row, 0 where the value is null), numbers (int64 little-endian a row: the value, for
text its length in bytes, 0 where null), and bytes (the UTF-8 of the values, one after the other).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

INTEGER, TEXT, BYTES = "integer", "text", "bytes"
"""Kinds of columns; a bool is an integer, 0 or 1."""


def kind(type_: pa.DataType) -> str:
    """The kind of a column of this type. Raises TypeError for what no table may have, such as floats."""
    if pa.types.is_integer(type_) or pa.types.is_boolean(type_):
        return INTEGER
    if pa.types.is_string(type_):
        return TEXT
    if pa.types.is_binary(type_):
        return BYTES
    raise TypeError(f"a column of type {type_} cannot be digested: use int64, bool, string or binary")


class TableDigest:
    """Digest of a table's rows, fed batch by batch; where the batches are cut makes no difference."""

    def __init__(self, name: str, schema: pa.Schema) -> None:
        self.rows = 0
        self._name = name
        self._columns = [_Column(field.name, kind(field.type)) for field in schema]

    def update(self, batch: pa.RecordBatch) -> None:
        """Take in further rows."""
        self.rows += batch.num_rows
        for column, array in zip(self._columns, batch.columns, strict=True):
            column.update(array)

    def digest(self) -> bytes:
        """SHA-256 over names, kinds and streams as canonical JSON."""
        return canonical_digest(
            {"columns": [one.told() for one in self._columns], "name": self._name, "rows": self.rows}
        )


def canonical_digest(value: Any) -> bytes:
    """SHA-256 of a value as JSON with sorted keys and no spaces."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).digest()


class _Column:
    """The three streams of a column."""

    def __init__(self, name: str, kind_: str) -> None:
        self.name, self.kind = name, kind_
        self._presence, self._numbers, self._bytes = hashlib.sha256(), hashlib.sha256(), hashlib.sha256()

    def update(self, array: pa.Array) -> None:
        valid = _validity(array)
        self._presence.update((np.ones(len(array), np.uint8) if valid is None else valid).data)
        if pa.types.is_int64(array.type):
            _, data = array.buffers()
            numbers = np.frombuffer(data or b"", np.int64)[array.offset : array.offset + len(array)]
            numbers = numbers if valid is None else numbers * valid
        elif self.kind == INTEGER:
            numbers = array.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
        else:
            numbers = _lengths(array)
            if valid is not None and numbers[valid == 0].any():  # Arrow's builders make no null with bytes
                array = array.fill_null(b"" if self.kind == BYTES else "")
                numbers = _lengths(array)
            self._bytes.update(_data(array))
        self._numbers.update(np.ascontiguousarray(numbers, "<i8").data)

    def told(self) -> list[str]:
        streams = (self._presence, self._numbers, self._bytes)
        return [self.name, self.kind, *(stream.hexdigest() for stream in streams)]


def _validity(array: pa.Array) -> NDArray[np.uint8] | None:
    """1 where there is a value, 0 where there is none; None where all are there."""
    if not array.null_count:
        return None
    bits = np.frombuffer(array.buffers()[0], np.uint8)
    return np.unpackbits(bits, count=array.offset + len(array), bitorder="little")[array.offset :]


def _offsets(array: pa.Array) -> NDArray[np.int32]:
    """Where each value of a string or binary array begins, and where the last one ends."""
    _, offsets, _ = array.buffers()
    return np.frombuffer(offsets, np.int32, count=len(array) + 1, offset=4 * array.offset)


def _lengths(array: pa.Array) -> NDArray[np.int64]:
    """Bytes of each value."""
    return np.diff(_offsets(array)).astype(np.int64) if len(array) else np.zeros(0, np.int64)


def _data(array: pa.Array) -> memoryview:
    """The values of a string or binary array, one after the other."""
    data = array.buffers()[2]
    if data is None or len(array) == 0:
        return memoryview(b"")
    places = _offsets(array)
    return memoryview(data)[int(places[0]) : int(places[-1])]
