"""A live Monero chain into tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from typer.testing import CliRunner

from anomalyhive.cli import app
from anomalyhive.errors import BadSetting
from anomalyhive.ingestion.chains import CHAINS

from .conftest import Live, post


def rows(out: Path, table: str) -> list[dict[str, Any]]:
    return list(pq.read_table(out / f"{table}.parquet").to_pylist())


def ingest(live: Live, out: Path, *more: str) -> Any:
    final = live.blocks - CHAINS["monero"].finality
    command = ["ingest", "--chain", "monero", "--source", live.url, "--blocks", f"0:{final}", "--out", str(out)]
    return CliRunner().invoke(app, [*command, *more])


def test_live_chain_gives_every_block_and_the_transfer_with_its_amounts_hidden(live: Live, tmp_path: Path) -> None:
    done = ingest(live, tmp_path)
    assert done.exit_code == 0, done.output
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["quarantine"]["blocks"] == 0
    blocks = rows(tmp_path, "blocks")
    assert [row["block_number"] for row in blocks] == list(range(live.blocks - CHAINS["monero"].finality))
    stated = post(live.url, "get_block_headers_range", start_height=0, end_height=len(blocks) - 1)["headers"]
    assert [row["hash"] for row in blocks] == [one["hash"] for one in stated]
    assert manifest["chain_id"] == stated[0]["hash"]
    assert [row["reward"] for row in blocks] == [one["reward"] for one in stated]
    (transfer,) = (row for row in rows(tmp_path, "transactions") if not row["is_miner"])
    assert (transfer["hash"], transfer["fee"], transfer["block_number"]) == (live.transfer, live.fee, live.height)
    assert transfer["ringct_type"] == 6  # Bulletproofs+, since 0.18
    assert blocks[live.height]["transaction_count"] == 2
    spent = rows(tmp_path, "inputs")
    assert spent
    assert {row["amount"] for row in spent} == {None}
    assert min(row["ring_size"] for row in spent) > 1
    made = [row for row in rows(tmp_path, "outputs") if row["block_number"] == live.height]
    assert all(0 <= row["view_tag"] < 256 for row in made)
    assert [row["amount"] for row in made] == [blocks[live.height]["reward"]] + [None] * transfer["output_count"]


def test_live_chain_gives_the_same_bytes_however_it_is_asked(live: Live, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    assert ingest(live, one).exit_code == ingest(live, two, "--workers", "1", "--batch", "3").exit_code == 0
    assert {path.name: path.read_bytes() for path in one.iterdir()} == {
        path.name: path.read_bytes() for path in two.iterdir()
    }


def test_range_beyond_the_final_block_of_a_live_chain_is_refused(live: Live, tmp_path: Path) -> None:
    done = ingest(live, tmp_path, "--blocks", f"0:{live.blocks}")
    assert isinstance(done.exception, BadSetting)
    assert "monero is final 10 blocks deep" in str(done.exception)
    assert not (tmp_path / "manifest.json").exists()
