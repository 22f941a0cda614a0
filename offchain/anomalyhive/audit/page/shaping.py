"""What a page shows of a report, in the order and the words in which it shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_FAILURES = 50
"""Failures of a check on the page; all of them are in the JSON report."""

MOST_UPDATES = 20_000
"""Accepted updates on the page, each a line of a table; rounds beyond have theirs in the JSON report alone."""


@dataclass(frozen=True)
class PageVerdict:
    """What the audit comes to: whether all holds, and the sentences that say so."""

    holds: bool
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class PageRound:
    """A round: ``said`` are the report's values; ``listed`` whether its accepted updates are on the page."""

    said: Mapping[str, Any]
    rejected: Sequence[Mapping[str, Any]]
    listed: bool
    failures: int

    @property
    def missing(self) -> int:
        """Shards without an update."""
        taken = self.said["participation"]
        return max(int(taken["shards"]) - int(taken["submitted"]), 0)

    @property
    def words(self) -> str:
        """The round in one sentence, for those who do not see the drawing."""
        taken = self.said["participation"]
        end = {"final": "final", "cancelled": f"cancelled in {self.said['phase']}"}.get(
            self.said["end"], f"open, in {self.said['phase']}"
        )
        faults = f", {self.failures} {'fault' if self.failures == 1 else 'faults'}" if self.failures else ""
        counts = f"{taken['accepted']} of {taken['submitted']} updates accepted, {self.missing} missing"
        return f"Round {self.said['round']}: {end}; {counts}{faults}"


@dataclass(frozen=True)
class PageTask:
    """A task: its rounds, and its nodes with the share of the greatest earning for a bar."""

    said: Mapping[str, Any]
    rounds: Sequence[PageRound]
    nodes: Sequence[Mapping[str, Any]]

    @property
    def measured(self) -> bool:
        """Whether any model's quality is known."""
        return any(one.said["quality"] is not None for one in self.rounds)


def verdict_of(report: Mapping[str, Any]) -> PageVerdict:
    """The verdict in words."""
    checks, made = report["checks"], report["made"]
    failed = [check for check in checks if check["failures"]]
    things = sum(int(check["count"]) for check in checks)
    said = [
        f"{things:,} things were checked, of the hive {report['audited']['hive']} from its first block on.",
        _rounds(report),
    ]
    if failed:
        places = sum(len(check["failures"]) for check in failed)
        said.insert(0, f"{len(failed)} of {len(checks)} checks do not hold, in {places:,} {_place(places)}.")
    else:
        looked = sum(int(check["count"]) > 0 for check in checks)
        rest = f"; {len(checks) - looked} more had nothing to look at" if looked < len(checks) else ""
        said.insert(0, f"All {looked} checks hold{rest}.")
    share = int(made["recomputed_basis_points"])
    if share < 10_000:
        said.append(f"Of the updates on public data {share / 100:g} % were recomputed, drawn at random.")
    if not made["chain_asked"]:
        said.append("No chain was asked: what the log says is held against its own rules and the content alone.")
    if report.get("rests_on"):
        said.append("It rests on the block hashes that are named at the end: compare them with a node of the chain.")
    return PageVerdict(not failed and report["holds"] is True, tuple(said))


def _rounds(report: Mapping[str, Any]) -> str:
    """What there was to be audited, in a sentence."""
    rounds = [one for task in report["tasks"] for one in task["rounds"]]
    final, cancelled = (sum(one["end"] == end for one in rounds) for end in ("final", "cancelled"))
    updates = sum(int(one["participation"]["submitted"]) for one in rounds)
    accepted = sum(int(one["participation"]["accepted"]) for one in rounds if one["end"] == "final")
    return (
        f"{final:,} of {len(rounds):,} rounds are final, {cancelled:,} cancelled; "
        f"{accepted:,} of {updates:,} updates went into a model."
    )


def _place(number: int) -> str:
    return "place" if number == 1 else "places"


def tasks_of(report: Mapping[str, Any]) -> list[PageTask]:
    """The tasks with what the page shows of them."""
    faults = _faults(report["checks"])
    left = MOST_UPDATES
    tasks = []
    for task in report["tasks"]:
        rounds = []
        for said in task["rounds"]:
            rejected = [one for one in said["updates"] if not one["accepted"]]
            left -= len(said["updates"]) - len(rejected)
            failures = faults.get((task["task"], said["round"]), 0)
            rounds.append(PageRound(said, rejected if said["end"] == "final" else (), left >= 0, failures))
        most = max((int(one["earned"]) for one in task["rewards"]), default=0)
        nodes = [{**one, "share": int(one["earned"]) / most if most else 0.0} for one in task["rewards"]]
        tasks.append(PageTask(task, rounds, nodes))
    return tasks


def _faults(checks: Sequence[Mapping[str, Any]]) -> dict[tuple[int, int], int]:
    """Task and round -> failures there."""
    faults: dict[tuple[int, int], int] = {}
    for check in checks:
        for place in check["places"]:
            key = (place["task"], place["round"])
            faults[key] = faults.get(key, 0) + 1
    return faults
