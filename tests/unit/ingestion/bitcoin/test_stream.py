"""bitcoin-etl's stream of two blocks, which looked up what the inputs spend: over RPC, and as an export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from tests.unit.ingestion.chainblocks import (
    RESOURCES,
    as_etl_blocks,
    as_etl_input,
    as_etl_output,
    expected,
    recorded,
    without,
)
from tests.unit.ingestion.serving import rpc, serving

from anomalyhive.cli import run

STREAM = "stream_50001_50002"
OF_SPENT = ("type", "addresses", "value", "required_signatures")
"""Of an input, what only the output says that it spends."""


def streamed(table: str) -> list[dict[str, Any]]:
    return without(expected("bitcoin", STREAM, table), "type", "item_id")


def ingested(source: str, out: Path) -> dict[str, list[dict[str, Any]]]:
    asked = ["--chain", "bitcoin", "--source", source, "--blocks", "50001:50003", "--out", str(out)]
    assert run(["ingest", *asked, "--unfinal"]) == 0
    assert json.loads((out / "manifest.json").read_text())["quarantine"]["blocks"] == 0
    return {path.stem: pq.read_table(path).to_pylist() for path in out.glob("*.parquet")}


def flat(rows: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return without([one for row in rows for one in row[name]], "script_asm")


def assert_transactions(ours: list[dict[str, Any]], *not_compared: str) -> None:
    for mine, given in zip(ours, streamed("transactions"), strict=True):
        left = set(given) - {"inputs", "outputs", "block_hash", *not_compared}
        assert {name: mine[{"index": "transaction_index"}.get(name, name)] for name in left} == {
            name: given[name] for name in left
        }


def test_stream_over_rpc_agrees_but_for_what_the_spent_outputs_tell(tmp_path: Path) -> None:
    answers = recorded("bitcoin", STREAM)
    with serving(rpc(lambda name, params: 50002 if name == "getblockcount" else answers(name, params))) as served:
        ours = ingested(served.url, tmp_path)
    assert as_etl_blocks(ours["blocks"]) == streamed("blocks")
    assert_transactions(ours["transactions"], "input_value", "fee")
    assert [one["fee"] for one in ours["transactions"]] == [0, None, None, 0]
    theirs = streamed("transactions")
    assert [as_etl_output(one) for one in ours["outputs"]] == flat(theirs, "outputs")
    inputs = [as_etl_input(one) for one in ours["inputs"]]
    assert without(inputs, *OF_SPENT) == without(flat(theirs, "inputs"), *OF_SPENT)
    assert {(one["type"], one["address"], one["value"]) for one in ours["inputs"]} == {(None, None, None)}


def test_stream_as_an_export_agrees_in_what_the_spent_outputs_tell_too(tmp_path: Path) -> None:
    etl = tmp_path / "etl"
    etl.mkdir()
    for table in ("blocks", "transactions"):
        text = (RESOURCES / "bitcoin/bitcoin-etl" / STREAM / f"expected_{table}.json").read_bytes()
        (etl / f"{table}.json").write_bytes(text)
    ours = ingested(str(etl), tmp_path / "out")
    assert as_etl_blocks(ours["blocks"]) == streamed("blocks")
    assert_transactions(ours["transactions"])
    theirs = streamed("transactions")
    assert [as_etl_output(one) for one in ours["outputs"]] == flat(theirs, "outputs")
    inputs = [{**as_etl_input(one), "addresses": [one["address"]]} for one in ours["inputs"]]
    assert without(inputs, "required_signatures") == without(flat(theirs, "inputs"), "required_signatures")
