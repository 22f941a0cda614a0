"""The audit of a hive where it lives: a chain that is asked, and stores that hold other things too."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from web3 import Web3

from anomalyhive.audit.audited import Audited
from anomalyhive.audit.blocks import Inventory
from anomalyhive.audit.lineage import Progress, audit_lineage, silent
from anomalyhive.audit.reading import read_record
from anomalyhive.audit.report import Findings
from anomalyhive.audit.rounds import ALL, Options
from anomalyhive.chain.deployment import Deployment
from anomalyhive.content.store import Store
from anomalyhive.metrics.chunks import Chunk


def audit_live(
    web3: Web3,
    deployment: Deployment,
    store: Store,
    progress: Progress = silent,
    recompute: int = ALL,
    chunks: Sequence[Chunk] | None = None,
) -> Audited:
    """Audit a hive; of the store only what the lineage needs is read. Raises ChainFailure, ContentFailure."""
    options = Options(recompute, secrets.token_bytes(32))
    progress("chain", 0, 1)
    record = read_record(web3, deployment)
    progress("chain", 1, 1)
    inventory = Inventory(store, Findings(), listed=False)
    report = audit_lineage(record, store, options, progress, (), chunks, inventory)
    return Audited(record, store, options, report)
