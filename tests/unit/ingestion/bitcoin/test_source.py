"""Bitcoin over a real HTTP server that replays blocks, and the same rows as bitcoin-etl."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.unit.ingestion.chainblocks import (
    ETL_FOLDERS,
    as_etl_blocks,
    as_etl_input,
    as_etl_output,
    expected,
    first_blocks,
    named,
    recorded,
    without,
)
from tests.unit.ingestion.serving import Served, rpc, serving

from anomalyhive.errors import BadSetting, Refused
from anomalyhive.ingestion.bitcoin.decode import decode
from anomalyhive.ingestion.bitcoin.networks import BITCOIN, ZCASH
from anomalyhive.ingestion.bitcoin.schema import SCHEMAS
from anomalyhive.ingestion.bitcoin.source import BITCOIN_FAMILY, NodeSource
from anomalyhive.ingestion.block import Block, Unreadable
from anomalyhive.ingestion.transport import JsonRpc


def read(served: Served, numbers: range) -> list[Any]:
    source = NodeSource(JsonRpc([served.url]), "bitcoin", BITCOIN_FAMILY)
    try:
        return list(source.blocks(numbers))
    finally:
        source.close()


def raw_node(blocks: dict[int, bytes], forms: tuple[Any, ...] = (0,)) -> Any:
    """A node that serves blocks as bytes, its hashes their numbers' but for those of the real ones."""
    hashes = {number: decode(number, raw, BITCOIN).hash.hex() for number, raw in blocks.items()}
    numbers = {digest: number for number, digest in hashes.items()}

    def method(name: str, params: Any) -> Any:
        if name == "getblockcount":
            return max(blocks)
        if name == "getblockhash":
            return BITCOIN.genesis if params[0] == 0 else hashes[params[0]]
        if params[1] not in forms or type(params[1]) not in {type(one) for one in forms}:
            return {"error": {"code": -1, "message": "JSON value is not a boolean as expected"}}
        return blocks[numbers[params[0]]].hex()

    return method


@pytest.mark.parametrize("folder", ETL_FOLDERS["bitcoin"])
def test_blocks_of_recorded_answers_agree_with_bitcoin_etl(folder: str) -> None:
    blocks = expected("bitcoin", folder, "blocks")
    with serving(rpc(recorded("bitcoin", folder))) as served:
        given = read(served, range(blocks[0]["number"], blocks[-1]["number"] + 1))
    assert all(isinstance(one, Block) and one.faults == () for one in given)
    assert as_etl_blocks([named(one, SCHEMAS, "blocks")[0] for one in given]) == blocks
    transactions = [row for one in given for row in named(one, SCHEMAS, "transactions")]
    theirs = expected("bitcoin", folder, "transactions")
    same = ("hash", "size", "virtual_size", "version", "lock_time", "is_coinbase", "input_count", "output_count")
    for ours, other in zip(transactions, theirs, strict=True):
        assert {name: ours[name] for name in same} == {name: other[name] for name in same}
        assert ours["output_value"] == other["output_value"]
        assert (ours["block_number"], ours["transaction_index"]) == (other["block_number"], other["index"])
        assert ours["block_timestamp"] == other["block_timestamp"]
        # Theirs is 0, and the fee what comes out, where the spent outputs are not known: ours is null.
        assert ours["input_value"] == (0 if ours["is_coinbase"] else None)
        assert ours["fee"] == (0 if ours["is_coinbase"] else None)
    outputs = [as_etl_output(row) for one in given for row in named(one, SCHEMAS, "outputs")]
    assert outputs == without([row for one in theirs for row in one["outputs"]], "script_asm")
    inputs = [as_etl_input(row) for one in given for row in named(one, SCHEMAS, "inputs")]
    assert inputs == without([row for one in theirs for row in one["inputs"]], "script_asm")


@pytest.mark.parametrize("forms", [(0,), (False,)])
def test_blocks_as_bytes_are_read_from_new_and_old_nodes(forms: tuple[Any, ...]) -> None:
    blocks = dict(first_blocks())
    with serving(rpc(raw_node(blocks, forms))) as served:
        given = read(served, range(1, 256))
    assert [one.number for one in given] == list(range(1, 256))
    assert all(one.faults == () for one in given)
    assert [one.raw for one in given] == list(blocks.values())


def test_block_that_is_another_than_the_one_asked_for_has_a_fault() -> None:
    blocks = dict(first_blocks())
    honest = raw_node(blocks)

    def lying(name: str, params: Any) -> Any:
        return blocks[2].hex() if name == "getblock" else honest(name, params)

    with serving(rpc(lying)) as served:
        (block,) = read(served, range(1, 2))
    assert any("was asked for" in fault for fault in block.faults)


@pytest.mark.parametrize("answer", ["00", "xx", None, 7, [], {"tx": []}, {"tx": [{}]}])
def test_answer_that_is_no_block_is_unreadable(answer: Any) -> None:
    honest = raw_node(dict(first_blocks()))
    with serving(rpc(lambda name, params: answer if name == "getblock" else honest(name, params))) as served:
        (block,) = read(served, range(1, 2))
    assert isinstance(block, Unreadable)
    assert block.reason.startswith("value: ")
    assert block.raw in (b"\x00", json.dumps(answer).encode())


def test_source_of_another_chain_is_refused_naming_it() -> None:
    with (
        serving(rpc(lambda *_: ZCASH.genesis)) as served,
        pytest.raises(BadSetting, match="that of zcash mainnet"),
    ):
        NodeSource(JsonRpc([served.url]), "bitcoin", BITCOIN_FAMILY)


def test_block_that_the_node_does_not_have_is_refused_in_its_words() -> None:
    honest = raw_node(dict(first_blocks()))
    pruned = {"error": {"code": -1, "message": "Block not available (pruned data)"}}
    with (
        serving(rpc(lambda name, params: pruned if name == "getblock" else honest(name, params))) as served,
        pytest.raises(Refused, match="pruned data"),
    ):
        read(served, range(1, 2))
