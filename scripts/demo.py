"""The demo: five trainers and three validators learn from raw transactions of Ethereum, on a chain of their own."""

from __future__ import annotations

import sys
from pathlib import Path

from anomalyhive.cli import run
from anomalyhive.cli.console import note, out

RUNS = Path(__file__).resolve().parents[1] / "runs"
CHUNKS = RUNS.parent / "data" / "ethereum-transactions"
NODES, VALIDATORS, ROUNDS = 5, 3, 20


def demo_folder() -> Path:
    """The unfinished demo if there is one, else a new folder: no run is ever overwritten."""
    for number in range(1, 10_000):
        folder = RUNS / ("demo" if number == 1 else f"demo-{number}")
        if not (folder / "report.json").is_file():
            return folder
    raise SystemExit(f"error: {RUNS} holds 9,999 demos: remove some")


def main() -> int:
    """Run the federation; return the exit code."""
    folder = demo_folder()
    out.print(
        "[bold]AnomalyHive demo[/bold]: a federation learns from raw transactions which accounts are fraudulent\n"
    )
    note(f"{len(list(CHUNKS.glob('transactions_*')))} chunks of blocks of Ethereum: {CHUNKS.relative_to(RUNS.parent)}")
    return run(
        [
            *("federate", "--shards", str(CHUNKS), "--labels", str(CHUNKS / "labels.csv"), "--nodes", str(NODES)),
            *("--validators", str(VALIDATORS), "--rounds", str(ROUNDS), "--run", str(folder)),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
