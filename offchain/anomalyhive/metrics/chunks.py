"""The chunks of a chain in a folder: what blocks each covers, what names its content, and its events, batch by batch.

Two layouts: a folder that `anomalyhive ingest` wrote (`manifest.json`, `transactions.parquet` and maybe
`token_transfers.parquet`), or one of such folders; and a folder of `transactions_NN_FIRST_LAST.parquet` of the blocks
FIRST to LAST, both included, in the columns of ethereum-etl, beside one `token_transfers.parquet` for all of them.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anomalyhive.content.file_digest import file_digest
from anomalyhive.content.kinds.checks import MOST_CHUNKS
from anomalyhive.errors import BadInput, BadTable
from anomalyhive.ingestion.shard.manifest import MANIFEST, Manifest
from anomalyhive.metrics.events import MOST_BLOCK, event_table
from anomalyhive.metrics.ingested import Ingested, check_follows, ingested, unfinished

NAMED = re.compile(r"transactions_[0-9]+_([0-9]{1,18})_([0-9]{1,18})\.parquet")
NAMES = "transactions_*.parquet"
TRANSACTIONS, TOKEN_TRANSFERS = "transactions", "token_transfers"
BATCH = 100_000
"""Transactions whose events are in memory at once."""

UNREAD = frozenset({"hash", "transaction_hash", "nonce", "gas_price", "gas_price_wei", "token_name", "token_symbol"})
"""Columns that no event needs."""


class Batch(NamedTuple):
    """The events of the blocks ``start`` to ``stop`` (half-open), which hold so many ``transactions``."""

    start: int
    stop: int
    transactions: int
    events: pa.Table


@dataclass(frozen=True)
class Chunk:
    """The blocks ``start`` to ``stop`` (half-open) and the files that hold them, of which others may hold more.

    ``origin`` is what an ingestion's manifest says of them, None where there is none.
    """

    start: int
    stop: int
    transactions: Path
    token_transfers: Path | None
    origin: Ingested | None = None

    def __post_init__(self) -> None:
        """Raise BadInput for blocks that no chain has."""
        if not 0 <= self.start < self.stop <= MOST_BLOCK:
            raise BadInput(
                f"{self.transactions} is said to hold the blocks {self.start} up to and without {self.stop}, "
                "which are none: correct its name, or ingest the chunk again"
            )

    @property
    def name(self) -> str:
        """As a report names it."""
        return f"{self.start}:{self.stop}"

    @cached_property
    def source(self) -> bytes:
        """The digest (32 bytes) of what the chunk is made of. Raises BadTable for files that cannot be read.

        Of an ingestion that of its rows: the bytes of the files are others with another version of Parquet's library.
        """
        whole = hashlib.sha256(b"anomalyhive chunk" + self.start.to_bytes(8, "big") + self.stop.to_bytes(8, "big"))
        if self.origin is not None:
            whole.update(b"manifest" + self.origin.digest)
            return whole.digest()
        for path in (self.transactions, self.token_transfers):
            whole.update(bytes(32) if path is None else file_digest(path))
        return whole.digest()

    @property
    def rows(self) -> int:
        """How many transactions the file holds. Raises BadTable where it is none."""
        with self._readable():
            return int(pq.read_metadata(self.transactions).num_rows)

    def batches(self, size: int = BATCH) -> Iterator[Batch]:
        """Consecutive ranges that make up the chunk, about ``size`` transactions each.

        Raises BadTable for files that are no such tables, hold other blocks than they are named by, or other rows than
        the manifest says.
        """
        with self._readable():
            self._check()
            transactions = self._rows_of(self.transactions)
            tokens = None if self.token_transfers is None else self._rows_of(self.token_transfers)
            blocks = np.sort(transactions.column("block_number").to_numpy())
            inner = sorted({int(block) for block in blocks[size::size]} - {self.start})
        for start, stop in pairwise([self.start, *inner, self.stop]):
            with self._readable():
                held = _between(transactions, start, stop)
                events = event_table(held, tokens and _between(tokens, start, stop))
            yield Batch(start, stop, len(held), events)

    def events(self) -> pa.Table:
        """All events at once. Raises BadTable as `batches` does."""
        return pa.concat_tables(batch.events for batch in self.batches())

    def _check(self) -> None:
        """Raise BadTable for rows that are not those that the manifest, or the name of the file, says."""
        own, advice = [self.transactions], "name the file by the blocks that it holds"
        if self.origin is not None:
            self.origin.check()
            own, advice = [*self.origin.paths.values()], "ingest the chunk again, into another folder"
        for path in own:
            column = pq.read_table(path, columns=["block_number"]).column("block_number")
            first, last = pc.min_max(column).as_py().values()
            if column.null_count:
                raise BadTable(f"{path} has {column.null_count} rows of no block: {advice}")
            if first is not None and not self.start <= first <= last < self.stop:
                raise BadTable(f"{path} holds the blocks {first} to {last}, which are not all in {self.name}: {advice}")

    def _rows_of(self, path: Path) -> pa.Table:
        """The rows of a file in the chunk's blocks; of an ingestion's all, whatever the file says of its parts."""
        return _read(path, None if self.origin is not None else (self.start, self.stop))

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, KeyError, OSError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise BadTable(f"{self.transactions} is no table of a chunk ({reason}): restore it or remove it") from error


def find_chunks(*folders: Path) -> tuple[Chunk, ...]:
    """The chunks in folders by their blocks.

    Raises BadInput for a folder without any, for an ingestion that is unfinished or lacks blocks, and for chunks that
    share blocks or are of different chains, or of forks of one.
    """
    chunks = sorted((chunk for folder in folders for chunk in _chunks_in(folder)), key=lambda chunk: chunk.start)
    if len(chunks) > MOST_CHUNKS:
        raise BadTable(f"{folders[0]} holds {len(chunks)} chunks, more than {MOST_CHUNKS}: join some")
    for one, other in pairwise(chunks):
        if other.start < one.stop:
            raise BadTable(
                f"{one.transactions} and {other.transactions} both hold the blocks "
                f"{other.start}:{min(one.stop, other.stop)}, which would count twice: remove one"
            )
    chains = sorted({chunk.origin.chain for chunk in chunks if chunk.origin is not None})
    if len(chains) > 1:
        raise BadTable(f"{folders[0]} holds blocks of {' and of '.join(chains)}: give the chunks of one chain")
    for before, after in pairwise(chunk.origin for chunk in chunks if chunk.origin is not None):
        check_follows(before, after)
    return tuple(chunks)


def _chunks_in(folder: Path) -> list[Chunk]:
    """The chunks of one folder, in any order."""
    try:
        if not folder.is_dir():
            raise BadTable(f"{folder} is no folder: name one of chunks")
        places = [folder, *sorted(one for one in folder.iterdir() if one.is_dir())]
        inner = [one for one in places if (one / MANIFEST).is_file()]
        # An ingestion's own folder is one chunk, whatever else lies in it.
        inner = [folder] if folder in inner else inner
        named = [] if folder in inner else sorted(folder.glob(NAMES))
        waiting = unfinished(places)
    except OSError as error:
        raise BadTable(f"{folder} cannot be read ({error.strerror}): name a folder of chunks") from error
    if waiting is not None:
        raise BadTable(f"{waiting} is an unfinished ingestion: let `anomalyhive ingest` end, or remove it")
    if inner and named:
        raise BadTable(f"{folder} holds {named[0].name} beside ingested folders such as {inner[0]}: keep one kind")
    if not inner and not named:
        raise BadInput(f"{folder} holds neither a {MANIFEST} of `anomalyhive ingest` nor {NAMES}")
    tokens = folder / f"{TOKEN_TRANSFERS}.parquet"
    held = tokens if tokens.is_file() else None
    return [_ingested(one) for one in inner] + [_named(path, held) for path in named]


def _ingested(folder: Path) -> Chunk:
    """The chunk that an ingestion wrote."""
    manifest = Manifest.read(folder)
    assert manifest is not None
    origin = ingested(folder, manifest, (TRANSACTIONS, TOKEN_TRANSFERS))
    transactions, tokens = (origin.paths.get(name) for name in (TRANSACTIONS, TOKEN_TRANSFERS))
    if transactions is None:
        raise BadInput(f"{folder / MANIFEST} names no table of {TRANSACTIONS}: ingest the chunk again")
    return Chunk(origin.start, origin.stop, transactions, tokens, origin)


def _named(path: Path, tokens: Path | None) -> Chunk:
    """The chunk in a file whose name says its blocks."""
    match = NAMED.fullmatch(path.name)
    if match is None:
        raise BadInput(f"{path} does not say its blocks: name it transactions_NUMBER_FIRST_LAST.parquet")
    return Chunk(int(match[1]), int(match[2]) + 1, path, tokens)


def _read(path: Path, blocks: tuple[int, int] | None) -> pa.Table:
    """The rows of a file in these blocks (half-open), or all of them, without columns that no event needs."""
    within = blocks and [("block_number", ">=", blocks[0]), ("block_number", "<", blocks[1])]
    try:
        kept = [name for name in pq.read_schema(path).names if name not in UNREAD]
        return pq.read_table(path, columns=kept, filters=within)
    except (pa.ArrowException, KeyError) as error:
        raise BadTable(f"{path} cannot be read as a table of blocks: {str(error)[:200]}") from error


def _between(table: pa.Table, start: int, stop: int) -> pa.Table:
    block = table.column("block_number")
    return table.filter(pc.and_(pc.greater_equal(block, start), pc.less(block, stop)))
