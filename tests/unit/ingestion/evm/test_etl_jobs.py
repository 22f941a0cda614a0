"""What blockchain-etl expects of single jobs: receipts, logs and token transfers alone, and exports without answers."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from anomalyhive.cli import run
from anomalyhive.ingestion.chains import CHAINS
from anomalyhive.ingestion.evm.receipts import log_tables
from anomalyhive.ingestion.evm.schema import TOKEN_TRANSFERS
from anomalyhive.ingestion.evm.transfers import transfer

from ..recordings import Recording, load
from ..serving import rpc, serving
from .test_etl import ELSEWHERE, EVM, PLACES, RENAMED, assert_same, expected, rows

RECEIPTS = {
    "ethereum-etl/test_export_receipts_job/receipts_with_logs": "test_export_blocks_job/block_with_logs",
    "polygon-etl/test_export_receipts_job/receipts_with_logs": "test_export_blocks_job/blocks_with_transactions",
    "polygon-etl/test_export_receipts_job/receipts_with_logs_eip_1559": "test_stream/block_eip_1559",
}
"""Where receipts are expected -> where the answer with their block is, of the same chain."""

EXPORTS = (
    ("test_export_blocks_job/blocks_with_transactions_and_withdrawals", "csv"),
    ("test_export_blocks_job/blocks_with_transactions_and_withdrawals", "json"),
    ("test_stream/blocks_17173049_17173050", "json"),
)
"""Expected tables of which no answer of a node was recorded: they are read as exports of ethereum-etl."""

OTHER_NETWORKS = {"l1_fee", "l1_gas_used", "l1_gas_price", "l1_fee_scalar", "block_hash", "chain", "topics"}


def all_expected(folder: Path, table: str) -> list[list[dict[str, Any]]]:
    """Each form in which a table is expected, CSV and JSON, its rows by their place on the chain."""
    found = []
    for path in sorted(folder.glob(f"expected_{table}.*")):
        text = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()).decode()
        read = csv.DictReader(text.splitlines()) if ".csv" in path.name else map(json.loads, text.splitlines())
        place = "log_index" if table == "logs" else "transaction_index"
        found.append(sorted(({**one} for one in read), key=lambda row: (int(row["block_number"]), int(row[place]))))
    return found


def ingested(source: str, chain: str, numbers: range, out: Path) -> Path:
    """The tables that the command writes."""
    asked = ["--chain", chain, "--source", source, "--blocks", f"{numbers.start}:{numbers.stop}", "--out", str(out)]
    assert run(["ingest", *asked, "--unfinal"]) == 0
    assert json.loads((out / "manifest.json").read_text())["quarantine"]["blocks"] == 0
    return out


@pytest.mark.parametrize("job", RECEIPTS)
def test_receipts_and_logs_over_rpc_agree_with_every_file_that_is_expected(job: str, tmp_path: Path) -> None:
    chain = job.partition("-")[0]
    answers = Recording.of_folder(EVM / job.partition("/")[0] / RECEIPTS[job], CHAINS[chain].chain_id or 0)
    receipts = Recording.of_folder(EVM / job, answers.chain_id).receipts
    answers.receipts = receipts
    (number,) = {int(one["blockNumber"], 16) for one in receipts.values()}
    assert len(answers.blocks[number]["transactions"]) == len(receipts)
    with serving(rpc(answers)) as served:
        out = ingested(served.url, chain, range(number, number + 1), tmp_path / "out")
    for table in ("receipts", "logs"):
        forms = all_expected(EVM / job, table)
        assert forms
        for theirs in forms:
            for given, mine in zip(theirs, rows(out, table), strict=True):
                for name, value in given.items():
                    if name not in OTHER_NETWORKS:
                        ours = mine[{"effective_gas_price": "effective_gas_price_wei"}.get(name, name)]
                        assert (None if value in ("", None) else str(value)) == (ours if ours is None else str(ours))
                if table == "logs":
                    topics = given["topics"].split(",") if isinstance(given["topics"], str) else given["topics"]
                    ours = [mine[f"topic{place}"] for place in range(4)]
                    assert ours == (topics + [None] * 4)[:4]


@pytest.mark.parametrize("chain", ["ethereum", "polygon"])
def test_token_transfers_of_recorded_logs_are_those_that_are_expected(chain: str) -> None:
    folder = EVM / f"{chain}-etl/test_export_token_transfers_job/block_with_transfers"
    (answer,) = folder.glob("*eth_getFilterLogs*")
    logs = load(answer)
    (number,) = {int(one["blockNumber"], 16) for one in logs}
    _, transfers = log_tables((number, 0), [{"logs": logs}])
    theirs = expected(folder, "token_transfers")
    assert theirs
    for given, mine in zip(theirs, transfers.to_pylist(), strict=True):
        assert set(given) <= {*TOKEN_TRANSFERS.names}
        assert {name: str(mine[name]) for name in given} == given


@pytest.mark.parametrize("chain", ["ethereum", "polygon"])
def test_token_transfers_of_exported_logs_are_those_that_are_expected(chain: str, tmp_path: Path) -> None:
    folder = EVM / f"{chain}-etl/test_extract_token_transfers_job/logs"
    (tmp_path / "etl").mkdir()
    shutil.copy(folder / "logs.csv", tmp_path / "etl/logs.csv")
    (number,) = {int(one["block_number"]) for one in csv.DictReader((folder / "logs.csv").open())}
    out = ingested(str(tmp_path / "etl"), chain, range(number, number + 1), tmp_path / "out")
    found = []
    for log in rows(out, "logs"):
        topics = [log[f"topic{place}"] for place in range(log["topic_count"])]
        if (made := transfer(topics, log["data"])) is not None:
            names = ("token_address", "from_address", "to_address", "value", "transaction_hash", "log_index")
            values = (log["address"], *made[1:], log["transaction_hash"], str(log["log_index"]))
            found.append({**dict(zip(names, values, strict=True)), "block_number": str(number)})
    assert found == expected(folder, "token_transfers")


@pytest.mark.parametrize(("job", "form"), EXPORTS)
def test_export_gives_each_of_its_fields_back(job: str, form: str, tmp_path: Path) -> None:
    folder, etl = EVM / "ethereum-etl" / job, tmp_path / "etl"
    etl.mkdir()
    for path in folder.glob(f"expected_*.{form}*"):
        shutil.copy(path, etl / path.name.removeprefix("expected_"))
    out = ingested(str(etl), "ethereum", range(17_173_049, 17_173_051), tmp_path / "out")
    seen: set[str] = set()
    for table in (one for one in RENAMED if list(etl.glob(f"{one}.*"))):
        theirs = expected(folder, table) or []
        theirs.sort(key=lambda row: [int(row[name]) for name in PLACES[table]])  # used at once
        for given, mine in zip(theirs, rows(out, table), strict=True):
            assert_same(table, given, mine, seen)
            assert not {*given} - ELSEWHERE[table] - seen
            if table == "logs":
                wanted = given["topics"].split(",") if isinstance(given["topics"], str) else given["topics"]
                assert [mine[f"topic{place}"] for place in range(4)] == (wanted + [None] * 4)[:4]
    blocks = expected(folder, "blocks") or []
    given = [one["withdrawals"] for one in blocks]
    lists = [json.loads(f"[{one}]") if isinstance(one, str) else one for one in given]
    assert [one["withdrawal_count"] for one in rows(out, "blocks")] == [16, 16] == [len(one) for one in lists]
    made = [
        {"index": one["withdrawal_index"], "validator_index": one["validator_index"]}
        | {"address": one["address"], "amount": one["amount_gwei"]}
        for one in pq.read_table(out / "withdrawals.parquet").to_pylist()
    ]
    assert made == [one for some in lists for one in some]
