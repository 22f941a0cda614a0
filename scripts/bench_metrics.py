"""Print what it takes to make rows of transactions on DuckDB and on Polars, and peak memory at ten times the size.

    python scripts/bench_metrics.py FOLDER [--times 10] [--engines duckdb,polars] [--chunks N]

FOLDER is as `anomalyhive metrics --in` takes it. Each engine runs in a process of its own, from files to a store of
all addresses, not of labelled ones alone. The larger chunk is the same files again and again under other addresses and
later blocks, written to a temporary folder; its peak is the process's resident memory as the system counts it. With
--chunks only the first N files are taken, all of them otherwise. What is done is told on standard error.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.computing import bucket_rows
from anomalyhive.metrics.engines import engine_named
from anomalyhive.metrics.store import write_store

LIMIT = 2 << 30
"""Bytes that the larger chunk must stay below."""

BUCKETS = 32
SIDES = ("from_address", "to_address", "receipt_contract_address", "token_address")


class Run(NamedTuple):
    """Seconds on the clock and of CPU, rows, and peak bytes."""

    seconds: float
    cpu: float
    rows: int
    peak: int


def measured(engine: str, folder: Path, scratch: Path, buckets: int, files: int | None) -> Run:
    """What one run takes; call in a fresh process."""
    began = time.perf_counter()

    def tell(what: str) -> None:
        seconds, peak = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
        print(f"{engine}: {what} after {seconds:.0f} s, peak {peak:,} MiB", file=sys.stderr, flush=True)

    rows = bucket_rows(engine_named(engine), find_chunks(folder)[:files], buckets, scratch, report=tell)
    count = write_store(scratch / f"store-{engine}", rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return Run(time.perf_counter() - began, time.process_time(), count, peak)


def apart(engine: str, folder: Path, scratch: Path, buckets: int, files: int | None = None) -> Run:
    """The same in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(measured, (engine, folder, scratch, buckets, files))


def relabelled(table: pa.Table, copy: int, blocks: int) -> pa.Table:
    """A table with other addresses and later blocks and times."""
    for name in table.column_names:
        column = table.column(name)
        if name in SIDES:
            # The first 12 hexadecimal digits become the copy's: other addresses, as many as before.
            text = pa.large_string()
            digits = pa.scalar("0x" + hashlib.sha256(bytes([copy])).hexdigest()[:12], text)
            rest = pc.utf8_slice_codeunits(pc.cast(column, text), 14)
            renamed = pc.binary_join_element_wise(digits, rest, pa.scalar("", text))
            renamed = pc.if_else(pc.starts_with(column, "0x"), renamed, pc.cast(column, text))
        elif name == "block_number":
            renamed = pc.add(column, copy * blocks)
        elif name == "block_timestamp":
            renamed = pc.add(column, copy * blocks * 15)
        else:
            continue
        table = table.set_column(table.column_names.index(name), name, renamed.cast(column.type))
    return table


def enlarge(folder: Path, out: Path, times: int, files: int | None) -> int:
    """Write the tables of a folder ``times`` times over as one chunk layout; return the number of transactions."""
    chunks = find_chunks(folder)[:files]
    blocks, count = chunks[-1].stop, 0
    for copy in range(times):
        for number, chunk in enumerate(chunks):
            table = relabelled(pq.read_table(chunk.transactions), copy, blocks)
            count += len(table)
            start, stop = chunk.start + copy * blocks, chunk.stop + copy * blocks
            pq.write_table(table, out / f"transactions_{copy * len(chunks) + number:04d}_{start}_{stop - 1}.parquet")
    return count


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--engines", default="duckdb,polars")
    parser.add_argument("--chunks", type=int, help="files to take, from the first one; all if not given")
    options = parser.parse_args()
    count = sum(
        pq.read_metadata(chunk.transactions).num_rows for chunk in find_chunks(options.folder)[: options.chunks]
    )
    shown = Table(title="from raw tables to the rows of all addresses")
    for name in ("engine", "transactions", "rows", "seconds", "CPU s", "transactions/s", "of CPU", "peak MiB"):
        shown.add_column(name, justify="left" if name == "engine" else "right")

    def show(name: str, count: int, run: Run) -> None:
        speeds = (run.seconds, run.cpu, count / run.seconds, count / run.cpu)
        shown.add_row(name, *(f"{one:,.0f}" for one in (count, run.rows, *speeds, run.peak / 2**20)))

    took: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for engine in options.engines.split(","):
            run = apart(engine, options.folder, Path(scratch), BUCKETS, options.chunks)
            took[engine] = run.cpu
            show(engine, count, run)
        if options.times > 1:
            larger = Path(scratch) / "larger"
            larger.mkdir()
            many = enlarge(options.folder, larger, options.times, options.chunks)
            best = min(took, key=lambda name: took[name])
            run = apart(best, larger, Path(scratch), BUCKETS * options.times)
            show(best, many, run)
    Console(width=110).print(shown)
    if options.times > 1:
        Console().print(f"peak of the larger chunk: {run.peak / 2**20:,.0f} MiB of {LIMIT / 2**20:,.0f} allowed")


if __name__ == "__main__":
    main()
