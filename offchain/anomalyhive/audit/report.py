"""What an audit says: a line for every check, with how much was checked and everything that does not hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "contracts": "contracts have the code of this version",
        "blocks": "blocks of the store have their digests, are all there and all belong to the lineage",
        "events": "events of the contracts follow from those before them and from the rules",
        "datasets": "shards and rows are what the task's spec says",
        "updates": "updates name their author, shard, round and base, and have honest shapes and bounds",
        "openings": "commitments open to the vectors of their updates",
        "vectors": "vectors are, bit for bit, what the rows of their shards give",
        "sums": "sums of commitments and of vectors are those of the accepted updates",
        "verdicts": "verdicts say what their validators revealed",
        "commits": "revealed verdicts are those that were committed before",
        "scores": "scores are the information in the updates",
        "medians": "medians and acceptance follow from the scores",
        "rewards": "rewards, slashes and escrow are split by the rules",
        "claims": "claims pay what was earned, once, to the owner",
        "tokens": "every token is accounted for",
        "models": "models are, bit for bit, what their parent and their sum give",
        "parents": "models have no gap in their chain of parents",
        "state": "values that the contracts hold are those that their events give",
    }
)
"""Name of a check -> what holds if it does, in the order of the lineage."""

RAW_CHECKS: Mapping[str, str] = MappingProxyType(
    {
        "rows": "rows are, bit for bit, what the partial statistics of all chunks and the labels give",
        "chunks": "partial statistics are, bit for bit, what their chunks give",
    }
)
"""Further checks of tasks on raw transactions, after `datasets`; in the report where there was such a thing."""

FILE_CHECKS: Mapping[str, str] = MappingProxyType(
    {"log": "events stand in the blocks that are named: by receipts roots, block hashes and links to parents"}
)
"""A further check of an export, the first of all; in the report where the log came from a file."""

_ALL: Mapping[str, str] = MappingProxyType(
    {
        name: title
        for above in (*FILE_CHECKS.items(), *CHECKS.items())
        for name, title in (above, *(RAW_CHECKS.items() if above[0] == "datasets" else ()))
    }
)


@dataclass(frozen=True)
class Failure:
    """Something that does not hold: where in the lineage, and what is wrong there."""

    what: str
    task: int | None = None
    round: int | None = None
    digest: bytes | None = None

    def __str__(self) -> str:
        """The place and the fault as one line."""
        place = [f"task {self.task}"] if self.task is not None else []
        if self.round is not None:
            place.append(f"round {self.round}")
        return f"{', '.join(place)}: {self.what}" if place else self.what


@dataclass(frozen=True)
class Check:
    """One line: ``count`` things were checked, ``failures`` do not hold."""

    name: str
    title: str
    count: int
    failures: tuple[Failure, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


@dataclass(frozen=True)
class Anchor:
    """Blocks of a chain without a gap, by number; ``hash`` is that of the last, from which all others follow."""

    first: int
    last: int
    hash: bytes


@dataclass(frozen=True)
class AuditReport:
    """All checks, in the order of the lineage; ``rests_on`` are the blocks that a file's log stands or falls with."""

    checks: tuple[Check, ...]
    rests_on: tuple[Anchor, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether all of the lineage holds."""
        return all(check.holds for check in self.checks)

    @property
    def failures(self) -> tuple[tuple[str, Failure], ...]:
        """Every failure with the name of its check."""
        return tuple((check.name, failure) for check in self.checks for failure in check.failures)

    def check(self, name: str) -> Check:
        """The line of that name."""
        return next(check for check in self.checks if check.name == name)

    def as_json(self) -> dict[str, Any]:
        """``holds``, each check -> count, ``checks`` with their titles and failures in words, and what it rests on."""
        return {
            "holds": self.holds,
            **{check.name: check.count for check in self.checks},
            "checks": [
                {
                    "name": check.name,
                    "title": check.title,
                    "count": check.count,
                    "failures": [str(failure) for failure in check.failures],
                }
                for check in self.checks
            ],
            **({"rests_on": [_anchor_as_json(one) for one in self.rests_on]} if self.rests_on else {}),
        }


def _anchor_as_json(anchor: Anchor) -> dict[str, Any]:
    return {"first": anchor.first, "last": anchor.last, "hash": f"0x{anchor.hash.hex()}"}


@dataclass
class Findings:
    """Where the checks write down what they see."""

    rests_on: list[Anchor] = field(default_factory=list)
    _counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_ALL, 0))
    # Keys alone: a fault that several checks meet on their way is noted once.
    _failures: dict[str, dict[Failure, None]] = field(default_factory=lambda: {name: {} for name in _ALL})

    def count(self, check: str, number: int = 1) -> None:
        """So many more things were checked."""
        self._counts[check] += number

    def fail(
        self,
        check: str,
        what: str,
        task: int | None = None,
        round_: int | None = None,
        digest: bytes | None = None,
    ) -> None:
        """Something does not hold."""
        self._failures[check][Failure(what, task, round_, digest)] = None

    def report(self) -> AuditReport:
        """What was found so far."""
        return AuditReport(
            tuple(
                Check(name, title, self._counts[name], tuple(self._failures[name]))
                for name, title in _ALL.items()
                if name in CHECKS or self._counts[name] or self._failures[name]
            ),
            tuple(self.rests_on),
        )
