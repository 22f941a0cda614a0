"""Fuzz the contracts at native speed and print how many calls of each function succeeded and were refused.

Campaigns of 20,000 moves run side by side until there were enough calls, each under a seed of its own: the given one,
the next, and so on. So what was seen broken is repeated by its own seed alone.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from eth_utils.abi import function_abi_to_4byte_selector
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

import forge
from anomalyhive.chain.views import Phase

RUNS = 40
"""Runs of forge.DEPTH moves in one campaign."""

ENOUGH = 100_000
"""From so many calls on a function that never succeeded is a fault of the harness."""

UNUSED = {"approve", "burn", "burnFrom", "permit", "transferFrom"}
"""Of the token: the protocol does not hang on who calls these."""

console = Console()


@dataclass
class Fuzzing:
    """Campaigns so far."""

    total: forge.Outcome = field(default_factory=forge.Outcome)
    failed: tuple[int, forge.Outcome] | None = None
    """Seed and outcome of the first campaign that saw a property broken."""

    @property
    def calls(self) -> int:
        """Calls of the contracts."""
        return sum(n for counts in (self.total.succeeded, self.total.refused) for n in _functions(counts))

    def run(self, seed: int, calls: int, jobs: int) -> None:
        """Run campaigns until there were so many calls."""
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
        with (
            Progress(*columns, TimeRemainingColumn(), console=console) as progress,
            ThreadPoolExecutor(jobs) as pool,
        ):
            bar = progress.add_task("Fuzzing", total=calls)
            running: dict[Future[forge.Outcome], int] = {}
            while self.failed is None and self.calls < calls:
                while len(running) < jobs:
                    running[pool.submit(forge.run, forge.Campaign(seed, RUNS))] = seed
                    seed += 1
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for campaign in done:
                    self._take(running.pop(campaign), campaign.result())
                progress.update(bar, completed=self.calls)
            for campaign, its_seed in running.items():
                self._take(its_seed, campaign.result())

    def _take(self, seed: int, outcome: forge.Outcome) -> None:
        self.total.add(outcome)
        if outcome.broken is not None and self.failed is None:
            self.failed = (seed, outcome)


def main() -> int:
    """Exit code 0: every property held, and no function stood idle."""
    options = _options()
    try:
        with console.status("Compiling the harness (half a minute if it changed) ..."):
            forge.build()
    except subprocess.CalledProcessError as error:
        return _complain(error.stdout + error.stderr)
    examples = forge.examples()
    if examples.broken is not None:
        return _complain(examples.output)
    fuzzing = Fuzzing()
    console.print(f"Seed {options.seed}")
    try:
        fuzzing.run(options.seed, options.calls, options.jobs)
    except KeyboardInterrupt:
        console.print("Interrupted. So far:")
        _print(fuzzing)
        return 130
    idle = _print(fuzzing)
    if fuzzing.failed is not None:
        seed, outcome = fuzzing.failed
        return _complain(f"{outcome.output}\n{outcome.broken}\nRepeat it: make fuzz SEED={seed} CALLS=1")
    if idle and fuzzing.calls >= ENOUGH:
        return _complain(f"Never succeeded, so the fuzzer is idle there: {', '.join(idle)}")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Fuzz the contracts at native speed.")
    parser.add_argument("--calls", type=int, default=1_000_000, help="calls of the contracts, at least")
    parser.add_argument("--seed", type=int, default=secrets.randbits(32), help="of the first campaign; default: any")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="campaigns side by side")
    return parser.parse_args()


def _complain(text: str) -> int:
    console.print(text[-6000:], markup=False, highlight=False)
    return 1


def _functions(counts: dict[str, int]) -> Iterator[int]:
    """Of the counts those of functions: phases are counted under their own numbers."""
    return (n for selector, n in counts.items() if int(selector, 16) > max(Phase))


def _print(fuzzing: Fuzzing) -> list[str]:
    """The table. Returns the functions that never succeeded."""
    succeeded, refused = fuzzing.total.succeeded, fuzzing.total.refused
    table = Table("function", *("succeeded", "refused"), title=f"{fuzzing.calls:,} calls")
    for column in table.columns[1:]:
        column.justify = "right"
    idle = []
    for name, selector in _selectors():
        table.add_row(name, f"{succeeded[selector]:,}", f"{refused[selector]:,}")
        if succeeded[selector] == 0:
            idle.append(name)
    console.print(table)
    final = succeeded[_of_phase(Phase.FINAL)]
    stalled = ", ".join(
        f"{refused[_of_phase(one)]:,} in {one.name}" for one in Phase if Phase.TRAIN <= one <= Phase.ATTEST
    )
    console.print(f"Rounds: {final:,} final; cancelled: {stalled}")
    return idle


def _of_phase(phase: Phase) -> str:
    return f"0x{int(phase):08x}"


def _selectors() -> Iterator[tuple[str, str]]:
    """Name and selector of each function that changes anything."""
    for contract in ("Hive", "NodeRegistry", "HiveToken"):
        abi = json.loads((forge.ARTIFACTS / f"{contract}.json").read_text())["abi"]
        for entry in abi:
            if entry["type"] != "function" or entry["stateMutability"] != "nonpayable":
                continue
            if contract == "HiveToken" and entry["name"] in UNUSED:
                continue
            yield f"{contract}.{entry['name']}", "0x" + function_abi_to_4byte_selector(entry).hex()


if __name__ == "__main__":
    sys.exit(main())
