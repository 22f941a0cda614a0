"""The chunks of a chain in a folder: block ranges that nodes hold, and the events in them.

Two layouts: sub-folders as `anomalyhive ingest` writes them (manifest.json, transactions.parquet and maybe
token_transfers.parquet), or files `transactions_NN_A_B.parquet` of the blocks A to B, both included, in the columns of
ethereum-etl, beside one token_transfers.parquet for all of them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from anomalyhive.content.kinds.checks import MOST_CHUNKS
from anomalyhive.errors import BadTable
from anomalyhive.metrics.chunks import Chunk as Held
from anomalyhive.metrics.chunks import chunks_of

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Chunk:
    """A chunk with what names its content. ``manifest`` is the digest in an ingestion's manifest: files may differ."""

    held: Held
    manifest: bytes | None

    @property
    def first(self) -> int:
        """Its first block."""
        return self.held.start

    @property
    def stop(self) -> int:
        """The block after its last."""
        return self.held.stop

    @cached_property
    def source(self) -> bytes:
        """The digest (32 bytes) of what the chunk is made of. Raises BadTable for files that cannot be read."""
        whole = hashlib.sha256(b"anomalyhive chunk" + self.first.to_bytes(8, "big") + self.stop.to_bytes(8, "big"))
        if self.manifest is not None:
            whole.update(b"manifest" + self.manifest)
            return whole.digest()
        for path in (self.held.transactions, self.held.token_transfers):
            whole.update(bytes(32) if path is None else file_digest(path))
        return whole.digest()

    def events(self) -> pa.Table:
        """The events in the chunk's blocks. Raises BadTable for files that are no such tables."""
        path = self.held.transactions
        try:
            ends = pc.min_max(pq.read_table(path, columns=["block_number"]).column("block_number")).as_py()
            if ends["min"] is not None and not self.first <= ends["min"] <= ends["max"] < self.stop:
                raise BadTable(
                    f"{path} holds the blocks {ends['min']} to {ends['max']}, which are not all in "
                    f"{self.first}:{self.stop}: name the file by the blocks that it holds"
                )
            return self.held.events()
        except (pa.ArrowException, KeyError, OSError) as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise BadTable(f"{path} is no table of a chunk ({reason}): restore it or remove it") from error


def find_chunks(folder: Path) -> tuple[Chunk, ...]:
    """The chunks in a folder by their blocks. Raises BadInput where there are none, or two that share blocks."""
    try:
        ingested = sorted(path.parent for path in folder.glob(f"*/{MANIFEST}"))
        if not folder.is_dir():
            raise BadTable(f"{folder} is no folder: name one of chunks with --shards")
    except OSError as error:
        raise BadTable(f"{folder} cannot be read ({error.strerror}): name a folder of chunks with --shards") from error
    places = ingested or [folder]
    chunks = [Chunk(held, _manifest(place)) for place in places for held in chunks_of(place)]
    if len(chunks) > MOST_CHUNKS:
        raise BadTable(f"{folder} holds {len(chunks)} chunks, more than {MOST_CHUNKS}: join some")
    chunks.sort(key=lambda chunk: chunk.first)
    for one, other in pairwise(chunks):
        if other.first < one.stop:
            raise BadTable(
                f"{one.held.transactions} and {other.held.transactions} both hold the blocks "
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


def _manifest(folder: Path) -> bytes | None:
    """The digest in a manifest; None where there is none. Raises BadTable for one without."""
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        digest = bytes.fromhex(json.loads(path.read_text(encoding="utf-8"))["digest"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadTable(f"{path} has no digest ({error}): ingest these blocks again") from error
    if len(digest) != 32:
        raise BadTable(f"{path} has a digest of {len(digest)} bytes instead of 32: ingest these blocks again")
    return digest
