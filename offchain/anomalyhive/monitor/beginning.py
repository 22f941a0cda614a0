"""Where a watch begins: with nothing before its first block, or with what ingested chunks tell of addresses."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from anomalyhive.errors import BadSetting
from anomalyhive.ingestion.chains import Chain
from anomalyhive.ingestion.shard.manifest import Manifest
from anomalyhive.metrics.chunks import Chunk, find_chunks
from anomalyhive.metrics.computing import bucket_statistics
from anomalyhive.metrics.engines import DEFAULT_ENGINE, engine_named
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.packing import pack
from anomalyhive.monitor.statistics import Statistics

BUCKET = 200_000
"""Transactions for which there is a bucket more: what is in memory at once."""

MOST_BUCKETS = 512


def begin(book: Book, chain: Chain, head: int, start: int | None, chunks: Path | None) -> None:
    """Begin a book that has not begun: at ``start``, at the block after the chunks, or at the chain's last block.

    Raises BadInput for chunks of another chain, or that do not reach up to ``start``.
    """
    facts: dict[str, int | str] = {"chain": chain.name}
    if chunks is None:
        book.begin(head if start is None else start, facts=facts)
        return
    found = find_chunks(chunks)
    manifest = Manifest.read(found[-1].transactions.parent)
    of = None if manifest is None else manifest.fields["chain_id"]
    if of is not None and of != chain.chain_id:
        raise BadSetting(f"--chunks {chunks} are of chain {of}, and {chain.name} is chain {chain.chain_id}")
    stop = found[-1].stop
    if start not in (None, stop):
        raise BadSetting(f"--from {start} does not follow --chunks {chunks}, which end before {stop}: leave it out")
    last = None if manifest is None or found[-1].origin is None else manifest.fields["last_hash"]
    with tempfile.TemporaryDirectory(dir=book.folder, prefix="chunks-") as scratch:
        facts["chunks"] = str(chunks.resolve())
        book.begin(stop, f"0x{last}" if last else "", _known(found, Path(scratch)), facts)


def _known(chunks: tuple[Chunk, ...], scratch: Path) -> Iterator[tuple[str, bytes]]:
    """Each address in the chunks with its packed statistics, a bucket after the other."""
    engine = engine_named(DEFAULT_ENGINE)
    buckets = min(1 + sum(chunk.rows for chunk in chunks) // BUCKET, MOST_BUCKETS)
    for part in bucket_statistics(engine, chunks, buckets, scratch):
        known = Statistics.of_compact(part)
        yield from zip(known.addresses, pack(known), strict=True)
