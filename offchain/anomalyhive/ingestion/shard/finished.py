"""A folder that an ingestion finished: whether its tables are those of its manifest, and where its blocks hang."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anomalyhive.errors import BadTable
from anomalyhive.ingestion.shard.manifest import MANIFEST, Manifest
from anomalyhive.ingestion.shard.parquet import digest_of_table

BLOCKS, NUMBER, PARENT = "blocks", "block_number", "parent_hash"
"""The table that has a row a block, and its columns with the block's number and the hash of the one before."""


def check_tables(folder: Path, manifest: Manifest) -> None:
    """Raise BadTable for a table that is gone, cannot be read or has other rows than the manifest says."""
    for name, table in manifest.fields["tables"].items():
        check_table(folder / f"{name}.parquet", name, table["digest"])


def check_table(path: Path, name: str, due: str) -> None:
    """Raise BadTable for a file whose rows do not have the digest (hex) that is due."""
    try:
        found = digest_of_table(path, name).digest().hex()
    except (TypeError, OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    if found != due:
        raise BadTable(
            f"{path} has rows of the digest {found} and {MANIFEST} beside it says {due}: "
            "ingest the chunk again, into another folder"
        )


def last_block(folder: Path, manifest: Manifest) -> int | None:
    """The number of the block whose hash the manifest gives as the last one; None where no table lists blocks.

    For tables that `check_tables` has passed. Raises BadTable where there is no such block.
    """
    if BLOCKS not in manifest.fields["tables"] or not manifest.fields["last_hash"]:
        return None
    path = folder / f"{BLOCKS}.parquet"
    with pq.ParquetFile(path) as file:
        if not file.metadata.num_rows:
            raise BadTable(f"{path} has no row, and {MANIFEST} names a last block: ingest into another folder")
        numbers = file.read_row_group(file.num_row_groups - 1, [NUMBER]).column(NUMBER)
    return int(numbers[-1].as_py())


def parent_of_first(folder: Path, manifest: Manifest) -> str | None:
    """The hash (hex) of the block before the first one; None where no table says it. Raises BadTable."""
    if BLOCKS not in manifest.fields["tables"]:
        return None
    path = folder / f"{BLOCKS}.parquet"
    try:
        with pq.ParquetFile(path) as file:
            parents = next(file.iter_batches(1, columns=[PARENT]), None)
    except (KeyError, OSError, pa.ArrowException) as error:
        raise _unreadable(path, error) from error
    told = parents.column(0)[0].as_py() if parents is not None and len(parents) else None
    return str(told or "").removeprefix("0x") or None


def _unreadable(path: Path, error: Exception) -> BadTable:
    reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
    return BadTable(f"{path} is none of an ingestion ({reason}): ingest the chunk again, into another folder")
