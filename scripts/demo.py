"""The demo: five trainers and three validators learn from real Ethereum accounts, on a chain of their own."""

from __future__ import annotations

import sys
from pathlib import Path

from anomalyhive.cli import run
from anomalyhive.cli.console import note, out
from anomalyhive.tables.recipes import ethereum_fraud

RUNS = Path(__file__).resolve().parents[1] / "runs"
NODES, VALIDATORS, ROUNDS = 5, 3, 20


def demo_folder() -> Path:
    """The unfinished demo if there is one, else a new folder: no run is ever overwritten."""
    for number in range(1, 10_000):
        folder = RUNS / ("demo" if number == 1 else f"demo-{number}")
        if not (folder / "report.json").is_file():
            return folder
    raise SystemExit(f"error: {RUNS} holds 9,999 demos: remove some")


def main() -> int:
    """Prepare the accounts and run the federation; return the exit code."""
    folder = demo_folder()
    accounts = folder / "accounts.csv"
    out.print("[bold]AnomalyHive demo[/bold]: a federation learns which Ethereum accounts are fraudulent\n")
    if not accounts.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        ethereum_fraud.write_csv(accounts)
    note(f"accounts with every label leak closed: {accounts.relative_to(RUNS.parent)}")
    return run(
        [
            *("federate", "--data", str(accounts), "--label", ethereum_fraud.LABEL, "--id", ethereum_fraud.ID),
            *("--nodes", str(NODES), "--validators", str(VALIDATORS), "--rounds", str(ROUNDS), "--run", str(folder)),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
