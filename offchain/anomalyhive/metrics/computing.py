"""From folders of raw tables to rows, out of core: batches of blocks are counted, and merged bucket by bucket.

Memory holds the events of one batch, and afterwards the statistics of one bucket of addresses. What is between lies on
disk. Spark and Dask get a whole chunk at once and do their own spilling.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from anomalyhive.metrics.addresses import as_packed
from anomalyhive.metrics.chunks import BATCH, Chunk
from anomalyhive.metrics.compact import Compact
from anomalyhive.metrics.counting import counted
from anomalyhive.metrics.engines import Engine
from anomalyhive.metrics.features import AddressRows, rows_of
from anomalyhive.metrics.merging import merged
from anomalyhive.metrics.spilling import Spill

Report = Callable[[str], None]


def bucket_rows(
    engine: Engine,
    chunks: Sequence[Chunk],
    buckets: int,
    scratch: Path,
    accounts: Collection[str] | None = None,
    report: Report = lambda _: None,
    batch: int = BATCH,
) -> Iterator[AddressRows]:
    """The rows of one bucket after the other; of ``accounts`` alone where they are given. As `bucket_statistics`."""
    for part in bucket_statistics(engine, chunks, buckets, scratch, accounts, report, batch):
        yield rows_of(part)


def bucket_statistics(
    engine: Engine,
    chunks: Sequence[Chunk],
    buckets: int,
    scratch: Path,
    accounts: Collection[str] | None = None,
    report: Report = lambda _: None,
    batch: int = BATCH,
) -> Iterator[Compact]:
    """The statistics of one bucket after the other; of ``accounts`` alone where they are given.

    ``batch`` is about how many transactions are mapped at once. ``scratch`` is a folder
    for what lies between; nothing is left of it.
    """
    held = None if accounts is None else as_packed(pa.array(sorted(set(accounts)), pa.string()))
    with tempfile.TemporaryFile(dir=scratch, prefix="partials-") as file:
        spill = Spill(file, buckets)
        for chunk in chunks:
            for part in _counted(engine, chunk, scratch, batch):
                spill.add(part if held is None else part.of(held))
            report(f"blocks {chunk.name} mapped")
        for bucket in range(buckets):
            yield merged(list(spill.bucket(bucket)))
            report(f"bucket {bucket + 1} of {buckets} merged")


def _counted(engine: Engine, chunk: Chunk, scratch: Path, batch: int) -> Iterator[Compact]:
    """The statistics of a chunk, batch by batch; of the whole chunk for an engine that spreads its work."""
    if not engine.spreads:
        for one in chunk.batches(batch):
            yield counted(engine, one.events, one.start, one.stop)
        return
    with tempfile.TemporaryDirectory(dir=scratch, prefix="events-") as folder:
        paths = []
        for number, one in enumerate(chunk.batches(batch)):
            paths.append(str(Path(folder) / f"{number:06d}.parquet"))
            pq.write_table(one.events, paths[-1])
        yield counted(engine, engine.scan(paths), chunk.start, chunk.stop)
