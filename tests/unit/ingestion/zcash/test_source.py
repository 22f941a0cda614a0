"""Zcash over a real HTTP server that replays recorded answers, and the same rows as bitcoin-etl."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.ingestion.chainblocks import (
    ETL_FOLDERS,
    as_etl_blocks,
    as_etl_input,
    as_etl_output,
    expected,
    named,
    recorded,
    without,
)
from tests.unit.ingestion.serving import rpc, serving

from anomalyhive.ingestion.bitcoin.source import NodeSource
from anomalyhive.ingestion.block import Block
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.ingestion.zcash.schema import SCHEMAS
from anomalyhive.ingestion.zcash.source import ZCASH_FAMILY


def open_parts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return without([row for row in rows if row["type"] != "shielded"], "script_asm")


def shielded(rows: list[dict[str, Any]]) -> list[int]:
    return [row["value"] for row in rows if row["type"] == "shielded"]


@pytest.mark.parametrize("folder", ETL_FOLDERS["zcash"])
def test_blocks_of_recorded_answers_agree_with_bitcoin_etl(folder: str) -> None:
    blocks = expected("zcash", folder, "blocks")
    with serving(rpc(recorded("zcash", folder))) as served:
        source = NodeSource(JsonRpc([served.url]), "zcash", ZCASH_FAMILY)
        given = list(source.blocks(range(blocks[0]["number"], blocks[-1]["number"] + 1)))
        source.close()
    assert all(isinstance(one, Block) and one.faults == () for one in given)
    (block,) = given
    assert as_etl_blocks(named(block, SCHEMAS, "blocks")) == blocks
    theirs = expected("zcash", folder, "transactions")
    for place, (ours, other) in enumerate(zip(named(block, SCHEMAS, "transactions"), theirs, strict=True)):
        same = ("hash", "version", "lock_time", "is_coinbase", "block_number", "block_timestamp")
        assert {name: ours[name] for name in same} == {name: other[name] for name in same}
        inputs = [row for row in named(block, SCHEMAS, "inputs") if row["transaction_index"] == place]
        outputs = [row for row in named(block, SCHEMAS, "outputs") if row["transaction_index"] == place]
        assert without([as_etl_input(row) for row in inputs], "index") == without(open_parts(other["inputs"]), "index")
        assert without([as_etl_output(row) for row in outputs], "index") == without(
            open_parts(other["outputs"]), "index"
        )
        # What bitcoin-etl calls shielded inputs and outputs are the amounts that cross the pools' borders.
        splits = [row for row in named(block, SCHEMAS, "joinsplits") if row["transaction_index"] == place]
        balance = ours["sapling_balance"]
        came = [row["vpub_new"] for row in splits if row["vpub_new"]] + [balance] * (balance > 0)
        went = [row["vpub_old"] for row in splits if row["vpub_old"]] + [-balance] * (balance < 0)
        assert sorted(shielded(other["inputs"])) == sorted(came)
        assert sorted(shielded(other["outputs"])) == sorted(went)
        # Theirs adds those amounts to the open ones, and has 0 where what is spent is not known.
        assert other["input_count"] == ours["input_count"] + len(came)
        assert other["output_count"] == ours["output_count"] + len(went)
        assert other["output_value"] == ours["output_value"] + sum(went)
        assert other["input_value"] == (ours["input_value"] or 0) + sum(came)
        assert ours["input_value"] == (None if ours["input_count"] else 0)
        # A fee is told where nothing open is spent, and theirs is right only there.
        assert ours["fee"] == (None if ours["input_count"] else 0 if ours["is_coinbase"] else other["fee"])
