"""Print how fast a watch is: transactions a second, seconds from a block to its alerts, and memory over many blocks.

    python scripts/bench_monitor.py [--run DIR] [--times 3] [--arrivals 200] [--memory-blocks 20000]

The model is that of a run on the bundled transactions; DIR keeps it, or has it already. Blocks come from a server in a
process of its own that replays a node's answers (scripts/replay.py), and the watch does all that it does elsewhere:
asks over JSON-RPC, checks hashes, roots and links, brings statistics up to date, scores, raises alerts, and commits.

`mainnet` are eight real blocks of Ethereum, one after the other again and again: number, parent and time are written
anew, and so is the hash; without receipts, which nobody kept of them. `ethereum` and `polygon` are blocks of 175 and of
80 transactions with their receipts, mined on Anvil, half of them token transfers, a quarter of whose receivers are new.

Arrivals: blocks come at the chain's pace, the watch looks every 2 seconds (`poll_seconds`), and a step takes as long as
it takes here; only the waiting in between is counted and not waited. A block's time ends when its alerts are committed.
Memory: the process's resident set while it follows small blocks with new addresses in each.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from anomalyhive.ingestion.block import Block, Source
from anomalyhive.ingestion.chains import CHAINS, Chain
from anomalyhive.ingestion.evm.header import header_hash
from anomalyhive.ingestion.evm.schema import SCHEMAS
from anomalyhive.ingestion.sources import Access, opened
from anomalyhive.monitor import Watch, WatchReader, WatchSettings
from anomalyhive.monitor.models import RunModels
from anomalyhive.monitor.threshold import Wish
from replay import record, served

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "ethereum-transactions"
REAL = ROOT / "tests" / "resources" / "ingestion" / "evm" / "mainnet"
NUMBERS = (4370000, 7280000, 9069000, 12244000, 15537394, 17034869, 19929064, 19934116)
"""Blocks whose transactions are there whole."""

PUBLISHED = 2_150
"""Transactions a second: the best published figure for collaborative detection on a chain."""

POLL = 2.0
"""Seconds between two looks of a node, by default."""

THRESHOLD = 9_000
"""Basis points."""


@dataclass(frozen=True)
class Case:
    """A recording of a chain: its blocks come every ``seconds``; ``receipts`` is whether it has those."""

    name: str
    chain: Chain
    recording: Path
    seconds: float
    receipts: bool = True


def learned(folder: Path) -> RunModels:
    """The latest model of a run on the bundled sample, which is made where there is none."""
    if not (folder / "run.json").exists():
        command = [str(Path(sys.executable).parent / "anomalyhive"), "federate", "--shards", str(SAMPLE)]
        command += ["--labels", str(SAMPLE / "labels.csv"), "--rounds", "3", "--run", str(folder)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    models = RunModels(folder, Wish(THRESHOLD))
    models.latest()
    return models


def record_real(path: Path, blocks: int) -> None:
    """Keep the answers of a chain of so many blocks with the transactions of real ones."""
    known = []
    for number in NUMBERS:
        with gzip.open(REAL / f"{number}.json.gz", "rt") as stream:
            known.append(json.load(stream))
    parent = "0x" + "00" * 32
    with gzip.open(path, "wt", compresslevel=1) as stream:
        for number in range(blocks):
            place = {"number": hex(number), "parentHash": parent, "timestamp": hex(1_700_000_000 + 12 * number)}
            made = {**known[number % len(known)], **place}
            made["hash"] = parent = "0x" + header_hash(made).hex()
            own = {"blockNumber": hex(number), "blockHash": parent}
            made["transactions"] = [{**one, **own} for one in made["transactions"]]
            stream.write(json.dumps([made, []]) + "\n")


def followed(case: Case, url: str, models: RunModels, folder: Path) -> tuple[float, float, int]:
    """Seconds, seconds of CPU and alerts of a watch that follows a whole recording."""
    with opened(case.chain, url, Access(receipts=case.receipts)) as source:
        watch = Watch.open(folder, case.chain, source, models, WatchSettings(start=0))
        with closing(watch):
            began, cpu, alerts, idle = time.perf_counter(), time.process_time(), 0, False
            while not idle:
                happened = watch.step()
                if happened.problems:
                    sys.exit(f"{case.name}: {happened.problems}")
                alerts, idle = alerts + len(happened.alerts), happened.idle
            found = time.perf_counter() - began, time.process_time() - cpu, alerts
    check_sound(case, folder)
    return found


def check_sound(case: Case, folder: Path) -> None:
    """Leave with an error where a block was not counted: it would be a fast one."""
    with closing(WatchReader(folder)) as reader:
        bad = next((one for one in reader.blocks(0, newest=True) if one.quarantined), None)
    if bad is not None:
        sys.exit(f"{case.name}: block {bad.number} was quarantined: {bad.quarantined}")


def arrivals(case: Case, url: str, models: RunModels, folder: Path, count: int) -> list[float]:
    """Seconds from each block to its alerts, at the pace of the chain; the watch looks at a moment of chance."""
    dice = random.Random(1)  # noqa: S311 - moments, and no secret
    with opened(case.chain, url, Access(receipts=case.receipts)) as source:
        watch = Watch.open(folder, case.chain, source, models, WatchSettings(start=0))
        with closing(watch):
            found, now = [], dice.random() * POLL
            for number in range(count):
                came = number * case.seconds
                while now < came:
                    now += POLL
                began = time.perf_counter()
                watch.step(until=number)
                now += time.perf_counter() - began
                found.append(now - came)
                # It looks again at once while there is more, else after a pause.
                if now < came + case.seconds:
                    now += POLL
    check_sound(case, folder)
    return found


class Synthetic:
    """A source that makes small blocks in this process: each with one new sender and some of a hundred thousand."""

    KNOWN = 100_000
    TRANSACTIONS = 4

    chain_id: int | str | None = None

    def __init__(self, last: int) -> None:
        self._last = last

    @property
    def schemas(self) -> Mapping[str, pa.Schema]:
        return SCHEMAS

    def head(self) -> int:
        return self._last

    def hash_of(self, number: int) -> bytes:
        return number.to_bytes(32, "big")

    def blocks(self, numbers: range) -> Iterator[Block]:
        for number in numbers:
            yield Block(number, self.hash_of(number), self.hash_of(max(number - 1, 0)), self._rows(number))

    def _rows(self, number: int) -> dict[str, Any]:
        dice, at = random.Random(number), 1_700_000_000 + 12 * number  # noqa: S311 - rows, and no secret
        rows = []
        for place in range(self.TRANSACTIONS):
            sender = (1 << 80) + number if place == 0 else dice.randrange(self.KNOWN)
            rows.append(
                {
                    "transaction_index": place, "hash": f"0x{number * 64 + place:064x}", "nonce": 1,
                    "from_address": f"0x{sender:040x}", "to_address": f"0x{dice.randrange(self.KNOWN):040x}",
                    "value_gwei": dice.randrange(10**9), "value_wei_rest": 0, "gas": 21_000, "gas_price_wei": 10**9,
                    "transaction_type": 0, "input_length": 0, "receipt_gas_used": 21_000, "receipt_status": 1,
                }
            )  # fmt: skip
        own = {"block_number": number, "block_timestamp": at}
        return {
            "blocks": [_row("blocks", {**own, "hash": f"0x{number:064x}"})],
            "transactions": [_row("transactions", {**own, **row}) for row in rows],
        }


def _row(table: str, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """A row of a table, with nothing of interest where no value is given and one is due."""
    fields = SCHEMAS[table]
    blank = {one.name: None if one.nullable else 0 if pa.types.is_integer(one.type) else "0x" for one in fields}
    return tuple({**blank, **values}.values())


def remember(models: RunModels, folder: Path, blocks: int) -> list[tuple[int, float, float, float]]:
    """Blocks, MiB of the resident set then and at its peak, and MiB of the book, every tenth of the way."""
    chain, step = CHAINS["ethereum"], max(blocks // 10, 1)
    source: Source = Synthetic(blocks - 1)
    found = []
    watch = Watch.open(folder, chain, source, models, WatchSettings(start=0, keep_blocks=5_000))
    with closing(watch):
        for stop in range(step, blocks + 1, step):
            while watch.next < stop:
                watch.step(until=stop - 1)
            check_sound(Case("memory", chain, folder, 12.0), folder)
            size = sum(path.stat().st_size for path in folder.glob("watch.sqlite*")) / 2**20
            found.append((stop, _status("VmRSS"), _status("VmHWM"), size))
            print(
                "{:>9,} blocks: {:,.0f} MiB now, {:,.0f} MiB at most, book {:,.0f} MiB".format(*found[-1]), flush=True
            )
    return found


def _status(name: str) -> float:
    """A line of what Linux says of this process, in MiB."""
    line = next(one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith(name))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, help="a run folder to take the model from; made if it is not there")
    parser.add_argument("--times", type=int, default=3, help="of which the fastest counts")
    parser.add_argument("--arrivals", type=int, default=200, help="blocks that arrive; the recordings have so many")
    parser.add_argument("--memory-blocks", type=int, default=20_000, help="0: leave memory out")
    parser.add_argument("--only-memory", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        models = learned(options.run or folder / "run")
        if not options.only_memory:
            print_speed(models, folder, options.times, options.arrivals)
        if options.memory_blocks:
            print(f"\nMemory over {options.memory_blocks:,} blocks of {Synthetic.TRANSACTIONS} transactions:")
            remember(models, folder / "memory", options.memory_blocks)


def print_speed(models: RunModels, folder: Path, times: int, count: int) -> None:
    """Speed and arrivals of both chains."""
    cases = [
        Case("mainnet", CHAINS["ethereum"], folder / "mainnet.gz", 12.0, receipts=False),
        Case("ethereum", CHAINS["ethereum"], folder / "ethereum.gz", 12.0),
        Case("polygon", replace(CHAINS["polygon"], chain_id=1), folder / "polygon.gz", 2.0),
    ]
    record_real(cases[0].recording, count)
    record(cases[1].recording, count, 175)
    record(cases[2].recording, count, 80)
    speed = Table(title=f"From RPC answers to committed scores; published: {PUBLISHED:,} transactions a second")
    pace = Table(title=f"Seconds from a block to its alerts, looking every {POLL:g} s")
    for title in (
        "chain",
        "blocks",
        "transactions",
        "seconds",
        "CPU s",
        "tx/s",
        "tx/s of CPU",
        "of published",
        "alerts",
    ):
        speed.add_column(title, justify="left" if title == "chain" else "right")
    for title in ("chain", "block every", "blocks", "median", "99th percentile", "most"):
        pace.add_column(title, justify="left" if title == "chain" else "right")
    for case in cases:
        with served(case.recording) as (url, blocks, transactions):
            best = min(followed(case, url, models, folder / f"{case.name}-{turn}") for turn in range(times))
            seconds, cpu, alerts = best
            speed.add_row(
                case.name, f"{blocks:,}", f"{transactions:,}", f"{seconds:.2f}", f"{cpu:.2f}",
                f"{transactions / seconds:,.0f}", f"{transactions / cpu:,.0f}",
                f"{transactions / seconds / PUBLISHED:.2f}", f"{alerts:,}",
            )  # fmt: skip
            took = sorted(arrivals(case, url, models, folder / f"{case.name}-arrivals", count))
            pace.add_row(
                case.name, f"{case.seconds:g} s", f"{count:,}", f"{statistics.median(took):.2f}",
                f"{took[min(len(took) * 99 // 100, len(took) - 1)]:.2f}", f"{took[-1]:.2f}",
            )  # fmt: skip
    console = Console(width=max(120, Console().width))
    console.print(speed)
    console.print(pace)


if __name__ == "__main__":
    main()
