"""The report of an audit as one JSON document: what was audited, how, by what, what holds, and what it came to."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any

from web3 import Web3

from anomalyhive.audit.audited import Audited
from anomalyhive.audit.measuring import Measuring
from anomalyhive.audit.naming import exact, root_name
from anomalyhive.audit.reading import Questions
from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.replay import replay
from anomalyhive.audit.report import Findings
from anomalyhive.audit.spending import read_spent, spent_in
from anomalyhive.audit.summary import Lineage, summarise
from anomalyhive.chain.rpc import answering
from anomalyhive.content.cid import cid_text

FORMAT = "anomalyhive audit report 1"
"""Stands in every report, so that a signature under it is good for nothing else."""


@dataclass(frozen=True)
class Circumstances:
    """How an audit was made.

    ``made_at`` is in unix seconds; ``head`` is number and hash of the block that was audited up to, None where only the
    log tells; ``test_rows`` the dataset that quality was measured on, None where there was none; ``chunks`` whether raw
    chunks were counted again.
    """

    made_at: int
    head: tuple[int, bytes] | None = None
    test_rows: bytes | None = None
    chunks: bool = False


def document_of(
    audited: Audited, made_at: int, web3: Web3 | None = None, run: Path | None = None, chunks: bool = False
) -> dict[str, Any]:
    """The document of an audit that was made at ``made_at`` (unix seconds).

    ``web3`` is its chain, which is asked for receipts; ``run`` the folder of a run, which may have rows to measure on.
    Raises ChainFailure.
    """
    record = audited.record
    spent = spent_in(audited.calls)
    if web3 is not None and not spent:
        spent = read_spent(web3, record.events)
    measure = None if run is None else Measuring.of_run(run, audited.store)
    lineage = Lineage(record, replay(record, Findings()), audited.store, spent, measure)
    test_rows = None if measure is None else measure.digest
    how = Circumstances(made_at, None if web3 is None else _head(web3, record), test_rows, chunks)
    return build_document(audited, summarise(lineage), how)


def build_document(audited: Audited, summary: Mapping[str, Any], how: Circumstances) -> dict[str, Any]:
    """The document. Everything in it is text, whole numbers below 2^53, truth values, lists and objects."""
    content = audited.report.as_json()
    for line, check in zip(content["checks"], audited.report.checks, strict=True):
        line["places"] = [
            {"task": one.task, "round": one.round, "digest": one.digest.hex() if one.digest else None}
            for one in check.failures
        ]
    parts = {
        "format": FORMAT,
        "audited": _audited(audited, summary, how),
        "made": {
            "at": datetime.fromtimestamp(how.made_at, timezone.utc).isoformat().replace("+00:00", "Z"),
            "versions": _versions(),
            "recomputed_basis_points": audited.options.recompute,
            "entropy": audited.options.entropy.hex(),
            "chunks_counted_again": how.chunks,
            "chain_asked": audited.record.answers is not None,
        },
    }
    return dict(exact({**parts, **content, **summary}))


def _head(web3: Web3, record: ChainRecord) -> tuple[int, bytes] | None:
    """The block whose state the events were held against."""
    if not isinstance(record.answers, Questions):
        return None
    with answering("eth_getBlockByNumber"):
        return record.answers.block, bytes(web3.eth.get_block(record.answers.block)["hash"])


def _audited(audited: Audited, summary: Mapping[str, Any], how: Circumstances) -> dict[str, Any]:
    record, deployment, root = audited.record, audited.record.deployment, audited.root
    last = record.events[-1] if record.events else None
    return {
        "chain_id": deployment.chain_id,
        "hive": deployment.hive,
        "registry": deployment.registry,
        "token": deployment.token,
        "sums_checked_on_chain": deployment.verify_sums,
        "tasks": [task["task"] for task in summary["tasks"]],
        "events": len(record.events),
        "last_event": None if last is None else {"block": last.block, "hash": last.block_hash.hex()},
        "head": None if how.head is None else {"block": how.head[0], "hash": how.head[1].hex()},
        "export": None if root is None else {"digest": root.digest.hex(), "cid": cid_text(root)},
        "test_rows": None if how.test_rows is None else root_name(how.test_rows),
    }


def _versions() -> dict[str, str]:
    """What the result depends on: this program and the libraries that compute for it."""
    return {"python": platform.python_version(), **{name: version(name) for name in ("anomalyhive", "numpy", "web3")}}
