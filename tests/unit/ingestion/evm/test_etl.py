"""Recorded answers of Ethereum and Polygon nodes against the tables that blockchain-etl makes of them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from anomalyhive.ingestion.chains import CHAINS
from anomalyhive.ingestion.evm.source import EvmSource
from anomalyhive.ingestion.pipeline import ingest

from ..clock import Clock
from ..recordings import RESOURCES, Recording
from ..serving import rpc, serving
from ..watching import Watch

from anomalyhive.ingestion.transport import JsonRpc  # isort: skip

EVM = RESOURCES / "evm"

FOLDERS = sorted(
    {path.parent for path in EVM.rglob("expected_blocks.*") if any(path.parent.glob("*eth_getBlockByNumber*"))}
)
"""Of those without recorded answers see `test_etl_jobs`."""

RENAMED = {
    "blocks": {"number": "block_number", "timestamp": "block_timestamp", "base_fee_per_gas": "base_fee_per_gas_wei"},
    "transactions": {
        "gas_price": "gas_price_wei",
        "max_fee_per_gas": "max_fee_per_gas_wei",
        "max_priority_fee_per_gas": "max_priority_fee_per_gas_wei",
    },
    "logs": {},
    "token_transfers": {},
}
"""Column of blockchain-etl -> ours, where the name differs."""

ELSEWHERE = {
    # What a node adds up and newer ones no longer tell; in tables of their own; of other networks; repeated.
    "blocks": {"total_difficulty", "withdrawals"},
    "transactions": {"block_hash", "input", "value", "topics", "receipt_root", "receipt_cumulative_gas_used"}
    | {"receipt_effective_gas_price", "receipt_l1_fee", "receipt_l1_gas_used", "receipt_l1_gas_price"}
    | {"receipt_l1_fee_scalar", "chain"},
    "logs": {"block_hash", "topics", "chain"},
    "token_transfers": {"block_hash", "chain"},
}
"""Columns of blockchain-etl that are compared in a way of their own, or not at all."""

PLACES = {
    "blocks": ("number",),
    "transactions": ("block_number", "transaction_index"),
    "logs": ("block_number", "log_index"),
    "token_transfers": ("block_number", "log_index"),
}
"""What a table is ordered by."""

ENVELOPE = {"type", "item_id", "item_timestamp", "chain"}


def expected(folder: Path, table: str) -> list[dict[str, Any]] | None:
    """The rows that blockchain-etl gives; None where it was not asked for the table."""
    for path in sorted(folder.glob(f"expected_{table}.*")):
        text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
        if ".csv" in path.name:
            return [{k: v if v != "" else None for k, v in row.items()} for row in csv.DictReader(io.StringIO(text))]
        return [{k: v for k, v in json.loads(line).items() if k not in ENVELOPE} for line in text.splitlines()]
    return None


def run_of(folder: Path) -> tuple[Recording, str]:
    name = "polygon" if "polygon-etl" in folder.parts else "ethereum"
    return Recording.of_folder(folder, CHAINS[name].chain_id or 0), name


def ingested(folder: Path, out: Path) -> Path:
    """The tables of a folder's blocks, through a server and the whole pipeline."""
    recording, name = run_of(folder)
    numbers = range(min(recording.blocks), max(recording.blocks) + 1)
    recording.head = numbers.stop - 1 + CHAINS[name].finality
    watch = Watch()
    with serving(rpc(recording)) as served, JsonRpc([served.url], patience=Clock().patience()) as client:
        source = EvmSource(client, CHAINS[name], receipts=bool(recording.receipts))
        ingest(source, CHAINS[name], numbers, out, watch)
    assert not watch.set_aside
    return out


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    return list(pq.read_table(out / f"{table}.parquet").to_pylist())


def assert_same(table: str, given: dict[str, Any], ours: dict[str, Any], seen: set[str]) -> None:
    for name, value in given.items():
        if name in ELSEWHERE[table]:
            continue
        mine = ours[RENAMED[table].get(name, name)]
        assert (None if mine is None else str(mine)) == (None if value is None else str(value)), (name, given)
        seen.add(name)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.parent.name}-{folder.name}")
def test_tables_agree_with_blockchain_etl_field_by_field(folder: Path, tmp_path: Path) -> None:
    out = ingested(folder, tmp_path)
    seen: set[str] = set()
    for table in RENAMED:
        theirs = expected(folder, table)
        if theirs is None:
            continue
        # Streamed files are in the order in which requests were answered.
        theirs.sort(key=lambda row: [int(row[name]) for name in PLACES[table]])  # used at once
        ours = rows(out, table)
        assert len(ours) == len(theirs), table
        for given, mine in zip(theirs, ours, strict=True):
            assert_same(table, given, mine, seen)
            if table == "transactions":
                assert mine["value_gwei"] * 10**9 + mine["value_wei_rest"] == int(given["value"])
                assert mine["input_length"] == (len(given["input"]) - 2) // 2
                assert mine["input_selector"] == (given["input"][:10] if len(given["input"]) >= 10 else "0x")
            if table == "logs":
                topics = [mine[f"topic{place}"] for place in range(mine["topic_count"])]
                wanted = given["topics"].split(",") if isinstance(given["topics"], str) else given["topics"]
                assert topics == [topic for topic in wanted if topic]
    assert {"number", "hash", "gas_used"} <= seen


@pytest.mark.parametrize("folder", [one for one in FOLDERS if "stream" in one.parent.name], ids=lambda one: one.name)
def test_receipts_agree_with_what_blockchain_etl_joins_to_transactions(folder: Path, tmp_path: Path) -> None:
    theirs = expected(folder, "transactions") or []
    ours = rows(ingested(folder, tmp_path), "receipts")
    for given, mine in zip(theirs, ours, strict=True):
        assert mine["transaction_hash"] == given["hash"]
        assert mine["cumulative_gas_used"] == given["receipt_cumulative_gas_used"]
        assert mine["root"] == given["receipt_root"]
        assert mine["effective_gas_price_wei"] == given["receipt_effective_gas_price"]
