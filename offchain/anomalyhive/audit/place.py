"""Where in a lineage one is: hive, task and round, which every root of content must name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from anomalyhive.audit.replay.context import shown
from anomalyhive.audit.report import Findings


class Placed(Protocol):
    """A root that names where it belongs."""

    @property
    def chain(self) -> int:
        """Chain id."""

    @property
    def hive(self) -> bytes:
        """The 20-byte address of the contract."""

    @property
    def task(self) -> int:
        """Number of the task."""

    @property
    def round(self) -> int:
        """Number of the round."""


@dataclass(frozen=True)
class Place:
    """A round of a task, and where its faults are noted."""

    chain: int
    hive: bytes
    task: int
    round: int
    findings: Findings

    def facts(self, root: Placed) -> dict[str, tuple[object, object]]:
        """What a root says of its place, and what is true: name -> (said, true)."""
        return {
            "chain": (root.chain, self.chain),
            "hive": (root.hive, self.hive),
            "task": (root.task, self.task),
            "round": (root.round, self.round),
        }

    def fail(self, check: str, what: str, digest: bytes | None = None) -> None:
        """Note a fault here."""
        self.findings.fail(check, what, self.task, self.round, digest)

    def compare(
        self, check: str, subject: str, facts: Mapping[str, tuple[object, object]], digest: bytes | None = None
    ) -> bool:
        """Note the first fact that is said wrong; True if all are right."""
        fault = mismatch(facts)
        if fault:
            self.fail(check, f"{subject} names {fault}", digest)
        return not fault


def mismatch(facts: Mapping[str, tuple[object, object]]) -> str:
    """The first fact that is said wrong, in words; empty if there is none."""
    for name, (said, true) in facts.items():
        if said != true:
            return f"{name} {shown(said)} where it is {shown(true)}"
    return ""
