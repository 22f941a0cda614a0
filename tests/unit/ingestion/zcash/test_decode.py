"""Real blocks of every upgrade in, rows out; and one thing wrong at a time."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.unit.ingestion.chainblocks import RESOURCES, named, parsed, zcash_raws

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin.assemble import Assembled
from anomalyhive.ingestion.bitcoin.networks import ZCASH
from anomalyhive.ingestion.zcash.assemble import assemble
from anomalyhive.ingestion.zcash.decode import decode
from anomalyhive.ingestion.zcash.schema import SCHEMAS

RAWS = zcash_raws()
NU5 = 1_687_107


@pytest.mark.parametrize("height", RAWS)
def test_decode_of_a_real_block_finds_no_fault_and_fits_the_schemas(height: int) -> None:
    block = decode(height, Assembled(RAWS[height]), ZCASH)
    assert block.faults == ()
    for table, schema in SCHEMAS.items():
        if block.rows[table]:
            columns = list(zip(*block.rows[table], strict=True))
            held = pa.table([pa.array(values, one.type) for values, one in zip(columns, schema, strict=True)], schema)
            held.validate(full=True)


def test_recorded_blocks_reach_every_version_and_pool() -> None:
    blocks = [decode(height, Assembled(raw), ZCASH) for height, raw in RAWS.items()]
    rows = [row for block in blocks for row in named(block, SCHEMAS, "transactions")]
    assert {row["version"] for row in rows} == {1, 2, 3, 4, 5}
    for column in ("joinsplit_count", "sapling_spend_count", "sapling_output_count", "orchard_action_count"):
        assert any(row[column] for row in rows)


def test_decode_of_blocks_in_a_row_links_them() -> None:
    blocks = [decode(height, Assembled(RAWS[height]), ZCASH) for height in range(11)]
    assert [one.parent_hash for one in blocks[1:]] == [one.hash for one in blocks[:-1]]


@pytest.mark.parametrize("at", [0, 4, 36, 68, 100, 104, 108, 143, 700, 1486])
def test_decode_of_a_header_with_one_bit_flipped_finds_a_fault(at: int) -> None:
    raw = bytearray(RAWS[NU5])
    raw[at] ^= 1
    assert decode(NU5, Assembled(bytes(raw)), ZCASH).faults


def test_decode_with_a_wrong_solution_names_equihash() -> None:
    raw = bytearray(RAWS[NU5])
    raw[1000] ^= 1
    assert any("Equihash(200, 9)" in fault for fault in decode(NU5, Assembled(bytes(raw)), ZCASH).faults)


def test_decode_of_a_truncated_or_longer_block_names_the_byte() -> None:
    for raw in (RAWS[NU5][:100], RAWS[NU5][:1490], RAWS[NU5][:-1], RAWS[NU5] + b"\0"):
        with pytest.raises(BadInput, match="byte"):
            decode(NU5, Assembled(raw), ZCASH)


def test_decode_of_an_unknown_version_names_it() -> None:
    raw = RAWS[1]
    with pytest.raises(BadInput, match="version 7"):
        decode(1, Assembled(raw[:1488] + (7).to_bytes(4, "little") + raw[1492:]), ZCASH)


def test_fee_shows_where_nothing_open_is_spent_and_is_null_elsewhere() -> None:
    rows = named(decode(903_000, Assembled(RAWS[903_000]), ZCASH), SCHEMAS, "transactions")
    coinbase, *others = rows
    assert (coinbase["fee"], coinbase["input_value"]) == (0, 0)
    assert {one["fee"] is None for one in others} == {True, False}
    for one in others:
        assert (one["fee"] is None) == bool(one["input_count"])
        assert one["fee"] is None or 0 <= one["fee"] < 10**6


def test_answer_of_zebra_with_parsed_transactions_gives_its_own_hashes() -> None:
    answer = parsed(RESOURCES / "zcash/zebra-rpc/getblock_response_2.json")
    block = decode(2_222_000, assemble(answer), ZCASH)
    assert (block.faults, block.hash.hex(), len(block.raw)) == ((), answer["hash"], answer["size"])
    rows = named(block, SCHEMAS, "transactions")
    assert [one["hash"] for one in rows] == [one["txid"] for one in answer["tx"]]
    assert [one["size"] for one in rows] == [one["size"] for one in answer["tx"]]
    values = [output["valueZat"] for one in answer["tx"] for output in one["vout"]]
    assert [one["value"] for one in named(block, SCHEMAS, "outputs")] == values
    addresses = [output["scriptPubKey"]["addresses"] for one in answer["tx"] for output in one["vout"]]
    assert [[one["address"]] for one in named(block, SCHEMAS, "outputs")] == addresses
    assert [one["orchard_action_count"] for one in rows] == [
        len(one.get("orchard", {}).get("actions", [])) for one in answer["tx"]
    ]
