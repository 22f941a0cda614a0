"""The audit of an export: with no chain and no daemon, or held against the chain that it is of."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from web3 import Web3

from anomalyhive.audit.audited import Audited
from anomalyhive.audit.export.confirming import confirm, doubt
from anomalyhive.audit.export.opening import inventory_of, open_export, read_log
from anomalyhive.audit.lineage import Progress, audit_lineage, silent
from anomalyhive.audit.reading import Questions
from anomalyhive.audit.report import AuditReport, Findings
from anomalyhive.audit.rounds import ALL, Options
from anomalyhive.metrics.chunks import Chunk


@contextlib.contextmanager
def audited_export(
    path: Path,
    progress: Progress = silent,
    recompute: int = ALL,
    chunks: Sequence[Chunk] | None = None,
    web3: Web3 | None = None,
) -> Iterator[Audited]:
    """Audit a file, which stays open within the context; with ``web3``, its blocks and state are asked of the chain.

    Raises BadInput where the file is no export, ContentFailure or AuditFailure where its frame is damaged or cut,
    ChainFailure where the chain that is to confirm it does not answer.
    """
    progress("blocks", 0, 1)
    opened = open_export(path)
    with opened.store:
        progress("blocks", 1, 1)
        findings = Findings()
        record, proving = read_log(opened, findings, progress)
        if web3 is None:
            doubt(proving, findings)
        else:
            confirm(web3, opened.deployment, proving, findings)
            record = replace(record, answers=Questions(web3, opened.deployment, proving.stretches[-1].last))
        options = Options(recompute, secrets.token_bytes(32))
        inventory = inventory_of(opened, proving, findings)
        report = audit_lineage(record, opened.store, options, progress, (), chunks, inventory)
        yield Audited(record, opened.store, options, report, opened.root, proving.calls)


def audit_export(
    path: Path,
    progress: Progress = silent,
    recompute: int = ALL,
    chunks: Sequence[Chunk] | None = None,
    web3: Web3 | None = None,
) -> AuditReport:
    """The report on a file; see `audited_export`."""
    with audited_export(path, progress, recompute, chunks, web3) as audited:
        return audited.report
