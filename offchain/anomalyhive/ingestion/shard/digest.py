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
import pyarrow.compute as pc

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
        valid = pc.is_valid(array)
        self._presence.update(valid.cast(pa.uint8()).to_numpy(zero_copy_only=False).tobytes())
        if self.kind == INTEGER:
            numbers = pc.fill_null(array.cast(pa.int64()), 0)
        else:
            # The bytes between the first offset and the last: a null has none, in what Arrow's builders make.
            filled = pc.fill_null(array, b"" if self.kind == BYTES else "")
            numbers = pc.binary_length(filled).cast(pa.int64())
            self._bytes.update(_data(filled))
        self._numbers.update(numbers.to_numpy(zero_copy_only=False).astype("<i8", copy=False).tobytes())

    def told(self) -> list[str]:
        streams = (self._presence, self._numbers, self._bytes)
        return [self.name, self.kind, *(stream.hexdigest() for stream in streams)]


def _data(array: pa.Array) -> memoryview:
    """The values of a string or binary array, one after the other."""
    _, offsets, data = array.buffers()
    if data is None or len(array) == 0:
        return memoryview(b"")
    places = np.frombuffer(offsets, np.int32, count=len(array) + 1, offset=4 * array.offset)
    return memoryview(data)[int(places[0]) : int(places[-1])]
