"""The events of one address in a chunk: the files are read piece by piece, and no event of another is made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from anomalyhive.errors import BadTable
from anomalyhive.metrics.chunks import BATCH, Chunk
from anomalyhive.metrics.events import event_table

SIDES = ("from_address", "to_address", "receipt_contract_address")
"""Where a transaction names those whose event it is; a token transfer, the first two."""


def events_of(chunk: Chunk, address: str) -> pa.Table:
    """The events of an address, lower case, in the blocks of a chunk.

    Raises BadTable for files that are no such tables, or hold other transactions than those of the chunk's blocks.
    """
    tables = []
    for path, sides in ((chunk.transactions, SIDES), (chunk.token_transfers, SIDES[:2])):
        tables.append(None if path is None else _own(path, chunk, sides, address))
    try:
        events = event_table(*tables)
    except BadTable as error:
        raise BadTable(f"{chunk.transactions}: {error}") from error
    return events.filter(pc.equal(events.column("address"), address))


def _own(path: Path, chunk: Chunk, sides: tuple[str, ...], address: str) -> pa.Table:
    """The rows of a file in the chunk's blocks with an address in one of these columns."""
    try:
        with pq.ParquetFile(path) as file:
            found = [file.schema_arrow.empty_table()]
            for batch in file.iter_batches(BATCH):
                mine = _in_blocks(path, _numbers(batch.column("block_number")), chunk)
                named = np.zeros(len(mine), dtype=bool)
                for side in sides:
                    here = pc.equal(pc.utf8_lower(pc.cast(batch.column(side), pa.string())), address)
                    named |= pc.fill_null(here, False).to_numpy(zero_copy_only=False)
                found.append(pa.Table.from_batches([batch]).filter(pa.array(mine & named)))
            return pa.concat_tables(found)
    except (pa.ArrowException, KeyError, OSError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise BadTable(f"{path} is no table of a chunk ({reason}): restore it or remove it") from error


def _numbers(column: pa.Array) -> NDArray[np.int64]:
    """Block numbers (n,), -1 where there is none."""
    found: NDArray[np.int64] = pc.fill_null(pc.cast(column, pa.int64()), -1).to_numpy()
    return found


def _in_blocks(path: Path, numbers: NDArray[np.int64], chunk: Chunk) -> NDArray[np.bool_]:
    """Whether each block number (n,) is in the chunk. Raises BadTable where a file of its own has another."""
    inside: NDArray[np.bool_] = (numbers >= chunk.start) & (numbers < chunk.stop)
    if path == chunk.transactions and not inside.all():
        raise BadTable(
            f"{path} holds the block {numbers[~inside][0]}, which is not in {chunk.name}: "
            "name the file by the blocks that it holds"
        )
    return inside
