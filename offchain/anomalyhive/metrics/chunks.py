"""Folders of raw tables as chunks of a chain: what blocks each file covers, read batch by batch.

Two layouts: what `anomalyhive ingest` writes (`transactions.parquet`, `token_transfers.parquet` and `manifest.json`,
which says the range), and a folder of `transactions_NN_FIRST_LAST.parquet` (LAST included) beside one
`token_transfers.parquet`, in ethereum-etl's columns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anomalyhive.errors import BadInput, BadTable
from anomalyhive.metrics.events import event_table

NAMED = re.compile(r"transactions_\d+_(\d+)_(\d+)\.parquet")
BATCH = 100_000
"""Transactions whose events are in memory at once."""


@dataclass(frozen=True)
class Chunk:
    """The blocks ``start`` to ``stop`` (half-open) and the files that hold them, of which others may hold more."""

    start: int
    stop: int
    transactions: Path
    token_transfers: Path | None

    @property
    def name(self) -> str:
        """As a report names it."""
        return f"{self.start}:{self.stop}"

    def batches(self, size: int = BATCH) -> Iterator[tuple[int, int, pa.Table]]:
        """Start, stop and events of consecutive ranges that make up the chunk, about ``size`` transactions each."""
        transactions = _read(self.transactions, self.start, self.stop)
        tokens = None if self.token_transfers is None else _read(self.token_transfers, self.start, self.stop)
        blocks = np.sort(transactions.column("block_number").to_numpy())
        inner = sorted({int(block) for block in blocks[size::size]} - {self.start})
        for start, stop in pairwise([self.start, *inner, self.stop]):
            yield (
                start,
                stop,
                event_table(_between(transactions, start, stop), tokens and _between(tokens, start, stop)),
            )

    def events(self) -> pa.Table:
        """All events at once."""
        return pa.concat_tables(events for _, _, events in self.batches())


def chunks_of(folder: Path) -> list[Chunk]:
    """The chunks of a folder by their first block. Raises BadInput for a folder that is in neither layout."""
    tokens = folder / "token_transfers.parquet"
    held = tokens if tokens.is_file() else None
    if (manifest := folder / "manifest.json").is_file():
        return [Chunk(*_range(manifest), folder / "transactions.parquet", held)]
    found = []
    for path in sorted(folder.glob("transactions_*.parquet")):
        match = NAMED.fullmatch(path.name)
        if match is None:
            raise BadInput(f"{path} does not say its blocks: name it transactions_NUMBER_FIRST_LAST.parquet")
        found.append(Chunk(int(match[1]), int(match[2]) + 1, path, held))
    if not found:
        raise BadInput(f"{folder} holds neither a manifest.json of `anomalyhive ingest` nor transactions_*.parquet")
    found.sort(key=lambda chunk: chunk.start)
    for before, after in pairwise(found):
        if after.start < before.stop:
            raise BadInput(f"{after.transactions} and {before.transactions} share the block {after.start}")
    return found


def _range(manifest: Path) -> tuple[int, int]:
    """First block and the one after the last, as the manifest has them."""
    try:
        blocks = json.loads(manifest.read_text(encoding="utf-8"))["blocks"]
        start, stop = blocks["start"], blocks["stop"]
    except (ValueError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise BadInput(f"{manifest} does not say its blocks: ingest the chunk again") from error
    if not all(isinstance(one, int) for one in (start, stop)) or not 0 <= start < stop:
        raise BadInput(f"{manifest} names the blocks {start!r}:{stop!r}, which are none")
    return start, stop


def _read(path: Path, start: int, stop: int) -> pa.Table:
    """The rows of a file in these blocks, without columns that no event needs."""
    unread = {"hash", "transaction_hash", "nonce", "gas_price", "gas_price_wei", "token_name", "token_symbol"}
    try:
        kept = [name for name in pq.read_schema(path).names if name not in unread]
        return pq.read_table(path, columns=kept, filters=[("block_number", ">=", start), ("block_number", "<", stop)])
    except (pa.ArrowException, KeyError) as error:
        raise BadTable(f"{path} cannot be read as a table of blocks: {str(error)[:200]}") from error


def _between(table: pa.Table, start: int, stop: int) -> pa.Table:
    block = table.column("block_number")
    return table.filter(pc.and_(pc.greater_equal(block, start), pc.less(block, stop)))
