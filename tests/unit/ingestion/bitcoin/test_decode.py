"""Real blocks in, rows out; and one thing wrong at a time."""

from __future__ import annotations

import pyarrow as pa
import pytest
from tests.unit.ingestion.chainblocks import BITCOIN_HEIGHTS, bitcoin_raw, first_blocks, named

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin.decode import decode
from anomalyhive.ingestion.bitcoin.networks import BITCOIN
from anomalyhive.ingestion.bitcoin.schema import SCHEMAS

SMALL = "block169482.dat.gz"
BIG = "block_00000000000000000000_0c835b2a.raw.gz"


def wrong_with(raw: bytes) -> tuple[str, ...]:
    """The faults of a block, or why it is none."""
    try:
        return decode(169_482, raw, BITCOIN).faults
    except BadInput as error:
        return (str(error),)


@pytest.mark.parametrize("name", BITCOIN_HEIGHTS)
def test_decode_of_a_real_block_finds_no_fault_and_fits_the_schemas(name: str) -> None:
    block = decode(BITCOIN_HEIGHTS[name], bitcoin_raw(name), BITCOIN)
    assert block.faults == ()
    for table, schema in SCHEMAS.items():
        columns = list(zip(*block.rows[table], strict=True))
        held = pa.table([pa.array(values, one.type) for values, one in zip(columns, schema, strict=True)], schema)
        held.validate(full=True)


def test_decode_of_the_first_blocks_links_them() -> None:
    parent = bytes.fromhex(BITCOIN.genesis)
    for number, raw in first_blocks():
        block = decode(number, raw, BITCOIN)
        assert (block.faults, block.parent_hash) == ((), parent)
        parent = block.hash
    assert number == 255


def test_decode_of_a_block_with_witnesses_counts_sizes_types_and_addresses() -> None:
    block = decode(702_861, bitcoin_raw(BIG), BITCOIN)
    (row,) = named(block, SCHEMAS, "blocks")
    assert row["hash"] == "000000000000000000000c835b2adcaedc20fdf6ee440009c249452c726dafae"
    assert row["size"] == len(block.raw)
    assert row["weight"] == 3 * row["stripped_size"] + row["size"]
    assert sum(one["weight"] for one in named(block, SCHEMAS, "transactions")) < row["weight"] <= 4_000_000
    outputs = named(block, SCHEMAS, "outputs")
    assert {one["type"] for one in outputs if one["address"] is None} == {"nulldata"}
    assert {one["address"][:3] for one in outputs if one["type"] == "witness_v0_keyhash"} == {"bc1"}


def test_decode_leaves_what_the_spent_output_would_tell_null() -> None:
    block = decode(169_482, bitcoin_raw(SMALL), BITCOIN)
    coinbase, *others = named(block, SCHEMAS, "transactions")
    assert (coinbase["input_count"], coinbase["input_value"], coinbase["fee"]) == (0, 0, 0)
    assert {(one["input_value"], one["fee"]) for one in others} == {(None, None)}
    inputs = named(block, SCHEMAS, "inputs")
    assert {(one["type"], one["address"], one["value"]) for one in inputs} == {(None, None, None)}


@pytest.mark.parametrize("at", [0, 4, 36, 68, 76, 90, 200, -1])
def test_decode_of_a_block_with_one_bit_flipped_finds_a_fault(at: int) -> None:
    raw = bytearray(bitcoin_raw(SMALL))
    raw[at] ^= 1
    assert wrong_with(bytes(raw))


def test_decode_with_a_witness_changed_names_the_commitment() -> None:
    raw = bitcoin_raw(BIG)
    block = decode(702_861, raw, BITCOIN)
    at = raw.rindex(b"\x47\x30\x44")  # a signature in the last witness that has one
    changed = raw[: at + 8] + bytes([raw[at + 8] ^ 1]) + raw[at + 9 :]
    again = decode(702_861, changed, BITCOIN)
    assert again.hash == block.hash
    assert len(again.faults) == 1
    assert "witnesses: the coinbase commits to" in again.faults[0]


def test_decode_with_the_last_transactions_repeated_names_the_repetition() -> None:
    raw = bitcoin_raw("block227836.dat.gz")  # 100 transactions: 25 in the third level, so the last 4 repeat
    block = decode(227_836, raw, BITCOIN)
    sizes = [one["size"] for one in named(block, SCHEMAS, "transactions")]
    assert (len(sizes), raw[80]) == (100, 100)
    doubled = raw[:80] + bytes([104]) + raw[81:] + raw[-sum(sizes[-4:]) :]
    faults = decode(227_836, doubled, BITCOIN).faults
    assert any("CVE-2012-2459" in fault for fault in faults)
    assert not any("is not that of the transactions" in fault for fault in faults)


def test_decode_at_another_height_names_the_height_in_the_coinbase() -> None:
    (fault,) = decode(702_862, bitcoin_raw(BIG), BITCOIN).faults
    assert "not with height 702862 (BIP-34)" in fault


@pytest.mark.parametrize("size", [0, 79, 80, 81, 500, 14_000])
def test_decode_of_a_truncated_block_names_the_byte(size: int) -> None:
    with pytest.raises(BadInput, match="byte"):
        decode(169_482, bitcoin_raw(SMALL)[:size], BITCOIN)


def test_decode_with_bytes_behind_the_block_refuses_them() -> None:
    with pytest.raises(BadInput, match="1 bytes too many"):
        decode(169_482, bitcoin_raw(SMALL) + b"\0", BITCOIN)


def test_decode_of_a_count_that_cannot_be_refuses_it_at_once() -> None:
    with pytest.raises(BadInput, match="items of"):
        decode(169_482, bitcoin_raw(SMALL)[:80] + b"\xff" + b"\xff" * 8, BITCOIN)
