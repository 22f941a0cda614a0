"""Print how fast blocks become tables over JSON-RPC, beside ethereum-etl and cryo on the same blocks in the same run.

    python scripts/bench_ingest.py [--blocks 400] [--repeat 5] [--transactions 150] [--times 2] [--recording FILE]
                                   [--peers NAMES]

The blocks are mined on Anvil: of their transactions every second one is a transfer of HiveToken, the others move ether.
Anvil's own answers are then replayed by a server that only puts them together (scripts/replay.py); the first line is
that server alone, read by a plain loop of the batch requests that we send. A FILE that is not there is made and kept.
The server gives the blocks --repeat times as one longer chain, with other numbers, parents, times and hashes.

Everyone writes blocks, transactions, receipts, logs and token transfers: we in one command; ethereum-etl in four, as
its documentation says (blocks and transactions, hashes out of them, receipts and logs, transfers out of these); cryo in
one call (its transactions hold what it takes of receipts). We alone check what we are given: hashing headers,
transactions and receipts is in our time and in nobody else's.

Each line has the least seconds, the least CPU and the least memory of ``times`` runs, taken in turns, so that what else
the machine does meets all alike. CPU is that of the process and those it starts, without the server's; memory is the
peak of the largest of them. --peers cryo leaves ethereum-etl out, which takes the longest.
Below the table stands what each takes for few blocks, and for each further one, and from how many blocks on ours takes
less CPU than another: a start takes the longest where there is little to do.
"""

from __future__ import annotations

import argparse
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from anomalyhive.ingestion.evm.source import BLOCKS
from peers import peer
from replay import record, served

CRYO = """
import os, sys, cryo
url, stop, out = sys.argv[1:]
cryo.freeze(["blocks", "transactions", "logs", "erc20_transfers"], rpc=url, blocks=["0:" + stop], output_dir=out,
            hex=True, compression=["zstd", "1"], chunk_size=int(stop), verbose=False)
os._exit(0)
"""
"""With our compression. Left at once, because its threads at times end Python with an error when all is written."""


FEW = 8
"""Blocks of a run that is nearly the start alone."""

LAUNCHER = """
import json, os, resource, subprocess, sys, time
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
began = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
sys.stderr.buffer.write(done.stderr[-2000:])
print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss]))
sys.exit(done.returncode)
"""
"""Starts a command from a process that is small itself: a child's peak begins with what its parent had.

Python keeps what it compiled of a module, as it does by itself: only what pip installs has been compiled before.
"""


@dataclass(frozen=True)
class Cost:
    """What a run took: seconds on the clock and of CPU, and peak bytes of the largest process."""

    seconds: float
    cpu: float = 0.0
    peak: int = 0

    def least(self, other: Cost) -> Cost:
        """The lesser of each."""
        return Cost(min(self.seconds, other.seconds), min(self.cpu, other.cpu), min(self.peak, other.peak))


def run(*commands: Sequence[str]) -> Cost:
    """Run commands one after the other."""
    total = Cost(0.0)
    for command in commands:
        launched = [sys.executable, "-I", "-S", "-c", LAUNCHER, *command]
        done = subprocess.run(launched, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
        seconds, cpu, peak = json.loads(done.stdout)
        peak *= 1 if sys.platform == "darwin" else 1024
        total = Cost(total.seconds + seconds, total.cpu + cpu, max(total.peak, peak))
    return total


def ours(url: str, stop: int, out: Path) -> Cost:
    """`anomalyhive ingest`."""
    command = [str(Path(sys.executable).parent / "anomalyhive"), "ingest", "--chain", "ethereum", "--source", url]
    return run([*command, "--blocks", f"0:{stop}", "--out", str(out / "ours"), "--unfinal"])


def ethereum_etl(url: str, stop: int, out: Path) -> Cost:
    """The four commands of ethereum-etl, with as many workers as it has by default."""
    tool = str(peer("ethereum-etl") / "ethereumetl")
    blocks, transactions, hashes = (str(out / name) for name in ("blocks.csv", "transactions.csv", "hashes.txt"))
    receipts, logs, transfers = (str(out / name) for name in ("receipts.csv", "logs.csv", "token_transfers.csv"))
    read = [tool, "export_blocks_and_transactions", "-s", "0", "-e", str(stop - 1), "-p", url]
    return run(
        [*read, "--blocks-output", blocks, "--transactions-output", transactions],
        [tool, "extract_csv_column", "-i", transactions, "-o", hashes, "-c", "hash"],
        [
            tool,
            "export_receipts_and_logs",
            "-t",
            hashes,
            "-p",
            url,
            "--receipts-output",
            receipts,
            "--logs-output",
            logs,
        ],
        [tool, "extract_token_transfers", "-l", logs, "-o", transfers],
    )


def cryo(url: str, stop: int, out: Path) -> Cost:
    """The Python package of cryo, whose work is Rust."""
    return run([str(peer("cryo") / "python"), "-c", CRYO, url, str(stop), str(out)])


def check_same(out: Path, transactions: int) -> None:
    """Leave with an error where one has other numbers of rows than the recording."""
    counts = {"ours": pq.read_metadata(out / "ours" / "transactions.parquet").num_rows}
    transfers = {"ours": pq.read_metadata(out / "ours" / "token_transfers.parquet").num_rows}
    for found, name in ((counts, "transactions"), (transfers, "token_transfers")):
        for path in out.glob(f"{name}.csv"):
            with path.open() as lines:
                found["ethereum-etl"] = sum(1 for _ in lines) - 1
    for found, name in ((counts, "transactions"), (transfers, "erc20_transfers")):
        if paths := list(out.glob(f"*__{name}__*.parquet")):
            found["cryo"] = sum(pq.read_metadata(path).num_rows for path in paths)
    if set(counts.values()) != {transactions} or len(set(transfers.values())) != 1:
        sys.exit(f"not all took the same: transactions {counts} of {transactions}, transfers {transfers}")


CHECKS = {
    "anomalyhive": "hashes of headers and transactions, roots over transactions, receipts and withdrawals, and links",
    "ethereum-etl 2.4.2": "nothing",
    "cryo 0.3.2": "nothing",
}
"""Of what a node gives, what each recomputes; the two others as far as their sources show."""


def written(out: Path) -> dict[str, list[str]]:
    """What each has written: tables, rows, columns and bytes."""
    found: dict[str, list[str]] = {name: [] for name in CHECKS}
    for path in sorted(out.rglob("*.parquet")):
        shape = pq.read_metadata(path)
        told = f"{path.stem.partition('__')[2].partition('__')[0] or path.stem} {shape.num_rows:,} rows"
        told += f" of {shape.num_columns} columns, {path.stat().st_size:,} bytes"
        found["anomalyhive" if path.parent.name == "ours" else "cryo 0.3.2"].append(told)
    for path in sorted(out.glob("*.csv")):
        with path.open() as lines:
            columns, rows = len(next(lines).split(",")), sum(1 for _ in lines)
        told = f"{path.stem} {rows:,} rows of {columns} columns, {path.stat().st_size:,} bytes"
        found["ethereum-etl 2.4.2"].append(told)
    return found


def drained(url: str, stop: int) -> Cost:
    """The server alone: our requests sent by a plain loop, answers read and forgotten."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    began = time.perf_counter()
    for start in range(0, stop, BLOCKS):
        asked = []
        for number in range(start, min(start + BLOCKS, stop)):
            asked.append(("eth_getBlockByNumber", [hex(number), True]))
            asked.append(("eth_getBlockReceipts", [hex(number)]))
        body = [{"jsonrpc": "2.0", "id": n, "method": m, "params": p} for n, (m, p) in enumerate(asked)]
        connection.request("POST", "/", json.dumps(body), {"Content-Type": "application/json"})
        connection.getresponse().read()
    return Cost(time.perf_counter() - began)


def print_table(costs: dict[str, Cost], blocks: int, transactions: int) -> None:
    """All lines, ours as the measure."""
    shown = Table(title=f"{blocks:,} blocks with {transactions:,} transactions into tables")
    for title in ("by", "seconds", "blocks/s", "transactions/s", "time to ours", "CPU s", "CPU to ours", "peak MiB"):
        shown.add_column(title, justify="left" if title == "by" else "right")
    for name, cost in costs.items():
        shown.add_row(
            *(name, f"{cost.seconds:.2f}", f"{blocks / cost.seconds:,.0f}", f"{transactions / cost.seconds:,.0f}"),
            *(f"{cost.seconds / costs['anomalyhive'].seconds:.2f}", f"{cost.cpu:.2f}" if cost.cpu else ""),
            f"{cost.cpu / costs['anomalyhive'].cpu:.2f}" if cost.cpu else "",
            f"{cost.peak / 2**20:,.0f}" if cost.peak else "",
        )
    Console(width=max(100, Console().width)).print(shown)


def print_starts(costs: dict[str, Cost], begun: dict[str, Cost], blocks: int) -> None:
    """What each takes for few blocks and for more, and where ours takes less than another."""
    further = {name: (costs[name].cpu - short.cpu) / (blocks - FEW) for name, short in begun.items()}
    for name, short in begun.items():
        print(f"{name}: {short.cpu:.2f} s of CPU for {FEW} blocks, {further[name] * 1000:.2f} ms for each further one.")
    mine = "anomalyhive"
    for name in begun.keys() - {mine}:
        later, slower = begun[mine].cpu - begun[name].cpu, further[name] - further[mine]
        if later <= 0 < slower:
            print(f"{mine} takes less CPU than {name} for any number of blocks.")
        elif slower > 0:
            print(f"{mine} takes less CPU than {name} from {FEW + later / slower:,.0f} blocks on.")
        else:
            print(f"{mine} takes more CPU than {name} for each further block.")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--blocks", type=int, default=400)
    parser.add_argument("--transactions", type=int, default=150, help="in each block")
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--recording", type=Path, help="a file of answers to replay; made if it is not there")
    parser.add_argument(
        "--repeat", type=int, default=5, help="how many times the blocks are given (default: %(default)s)"
    )
    parser.add_argument("--peers", default="ethereum-etl,cryo", help="whom to run beside ours, with a comma between")
    options = parser.parse_args()
    beside = options.peers.split(",")
    for name in beside:
        peer(name)
    runs: dict[str, Callable[[str, int, Path], Cost]] = {
        "anomalyhive": ours,
        "ethereum-etl 2.4.2": ethereum_etl,
        "cryo 0.3.2": cryo,
    }
    with tempfile.TemporaryDirectory() as scratch:
        recording = options.recording or Path(scratch) / "recording.gz"
        if not recording.exists():
            record(recording, options.blocks, options.transactions)
        with served(recording, options.repeat) as (url, blocks, transactions):
            costs, begun = {"server alone": drained(url, blocks)}, dict[str, Cost]()
            for turn in range(options.times):
                out = Path(scratch) / str(turn)
                few = out / "few"
                few.mkdir(parents=True)
                for name, one in runs.items():
                    if name == "anomalyhive" or name.split()[0] in beside:
                        cost, short = one(url, blocks, out), one(url, FEW, few)
                        costs[name] = costs.get(name, cost).least(cost)
                        begun[name] = begun.get(name, short).least(short)
                shutil.rmtree(few)
                check_same(out, transactions)
            files = written(out)
    print_table(costs, blocks, transactions)
    print_starts(costs, begun, blocks)
    for name, tables in files.items():
        if not tables:
            continue
        print(f"{name} writes {'; '.join(tables)}. It checks {CHECKS[name]}.")


if __name__ == "__main__":
    main()
