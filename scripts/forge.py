"""Running forge on tests/fuzz: building the harness and one campaign of it."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from anomalyhive.chain.localchain import PROJECT_ROOT

SOLC = PROJECT_ROOT / ".toolchain" / "solc" / "solc-v0.8.30"
CONFIG = PROJECT_ROOT / "tests" / "fuzz" / "foundry.toml"
WORK = PROJECT_ROOT / ".toolchain" / "fuzz"
ARTIFACTS = PROJECT_ROOT / "build" / "contracts"

DEPTH = 500
"""Moves a run; a round takes about fifteen that fit."""

HIVE, FEED = "Fuzz", "FeedFuzz"
"""The harnesses: of a hive, and of an alert feed beside one."""

_FAILURE = re.compile(r"\[FAIL[:.] ?(.*)\]")


@dataclass(frozen=True)
class Campaign:
    """Some runs of the fuzzer under one seed: even where the chain adds commitments, odd where it cannot."""

    seed: int
    runs: int
    depth: int = DEPTH
    artifacts: Path = ARTIFACTS
    """Folder of the contracts' artifacts."""
    harness: str = HIVE
    shrink: int = 500
    """Attempts to make a failing sequence shorter."""

    @property
    def verifies_sums(self) -> bool:
        """Whether the hive adds commitments."""
        return self.seed % 2 == 0


@dataclass
class Outcome:
    """What became of one campaign: calls by selector, and the property that was seen broken."""

    succeeded: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    broken: str | None = None
    output: str = ""

    def add(self, other: Outcome) -> None:
        """Count another campaign's calls too."""
        self.succeeded.update(other.succeeded)
        self.refused.update(other.refused)


def build() -> None:
    """Compile the harness. Raises CalledProcessError, the compiler's words in it."""
    subprocess.run(_command("build"), cwd=PROJECT_ROOT, env=_environment(), check=True, capture_output=True, text=True)


def examples(artifacts: Path = ARTIFACTS, harness: str = HIVE) -> Outcome:
    """The tests of a harness that are no campaigns: tests/fuzz/Examples.sol, tests/fuzz/feed/FeedExamples.sol."""
    return _run(_command("test", *_of(harness), "--match-test", "^test_"), {"FUZZ_ARTIFACTS": str(artifacts)})


def run(campaign: Campaign) -> Outcome:
    """Run a campaign to its end or to the first property seen broken. Several may run at once."""
    folder = WORK / "campaigns" / f"{campaign.harness}-{campaign.seed}-{os.getpid()}"
    folder.mkdir(parents=True, exist_ok=True)
    counts = folder / "counts.txt"
    counts.unlink(missing_ok=True)
    outcome = _run(
        [
            *_command("test", *_of(campaign.harness), "--match-test", "^invariant_"),
            *("--fuzz-seed", hex(campaign.seed), "--threads", "1"),
        ],
        {
            "FOUNDRY_INVARIANT_RUNS": str(campaign.runs),
            "FOUNDRY_INVARIANT_DEPTH": str(campaign.depth),
            "FOUNDRY_INVARIANT_SHRINK_RUN_LIMIT": str(campaign.shrink),
            "FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR": str(folder / "failures"),
            "FUZZ_ARTIFACTS": str(campaign.artifacts),
            "FUZZ_VERIFY_SUMS": "true" if campaign.verifies_sums else "false",
            "FUZZ_COUNTS": str(counts),
        },
    )
    for line in counts.read_text().splitlines() if counts.exists() else []:
        words = line.split()
        for selector, good, bad in zip(words[::3], words[1::3], words[2::3], strict=True):
            outcome.succeeded[selector] += int(good)
            outcome.refused[selector] += int(bad)
    if outcome.broken is None and not outcome.succeeded:
        outcome.broken = "the campaign counted no call"
    for file in sorted(folder.rglob("*"), reverse=True):
        file.rmdir() if file.is_dir() else file.unlink()
    folder.rmdir()
    return outcome


def _run(command: list[str], variables: Mapping[str, str]) -> Outcome:
    done = subprocess.run(
        command, cwd=PROJECT_ROOT, env=_environment() | dict(variables), capture_output=True, text=True
    )
    outcome = Outcome(output=done.stdout + done.stderr)
    failures = _FAILURE.findall(done.stdout)
    if failures:
        outcome.broken = failures[0]
    elif done.returncode != 0:
        outcome.broken = f"forge itself failed with {done.returncode}"
    return outcome


def _command(what: str, *more: str) -> list[str]:
    return [str(_binary()), what, "--root", str(PROJECT_ROOT), "--use", str(SOLC), *more]


def _of(harness: str) -> tuple[str, str]:
    return "--match-contract", f"^{harness}$"


def _binary() -> Path:
    """The native binary: the wrapper that npm installs beside it loses its exit code."""
    found = sorted((PROJECT_ROOT / "node_modules").glob("@foundry-rs/forge-*/bin/forge*"))
    if not found:
        raise FileNotFoundError("forge is not installed: make setup")
    return found[0]


def _environment() -> dict[str, str]:
    return dict(os.environ) | {"FOUNDRY_CONFIG": str(CONFIG)}
