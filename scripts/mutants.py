"""Prove that the fuzzer bites: break each property of the contracts on purpose and see it caught.

Every mutation of tests/fuzz/mutations.yaml is applied to the sources in memory, compiled with the project's settings,
and given to the examples and campaigns of `make fuzz` until one sees a property broken: a feed's properties, those from
`FIRST_OF_FEED` on, to those of the feed. The contracts as they are go the same way first, and must pass.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import forge
from compiler import ROOT, compile_json, standard_json

MUTATIONS = ROOT / "tests" / "fuzz" / "mutations.yaml"

CAMPAIGNS = 25
"""Seeds tried before a mutant counts as alive."""

RUNS = 8
"""Runs of forge.DEPTH moves in each campaign."""

PROPERTIES = tuple(f"P{n}" for n in range(1, 24))
"""Of docs/properties.md."""

FIRST_OF_FEED = 16
"""The properties from this one on are those of an alert feed."""

CAUGHT = (*(f"{one}: " for one in PROPERTIES), "a good call refused: ")
"""How the harness begins to say what it saw broken."""

FOLDER = forge.WORK / "mutants"

BESIDE = ("Hive", "HiveToken")
"""What the hive's harness deploys, and the feed's beside the feed; the hive brings its registry and its rules."""

console = Console()


@dataclass(frozen=True)
class Mutation:
    """A change of one source, and the property that it breaks."""

    breaks: str
    name: str
    file: str
    before: str
    after: str

    @property
    def harness(self) -> str:
        """What catches it."""
        return forge.FEED if int(self.breaks[1:]) >= FIRST_OF_FEED else forge.HIVE

    def source(self) -> str:
        """The file's text, changed. Raises ValueError unless what is changed stands there once."""
        text = (ROOT / self.file).read_text(encoding="utf-8")
        if text.count(self.before) != 1:
            raise ValueError(
                f"{self.breaks}, {self.name}: what it changes stands {text.count(self.before)} times in {self.file}, "
                f"not once: {self.before!r}. Mend {MUTATIONS.relative_to(ROOT)}"
            )
        return text.replace(self.before, self.after)


def mutations() -> list[Mutation]:
    """All of tests/fuzz/mutations.yaml."""
    listed = yaml.safe_load(MUTATIONS.read_text(encoding="utf-8"))
    return [
        Mutation(breaks, one["name"], f"contracts/{one['in']}", one["before"], one["after"])
        for breaks, several in listed.items()
        for one in several
    ]


@dataclass(frozen=True)
class Fate:
    """What became of a mutant."""

    mutation: Mutation
    caught: str | None
    """The property as the fuzzer named it; None: nobody noticed."""
    calls: int
    """Of the contracts, before it was caught; 0: an example caught it."""


def compile_into(folder: Path, mutation: Mutation | None, harness: str) -> None:
    """Write the artifacts that a harness deploys, of the mutated sources.

    What a feed stands beside is as Brownie compiled it, for no mutant of a feed changes it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    beside, changed = ((), BESIDE) if harness == forge.HIVE else (BESIDE, ("AlertFeed",))
    for name in beside:
        shutil.copyfile(forge.ARTIFACTS / f"{name}.json", folder / f"{name}.json")
    wanted = {f"contracts/{name}.sol": {name: ["evm.bytecode.object"]} for name in changed}
    question = standard_json(wanted)
    if mutation is not None:
        question["sources"][mutation.file]["content"] = mutation.source()
    answer = compile_json(question)["contracts"]
    for file, contracts in wanted.items():
        (name,) = contracts
        code = answer[file][name]["evm"]["bytecode"]["object"]
        (folder / f"{name}.json").write_text(json.dumps({"bytecode": code}), encoding="utf-8")


def hunt(number: int, mutation: Mutation | None, campaigns: int, harness: str) -> tuple[str | None, int]:
    """What the fuzzer sees broken, or None, and after how many calls; without a mutation, whatever fails counts."""
    folder = FOLDER / f"{harness}-{number}"
    try:
        compile_into(folder, mutation, harness)
        outcome = forge.examples(folder, harness)
        calls = 0
        for seed in range(campaigns):
            if _is_caught(outcome) or (mutation is None and outcome.broken is not None):
                return outcome.broken, calls
            campaign = forge.Campaign(1000 * number + seed, RUNS, artifacts=folder, shrink=0, harness=harness)
            outcome = forge.run(campaign)
            calls += sum(outcome.succeeded.values()) + sum(outcome.refused.values())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return (outcome.broken if mutation is None or _is_caught(outcome) else None), calls


def _is_caught(outcome: forge.Outcome) -> bool:
    """Whether a property was seen broken: that the harness itself failed proves nothing."""
    return outcome.broken is not None and outcome.broken.startswith(CAUGHT)


def hunt_all(chosen: Iterable[Mutation], jobs: int) -> list[Fate]:
    """Every mutant's fate, in the order of the list."""
    numbered = dict(enumerate(chosen, 1))
    fates: dict[int, Fate] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress, ThreadPoolExecutor(jobs) as pool:
        bar = progress.add_task("Mutants", total=len(numbered))
        hunts = {pool.submit(hunt, number, one, CAMPAIGNS, one.harness): number for number, one in numbered.items()}
        try:
            for done in as_completed(hunts):
                number = hunts[done]
                caught, calls = done.result()
                fates[number] = Fate(numbered[number], caught, calls)
                if caught is None:
                    console.print(f"alive: {numbered[number].breaks}, {numbered[number].name}", markup=False)
                progress.advance(bar)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [fates[number] for number in sorted(fates)]


def main() -> int:
    """Exit code 0: the contracts pass and every mutant is caught."""
    options = _options()
    chosen = [one for one in mutations() if options.only in (None, one.breaks) and options.name in one.name]
    for one in chosen:
        one.source()
    with console.status("Compiling the harness and trying the contracts as they are ..."):
        forge.build()
        for harness in sorted({one.harness for one in chosen}):
            unhurt, calls = hunt(0, None, 2, harness)
            if unhurt is not None:
                console.print(f"The contracts as they are do not pass: {unhurt}", markup=False)
                return 1
            console.print(f"The contracts as they are pass the examples and {calls:,} calls of {harness}.")
    try:
        fates = hunt_all(chosen, options.jobs)
    except KeyboardInterrupt:
        console.print("Interrupted.")
        return 130
    _print(fates)
    alive = [fate for fate in fates if fate.caught is None]
    console.print(f"{len(fates) - len(alive)} of {len(fates)} mutants caught")
    return 1 if alive else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Break each property on purpose and see it caught.")
    parser.add_argument("--only", metavar="Pn", help="mutants of this property only")
    parser.add_argument("--name", metavar="WORDS", default="", help="mutants with these words in their name only")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="mutants side by side")
    return parser.parse_args()


def _print(fates: Iterable[Fate]) -> None:
    table = Table("breaks", "mutant", "caught as", "calls")
    table.columns[-1].justify = "right"
    for fate in fates:
        caught = "[red]alive[/]" if fate.caught is None else fate.caught[:70]
        table.add_row(fate.mutation.breaks, fate.mutation.name, caught, f"{fate.calls:,}" if fate.calls else "example")
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
