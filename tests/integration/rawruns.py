"""Federations on raw transactions for tests: the sample in chunks, cut otherwise, and specs exchanged for others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from federations import Outcome
from test_audit.lineages import Forger, first

from anomalyhive.audit import opened_chain, read_record
from anomalyhive.chain.deployment import Deployment
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kinds import Spec
from anomalyhive.federation.settings import Settings
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.features import NAMES

SAMPLE = Path(__file__).parents[2] / "data" / "ethereum-transactions"
LABELS = SAMPLE / "labels.csv"
KEPT = ("sent", "received", "sent_micro", "distinct_sent_to", "life", "gap_most", "received_size_0_share")


def raw(**chosen: Any) -> Settings:
    """Settings on the sample's chunks with a few columns: short vectors."""
    dropped = tuple(name for name in NAMES if name not in KEPT)
    defaults = {"data": "", "label": "flag", "nodes": 3, "rounds": 2, "validators": 1, "shards": str(SAMPLE)}
    return Settings(**{**defaults, "labels": str(LABELS), "drop": dropped, **chosen})


def cut_again(folder: Path, chunks: int) -> Path:
    """The same blocks in another number of chunks."""
    found = find_chunks(SAMPLE)
    whole = pa.concat_tables(pq.read_table(one.transactions) for one in found)
    edges = [int(one) for one in np.quantile(whole.column("block_number").to_numpy(), np.arange(1, chunks) / chunks)]
    bounds = [found[0].start, *edges, found[-1].stop]
    folder.mkdir()
    shutil.copy(SAMPLE / "token_transfers.parquet", folder)
    for number, (low, high) in enumerate(pairwise(bounds)):
        block = whole.column("block_number")
        part = whole.filter(pc.and_(pc.greater_equal(block, low), pc.less(block, high)))
        pq.write_table(part, folder / f"transactions_{number:02}_{low}_{high - 1}.parquet")
    return folder


def spec_of(outcome: Outcome) -> Spec:
    store = DirectoryStore(outcome.folder / "store", read_only=True)
    with opened_chain(outcome.folder) as web3:
        record = read_record(web3, Deployment.read(outcome.folder / "chain" / "deployment.json"))
    return Spec.fetch(store, first(record, "TaskCreated")["spec"])


def forge(forger: Forger, change: Callable[[Spec], Spec]) -> dict[str, list[str]]:
    """What the audit says after the spec was exchanged for a changed one, on chain too."""
    digest = first(forger.record, "TaskCreated")["spec"]
    forger.replace_root(digest, change(Spec.fetch(forger.store, digest)).publish(forger.store))
    return forger.failures()
