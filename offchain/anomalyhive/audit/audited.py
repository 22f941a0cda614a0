"""What an audit found, with what it found it in: for whoever shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.report import AuditReport
from anomalyhive.audit.rounds import Options
from anomalyhive.content.cid import Link
from anomalyhive.content.store import Store


@dataclass(frozen=True)
class Happened:
    """A transaction with events of the hive: whom it called (None: nobody), with what, and the gas that it used."""

    hash: bytes
    target: bytes | None
    input: bytes
    gas: int


@dataclass(frozen=True)
class Audited:
    """The report, and the record, the store and the options that it is about.

    Of a file: ``root`` names the export, and ``calls`` are the transactions with events, by hash.
    """

    record: ChainRecord
    store: Store
    options: Options
    report: AuditReport
    root: Link | None = None
    calls: Mapping[bytes, Happened] = field(default_factory=dict)
