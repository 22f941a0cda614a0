"""Fuzz the contracts at native speed and print how many calls of each function succeeded and were refused.

The hive is fuzzed first, then an alert feed beside one, with a sixth of the calls. Campaigns run side by side until
there were enough calls, each under a seed of its own: the given one, the next, and so on. So what was seen broken is
repeated by its own seed alone.
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
from anomalyhive.chain.feed_views import Outcome
from anomalyhive.chain.views import Phase

FEED_SHARE = 6
"""One call in a feed's campaigns for so many in the hive's."""

UNUSED = {"approve", "burn", "burnFrom", "permit", "transferFrom"}
"""Of the token: the protocol does not hang on who calls these."""

console = Console()


@dataclass(frozen=True)
class Subject:
    """What is fuzzed: the contracts whose functions must all succeed, by which harness, in campaigns of how many runs.

    From ``enough`` calls on a function that never succeeded is a fault of the harness.
    """

    name: str
    harness: str
    contracts: tuple[str, ...]
    runs: int
    enough: int


HIVE = Subject("the hive", forge.HIVE, ("Hive", "NodeRegistry", "HiveToken"), 40, 100_000)
FEED = Subject("an alert feed", forge.FEED, ("AlertFeed",), 20, 15_000)


@dataclass
class Fuzzing:
    """Campaigns so far."""

    subject: Subject
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
            bar = progress.add_task(f"Fuzzing {self.subject.name}", total=calls)
            running: dict[Future[forge.Outcome], int] = {}
            while self.failed is None and self.calls < calls:
                while len(running) < jobs:
                    campaign = forge.Campaign(seed, self.subject.runs, harness=self.subject.harness)
                    running[pool.submit(forge.run, campaign)] = seed
                    seed += 1
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for one in done:
                    self._take(running.pop(one), one.result())
                progress.update(bar, completed=self.calls)
            for one, its_seed in running.items():
                self._take(its_seed, one.result())

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
    console.print(f"Seed {options.seed}")
    for subject, calls in ((HIVE, options.calls), (FEED, -(-options.calls // FEED_SHARE))):
        code = _fuzz(Fuzzing(subject), options.seed, calls, options.jobs)
        if code:
            return code
    return 0


def _fuzz(fuzzing: Fuzzing, seed: int, calls: int, jobs: int) -> int:
    """The exit code after one subject's examples and campaigns."""
    examples = forge.examples(harness=fuzzing.subject.harness)
    if examples.broken is not None:
        return _complain(examples.output)
    try:
        fuzzing.run(seed, calls, jobs)
    except KeyboardInterrupt:
        console.print("Interrupted. So far:")
        _print(fuzzing)
        return 130
    idle = _print(fuzzing)
    if fuzzing.failed is not None:
        its_seed, outcome = fuzzing.failed
        return _complain(f"{outcome.output}\n{outcome.broken}\nRepeat it: make fuzz SEED={its_seed} CALLS=1")
    if idle and fuzzing.calls >= fuzzing.subject.enough:
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
    """The table. Returns what never came about."""
    succeeded, refused = fuzzing.total.succeeded, fuzzing.total.refused
    table = Table("function", *("succeeded", "refused"), title=f"{fuzzing.calls:,} calls of {fuzzing.subject.name}")
    for column in table.columns[1:]:
        column.justify = "right"
    idle = []
    for name, selector in _selectors(fuzzing.subject.contracts):
        table.add_row(name, f"{succeeded[selector]:,}", f"{refused[selector]:,}")
        if succeeded[selector] == 0:
            idle.append(name)
    console.print(table)
    final = succeeded[_numbered(Phase.FINAL)]
    stalled = ", ".join(
        f"{refused[_numbered(one)]:,} in {one.name}" for one in Phase if Phase.TRAIN <= one <= Phase.ATTEST
    )
    console.print(f"Rounds: {final:,} final; cancelled: {stalled}")
    if fuzzing.subject is FEED:
        outcomes = {one.name: succeeded[_numbered(one)] for one in Outcome if one is not Outcome.OPEN}
        console.print(f"Appeals: {', '.join(f'{count:,} {name}' for name, count in outcomes.items())}")
        idle += [f"an appeal that is {name}" for name, count in outcomes.items() if not count]
    return idle


def _numbered(one: Phase | Outcome) -> str:
    """How the harness counts a round that ended in a phase, and an appeal with an outcome."""
    return f"0x{int(one):08x}"


def _selectors(contracts: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Name and selector of each function that changes anything."""
    for contract in contracts:
        abi = json.loads((forge.ARTIFACTS / f"{contract}.json").read_text())["abi"]
        for entry in abi:
            if entry["type"] != "function" or entry["stateMutability"] != "nonpayable":
                continue
            if contract == "HiveToken" and entry["name"] in UNUSED:
                continue
            yield f"{contract}.{entry['name']}", "0x" + function_abi_to_4byte_selector(entry).hex()


if __name__ == "__main__":
    sys.exit(main())
