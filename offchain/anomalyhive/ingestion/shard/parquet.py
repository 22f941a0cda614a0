"""Tables in Parquet whose bytes depend on the rows alone, not on how they were fetched or cut."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anomalyhive.atomic import appearing
from anomalyhive.ingestion.shard.digest import TableDigest

ROW_GROUP = 1 << 16
"""Rows of a row group, whatever the parts were: what a reader must hold at once."""

ZSTD_LEVEL = 1
"""Higher levels gain little: the largest columns are hashes, half of whose hexadecimal text is entropy."""

FILE_MODE = 0o644


def write_table(path: Path, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> TableDigest:
    """Write a table, whole or not at all; return the digest of its rows."""
    digest = TableDigest(name, schema)
    # Without the Arrow schema in the metadata, and with pages and row groups cut by rows, nothing in the file tells of
    # anything but the rows and the library's version.
    with (
        appearing(path, FILE_MODE) as stream,
        pq.ParquetWriter(
            stream,
            schema,
            compression="zstd",
            compression_level=ZSTD_LEVEL,
            use_dictionary=repeating(schema),
            store_schema=False,
            version="2.6",
            data_page_version="1.0",
        ) as writer,
    ):
        for group in regrouped(schema, batches):
            digest.update(group)
            writer.write_batch(group, row_group_size=ROW_GROUP)
    return digest


def digest_of_table(path: Path, name: str) -> TableDigest:
    """The digest of a written table's rows. Raises TypeError for a column that no table has; pyarrow's errors."""
    with pq.ParquetFile(path) as file:
        digest = TableDigest(name, file.schema_arrow)
        for batch in file.iter_batches(ROW_GROUP):
            digest.update(batch)
    return digest


def regrouped(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterable[pa.RecordBatch]:
    """The same rows in batches of ROW_GROUP, the last one smaller."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        while rows + batch.num_rows >= ROW_GROUP:
            taken = ROW_GROUP - rows
            held.append(batch.slice(0, taken))
            yield joined(schema, held)
            batch, held, rows = batch.slice(taken), [], 0
        if batch.num_rows:
            held.append(batch)
            rows += batch.num_rows
    if rows:
        yield joined(schema, held)


def joined(schema: pa.Schema, batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    """One batch of several."""
    whole = pa.Table.from_batches(batches, schema).combine_chunks()
    return whole.to_batches()[0] if whole.num_rows else pa.RecordBatch.from_pylist([], schema)


def repeating(schema: pa.Schema) -> list[str]:
    """Columns whose values come again and again, so that a dictionary makes them smaller: all but hashes and data."""
    return [name for name in schema.names if not name.endswith(("hash", "root", "bloom", "data"))]
