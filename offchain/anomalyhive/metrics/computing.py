"""From folders of raw tables to rows, out of core: batches of blocks are mapped and merged bucket by bucket.

Memory holds the events of one batch, and afterwards the partials of one bucket of addresses. What is between lies on
disk, encoded as it is published. Spark and Dask get a whole chunk at once and do their own spilling.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from anomalyhive.metrics.chunks import BATCH, Chunk
from anomalyhive.metrics.encoding import decode, encode
from anomalyhive.metrics.engines import Engine
from anomalyhive.metrics.features import AddressRows, rows
from anomalyhive.metrics.partial import MOST_AT_ONCE, Partial, merge, partials

Report = Callable[[str], None]


def chunk_partials(engine: Engine, chunk: Chunk, scratch: Path, batch: int = BATCH) -> Iterator[Partial]:
    """The partials of a chunk, of one batch each; of the whole chunk for an engine that spreads its work."""
    if not engine.spreads:
        for one in chunk.batches(batch):
            yield partials(engine, one.events, one.start, one.stop)
        return
    with tempfile.TemporaryDirectory(dir=scratch, prefix="events-") as folder:
        paths = []
        for number, one in enumerate(chunk.batches(batch)):
            paths.append(str(Path(folder) / f"{number:06d}.parquet"))
            pq.write_table(one.events, paths[-1])
        yield partials(engine, engine.scan(paths), chunk.start, chunk.stop)


def bucket_rows(
    engine: Engine,
    chunks: Sequence[Chunk],
    buckets: int,
    scratch: Path,
    accounts: Collection[str] | None = None,
    report: Report = lambda _: None,
    batch: int = BATCH,
) -> Iterator[AddressRows]:
    """The rows of one bucket after the other; of ``accounts`` alone where they are given.

    ``batch`` is about how many transactions are mapped at once. ``scratch`` is a folder
    for what lies between; nothing is left of it.
    """
    with tempfile.TemporaryDirectory(dir=scratch, prefix="partials-") as folder:
        waiting: list[list[Path]] = [[] for _ in range(buckets)]
        number = 0
        for chunk in chunks:
            for part in chunk_partials(engine, chunk, scratch, batch):
                held = part if accounts is None else part.of(accounts)
                for bucket, piece in enumerate(held.split(buckets)):
                    path = Path(folder) / f"{bucket}-{number}"
                    path.write_bytes(encode(piece))
                    waiting[bucket].append(path)
                number += 1
            report(f"blocks {chunk.name} mapped")
        for bucket, paths in enumerate(waiting):
            yield rows(engine, _merged(engine, paths))
            report(f"bucket {bucket + 1} of {buckets} merged")


def _merged(engine: Engine, paths: Sequence[Path]) -> Partial:
    """The partial of all files, of which MOST_AT_ONCE are in memory at a time."""
    whole = merge(engine, [])
    for at in range(0, len(paths), MOST_AT_ONCE - 1):
        whole = merge(engine, [whole, *(decode(path.read_bytes()) for path in paths[at : at + MOST_AT_ONCE - 1])])
    return whole
