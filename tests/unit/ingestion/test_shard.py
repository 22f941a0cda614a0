"""The root over blocks, the digest of tables, and Parquet whose bytes do not depend on how the rows were cut."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.ingestion.shard.digest import TableDigest, canonical_digest
from anomalyhive.ingestion.shard.digest import kind as kind_of
from anomalyhive.ingestion.shard.merkle import EMPTY, MerkleRoot
from anomalyhive.ingestion.shard.parquet import ROW_GROUP, write_table

SCHEMA = pa.schema([("block_number", pa.int64()), ("hash", pa.string()), ("raw", pa.binary()), ("good", pa.bool_())])

ROWS = st.lists(
    st.tuples(
        st.integers(-(2**63), 2**63 - 1) | st.none(),
        st.text(max_size=4) | st.none(),
        st.binary(max_size=4) | st.none(),
        st.booleans() | st.none(),
    ),
    max_size=12,
)


def batch(rows: list[Any]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else [()] * len(SCHEMA)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def digest(*batches: pa.RecordBatch) -> bytes:
    made = TableDigest("blocks", SCHEMA)
    for one in batches:
        made.update(one)
    return made.digest()


def told(rows: list[Any]) -> bytes:
    """The digest as docs/ingestion.md has it, in plain Python."""
    columns = []
    for place, (name, kind) in enumerate(
        [("block_number", "integer"), ("hash", "text"), ("raw", "bytes"), ("good", "integer")]
    ):
        values = [row[place] for row in rows]
        presence = bytes(value is not None for value in values)
        raw = [value.encode() if isinstance(value, str) else value for value in values]
        numbers = [0 if value is None else len(value) if isinstance(value, bytes) else int(value) for value in raw]
        streams = (
            presence,
            b"".join(number.to_bytes(8, "little", signed=True) for number in numbers),
            b"".join(value for value in raw if isinstance(value, bytes)),
        )
        columns.append([name, kind, *(hashlib.sha256(stream).hexdigest() for stream in streams)])
    return canonical_digest({"name": "blocks", "rows": len(rows), "columns": columns})


@given(rows=ROWS, data=st.data())
@settings(max_examples=60, deadline=None)
def test_digest_is_what_the_document_says_wherever_the_rows_are_cut(rows: list[Any], data: Any) -> None:
    cut = data.draw(st.integers(0, len(rows)))
    whole = batch(rows)
    assert digest(whole) == told(rows)
    assert digest(batch(rows[:cut]), batch(rows[cut:])) == told(rows)
    assert digest(whole.slice(0, cut), whole.slice(cut)) == told(rows)


def test_digest_tells_null_from_zero_and_empty() -> None:
    rows = [(None, None, None, None)], [(0, None, None, None)], [(None, "", None, None)], [(None, None, None, False)]
    assert len({digest(batch(list(one))) for one in rows}) == len(rows)


def test_digest_of_floats_is_refused() -> None:
    with pytest.raises(TypeError, match="double"):
        TableDigest("blocks", pa.schema([("share", pa.float64())]))


def tree(leaves: list[bytes]) -> bytes:
    """Section 2.1 of RFC 6962, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree(leaves[:split]) + tree(leaves[split:])).digest()


@pytest.mark.parametrize("count", [*range(18), 100])
def test_root_is_that_of_rfc_6962(count: int) -> None:
    leaves = [bytes([n]) * 32 for n in range(count)]
    made = MerkleRoot()
    for leaf in leaves:
        made.add(leaf)
    assert made.root() == tree(leaves)
    assert (made.root() == EMPTY) == (count == 0)


def test_parquet_has_the_same_bytes_however_the_rows_were_cut(tmp_path: Path) -> None:
    rows = ROW_GROUP + 1000
    numbers = pa.array(range(rows))
    arrays = [
        numbers,
        numbers.cast(pa.string()),
        numbers.cast(pa.string()).cast(pa.binary()),
        pa.nulls(rows, pa.bool_()),
    ]
    whole = pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
    written = []
    for size in (rows, 999, ROW_GROUP, 40_000):
        path = tmp_path / f"{size}.parquet"
        write_table(path, "blocks", SCHEMA, (whole.slice(at, size) for at in range(0, rows, size)))
        written.append(path.read_bytes())
    assert len(set(written)) == 1
    assert pq.read_table(path).equals(pa.Table.from_batches([whole]))
    assert [pq.ParquetFile(path).metadata.row_group(n).num_rows for n in range(2)] == [ROW_GROUP, 1000]


def by_definition(name: str, batch: pa.RecordBatch) -> str:
    """A table's digest as docs/ and `digest` define it, value by value."""
    columns = []
    for field, array in zip(batch.schema, batch.columns, strict=True):
        streams = [hashlib.sha256() for _ in range(3)]
        for value in array.to_pylist():
            data = value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else b""
            number = int(value or 0) if kind_of(field.type) == "integer" else len(data)
            for stream, part in zip(
                streams, (bytes([value is not None]), number.to_bytes(8, "little", signed=True), data), strict=True
            ):
                stream.update(part)
        columns.append([field.name, kind_of(field.type), *(stream.hexdigest() for stream in streams)])
    return canonical_digest({"columns": columns, "name": name, "rows": batch.num_rows}).hex()


def null_with_bytes() -> pa.Array:
    """Three texts, of which the second is null and has bytes all the same."""
    offsets = pa.py_buffer(np.array([0, 1, 3, 4], np.int32))
    return pa.StringArray.from_buffers(3, offsets, pa.py_buffer(b"abcd"), pa.py_buffer(b"\x05"), 1)


@pytest.mark.parametrize("start", [0, 1, 3])
@pytest.mark.parametrize("stop", [3, 7, 19])
def test_table_digest_of_slices_with_nulls_is_that_of_the_definition(start: int, stop: int) -> None:
    count = 19
    some = [None if place % 3 == 1 else place * 10**16 - 5 for place in range(count)]
    batch = pa.record_batch(
        {
            "int": pa.array(some, pa.int64()),
            "all": pa.array(range(count), pa.int64()),
            "small": pa.array([None if one is None else one % 100 for one in some], pa.int16()),
            "flag": pa.array([None if one is None else one % 2 > 0 for one in some], pa.bool_()),
            "text": pa.array([None if one is None else f"é{one}" for one in some], pa.string()),
            "bytes": pa.array([None if one is None else bytes(place) for place, one in enumerate(some)], pa.binary()),
        }
    ).slice(start, stop - start)
    digest = TableDigest("t", batch.schema)
    digest.update(batch)
    assert digest.digest().hex() == by_definition("t", batch)


@pytest.mark.parametrize("batch", [
    pa.record_batch({"text": null_with_bytes()}),
    pa.record_batch({"text": null_with_bytes().slice(1, 2)}),
    pa.record_batch({"text": pa.array([], pa.string()), "int": pa.array([], pa.int64())}),
    pa.record_batch({"text": pa.array([None, None], pa.string()), "int": pa.array([None, None], pa.int64())}),
])  # fmt: skip
def test_table_digest_of_odd_arrays_is_that_of_the_definition(batch: pa.RecordBatch) -> None:
    digest = TableDigest("t", batch.schema)
    digest.update(batch)
    assert digest.digest().hex() == by_definition("t", batch)
