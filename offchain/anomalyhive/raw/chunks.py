"""The chunks of a chain in a folder: block ranges that nodes hold, and the events in them.

Two layouts: sub-folders as `anomalyhive ingest` writes them (manifest.json, transactions.parquet and maybe
token_transfers.parquet), or files `transactions_NN_A_B.parquet` of the blocks A to B, both included, in the columns of
ethereum-etl, beside one token_transfers.parquet for all of them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anomalyhive.content.kinds.checks import MOST_CHUNKS
from anomalyhive.errors import BadTable
from anomalyhive.metrics.events import event_table

CHUNK_FILE = re.compile(r"transactions_([0-9]{1,5})_([0-9]{1,15})_([0-9]{1,15})\.parquet")
TRANSFERS = "token_transfers.parquet"
TRANSACTIONS = "transactions.parquet"
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Chunk:
    """The blocks ``first`` to ``stop``, half-open, and the files that they are in; ``transfers`` may hold more.

    ``digest`` is that of an ingestion's manifest, which does not depend on how files are written.
    """

    first: int
    stop: int
    transactions: Path
    transfers: Path | None
    digest: bytes | None = None

    @cached_property
    def source(self) -> bytes:
        """The digest (32 bytes) of what the chunk is made of. Raises BadTable for files that cannot be read."""
        files = hashlib.sha256(b"anomalyhive chunk" + self.first.to_bytes(8, "big") + self.stop.to_bytes(8, "big"))
        if self.digest is not None:
            files.update(b"manifest" + self.digest)
            return files.digest()
        for path in (self.transactions, self.transfers):
            files.update(bytes(32) if path is None else file_digest(path))
        return files.digest()

    def events(self) -> pa.Table:
        """The events in the chunk's blocks. Raises BadTable for files that are no such tables."""
        transactions = self._read(self.transactions)
        blocks = _blocks(self.transactions, transactions)
        if blocks is not None and not self.first <= blocks[0] <= blocks[1] < self.stop:
            raise BadTable(
                f"{self.transactions} holds the blocks {blocks[0]} to {blocks[1]}, which are not all in "
                f"{self.first}:{self.stop}: name the file by the blocks that it holds"
            )
        transfers = None if self.transfers is None else self._read(self.transfers)
        try:
            return event_table(transactions, transfers)
        except BadTable as error:
            raise BadTable(f"{self.transactions}: {error}") from error

    def _read(self, path: Path) -> pa.Table:
        """The rows of a file that lie in the chunk's blocks, or all rows of its transactions."""
        bounds = [("block_number", ">=", self.first), ("block_number", "<", self.stop)]
        with _reading(path):
            return pq.read_table(path, filters=None if path == self.transactions else bounds)


def find_chunks(folder: Path) -> tuple[Chunk, ...]:
    """The chunks in a folder by their blocks. Raises BadTable where there are none, or two that share blocks."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise BadTable(f"{folder} cannot be read ({error.strerror}): name a folder of chunks with --shards") from error
    named = [(name, match) for name in names if (match := CHUNK_FILE.fullmatch(name))]
    manifests = [folder / name for name in names if (folder / name / MANIFEST).is_file()]
    if named and manifests:
        raise BadTable(f"{folder} holds both {named[0][0]} and {manifests[0].name}/{MANIFEST}: keep one layout")
    transfers = folder / TRANSFERS if TRANSFERS in names else None
    chunks = [_named(folder / name, match, transfers) for name, match in named]
    chunks += [_ingested(path) for path in manifests]
    if not 1 <= len(chunks) <= MOST_CHUNKS:
        raise BadTable(
            f"{folder} holds {len(chunks)} chunks, and 1 to {MOST_CHUNKS} can be learned from: give folders made by "
            "`anomalyhive ingest`, or files transactions_NN_FIRST_LAST.parquet"
        )
    chunks.sort(key=lambda chunk: chunk.first)
    for one, other in pairwise(chunks):
        if other.first < one.stop:
            raise BadTable(
                f"{one.transactions} and {other.transactions} both hold the blocks "
                f"{other.first}:{min(one.stop, other.stop)}, which would count twice: remove one"
            )
    return tuple(chunks)


def file_digest(path: Path) -> bytes:
    """The sha-256 of a file. Raises BadTable where it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
    except OSError as error:
        raise BadTable(f"{path} cannot be read ({error.strerror}): restore it or name another folder") from error
    return digest.digest()


def _named(path: Path, match: re.Match[str], transfers: Path | None) -> Chunk:
    first, last = int(match[2]), int(match[3])
    if last < first:
        raise BadTable(f"{path} names the blocks {first} to {last}, which is no range: rename it")
    return Chunk(first, last + 1, path, transfers)


def _ingested(folder: Path) -> Chunk:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        first, stop = manifest["blocks"]["start"], manifest["blocks"]["stop"]
        digest = bytes.fromhex(manifest["digest"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadTable(f"{path} is no manifest of an ingestion ({error}): ingest these blocks again") from error
    if type(first) is not int or type(stop) is not int or not 0 <= first < stop < 1 << 40 or len(digest) != 32:
        raise BadTable(f"{path} names the blocks {str(first)[:40]}:{str(stop)[:40]}, or has no digest of 32 bytes")
    if not (folder / TRANSACTIONS).is_file():
        raise BadTable(f"{folder / TRANSACTIONS} is missing beside its manifest: ingest these blocks again")
    transfers = folder / TRANSFERS
    return Chunk(first, stop, folder / TRANSACTIONS, transfers if transfers.is_file() else None, digest)


def _blocks(path: Path, table: pa.Table) -> tuple[int, int] | None:
    """The lowest and highest block of a table; None of an empty one."""
    with _reading(path):
        column = pc.cast(table.column("block_number"), pa.int64())
        if column.null_count:
            raise BadTable(f"{path}: a row has no block_number: restore the file")
        ends = pc.min_max(column).as_py()
    return None if ends["min"] is None else (ends["min"], ends["max"])


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Raise BadTable, which names the file, for what Arrow cannot read."""
    try:
        yield
    except (pa.ArrowException, KeyError, OSError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise BadTable(f"{path} is no table of a chunk ({reason}): restore it or remove it") from error
