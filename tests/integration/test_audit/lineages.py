"""A real run with cheaters in it, audited: it holds as it is, and not with anything in it changed.

The run is made once: two honest trainers, one that flips its labels, one that stops to publish in round 2, and four
validators, of which one never reveals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import federations
from adversaries import Silent

from anomalyhive.audit import AuditReport, ChainRecord, View, audit_lineage
from anomalyhive.chain.views import RoundView
from anomalyhive.content.cid import Codec, Link, cid_text
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.federation.settings import Settings

ROUNDS, NODES, REVEALED = 2, 4, 3

KEPT = ("Sent tnx", "Received Tnx", "total Ether sent", "total ether received", "Unique Sent To Addresses")


def few_columns(**chosen: Any) -> Settings:
    """Settings that learn from five columns: short vectors, and an audit that takes a tenth of a second."""
    header = federations.ACCOUNTS.read_text().splitlines()[0].split(",")
    dropped = tuple(name for name in header if name not in (*KEPT, "FLAG", "Address"))
    return federations.accounts(drop=dropped, **chosen)


class Vanishing(Silent):
    """Publishes in round 1 alone."""

    def publish(self, view: RoundView) -> bool:
        return view.round == 1 and super(Silent, self).publish(view)


@dataclass(frozen=True)
class Lineage:
    """The chain of the run, up and asked once for everything, and a copy of its store that tests may damage."""

    record: ChainRecord
    store: DirectoryStore

    def audit(self, **changes: Any) -> AuditReport:
        """The audit with another record."""
        return audit_lineage(replace(self.record, **changes), self.store)


def remembering(record: ChainRecord) -> Any:
    """Answers that ask the chain once for each view."""
    known: dict[View, Any] = {}

    def answers(views: Sequence[View]) -> list[Any]:
        assert record.answers is not None
        new = [view for view in views if view not in known]
        known.update(zip(new, record.answers(new), strict=True))
        return [known[view] for view in views]

    return answers


def files_of(store: DirectoryStore) -> list[tuple[Link, Path]]:
    return [(link, store.file_of(link.digest, link.codec)) for link in store.digests()]


def named(report: AuditReport, link: Link) -> bool:
    """Whether the audit failed and its line on blocks names the block, both ways."""
    lines = [str(failure) for failure in report.check("blocks").failures]
    return not report.holds and any(link.digest.hex() in line and cid_text(link) in line for line in lines)


@dataclass
class Forger:
    """Changes content and log together, so that each names the other; without a chain that could be asked."""

    record: ChainRecord
    store: DirectoryStore

    def replace_root(self, old: bytes, new: bytes) -> None:
        """Remove a root, and let the log name another."""
        self.store.file_of(old, Codec.DAG_CBOR).unlink(missing_ok=True)
        self.record = replace(
            self.record,
            answers=None,
            events=[
                replace(one, values={name: new if value == old else value for name, value in one.values.items()})
                for one in self.record.events
            ],
        )

    def failures(self) -> dict[str, list[str]]:
        report = audit_lineage(self.record, self.store)
        return {check.name: [str(one) for one in check.failures] for check in report.checks if not check.holds}


def first(record: ChainRecord, name: str, **values: Any) -> Mapping[str, Any]:
    return next(
        one.values
        for one in record.events
        if one.name == name and all(one.values[key] == value for key, value in values.items())
    )
