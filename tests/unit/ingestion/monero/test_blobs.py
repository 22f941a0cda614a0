"""Blocks and transactions of Monero from their bytes."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anomalyhive.content.varint import varint
from anomalyhive.ingestion.monero.cursor import Cursor, Malformed
from anomalyhive.ingestion.monero.header import parse_block
from anomalyhive.ingestion.monero.transaction import Transaction, parse, parse_pruned

from .recorded import ANSWERS, FOLDER, PRUNED, answer, recorded_transactions

RAW = sorted((FOLDER / "raw").glob("*.bin"))
VECTORS = json.loads((FOLDER / "raw" / "transactions_vectors.json").read_text())
WHOLE = [one for one in recorded_transactions(*ANSWERS, "get_transactions.json") if one[0]["as_hex"]]
STRIPPED = recorded_transactions(PRUNED)


def id_of(path: Path, blob: bytes) -> bytes | None:
    return parse_block(blob).id if path.name.startswith("block_") else parse(blob).id


def fields(made: Transaction) -> dict[str, Any]:
    """In the words of monerod."""
    spent = [
        {"amount": one.amount, "ring": one.ring_size, "k_image": one.key_image.hex()} for one in made.inputs
    ]  # fmt: skip
    return {
        "version": made.version,
        "unlock_time": made.unlock_time,
        "height": made.height,
        "vin": spent,
        "vout": [(one.amount, one.key.hex(), one.view_tag) for one in made.outputs],
        "extra": list(made.extra),
        "type": made.ringct_type,
        "fee": made.fee,
    }


def told(json_: dict[str, Any]) -> dict[str, Any]:
    """The same from a transaction that monerod decoded."""
    keys = [one["key"] for one in json_["vin"] if "key" in one]
    ringct = json_.get("rct_signatures", {})
    return {
        "version": json_["version"],
        "unlock_time": json_["unlock_time"],
        "height": next((one["gen"]["height"] for one in json_["vin"] if "gen" in one), None),
        "vin": [
            {"amount": one["amount"], "ring": len(one["key_offsets"]), "k_image": one["k_image"]} for one in keys
        ],
        "vout": [(one["amount"], one["target"]["key"], None) for one in json_["vout"]],
        "extra": json_["extra"],
        "type": ringct.get("type"),
        "fee": ringct.get("txnFee"),
    }  # fmt: skip


@pytest.mark.parametrize("path", RAW, ids=lambda path: path.stem[:12])
def test_recorded_blob_hashes_to_its_name(path: Path) -> None:
    found = id_of(path, path.read_bytes())
    assert found is not None
    assert found.hex() == path.stem.partition("_")[2]


def test_block_202612_has_the_id_of_its_decree_only_with_its_own_bytes() -> None:
    (path,) = (one for one in RAW if "bbd604d2" in one.name)
    blob = bytearray(path.read_bytes())
    assert parse_block(bytes(blob)).height == 202612
    blob[-1] ^= 1
    assert parse_block(bytes(blob)).id.hex() != path.stem.partition("_")[2]


@pytest.mark.parametrize("vector", [one for one in VECTORS if len(one["hex"]) > 400], ids=lambda one: one["id"][:8])
def test_vector_gives_its_id_and_its_fields(vector: dict[str, Any]) -> None:
    whole = parse(bytes.fromhex(vector["hex"]))
    assert whole.id is not None
    assert whole.id.hex() == vector["id"]


@pytest.mark.parametrize("name", ["chunking-10-block-693324.json", "get_block_2288515.json"])
def test_block_of_a_daemon_gives_the_ids_that_the_daemon_states(name: str) -> None:
    given_ = answer(name)
    block = parse_block(bytes.fromhex(given_["blob"]))
    assert block.id.hex() == given_["block_header"]["hash"]
    assert block.miner.id is not None
    assert block.miner.id.hex() == given_["miner_tx_hash"]
    assert [one.hex() for one in block.transactions] == given_["tx_hashes"]


def test_whole_transactions_give_the_fields_and_ids_that_the_daemon_states() -> None:
    assert len(WHOLE) == 106
    for one, json_ in WHOLE:
        made = parse(bytes.fromhex(one["as_hex"]))
        assert made.id is not None
        assert (made.id.hex(), fields(made)) == (one["tx_hash"], told(json_))


def test_pruned_transactions_give_the_fields_and_ids_that_the_daemon_states() -> None:
    for one, json_ in STRIPPED:
        made = parse_pruned(bytes.fromhex(one["pruned_as_hex"]), bytes.fromhex(one["prunable_hash"]))
        assert made.id is not None
        assert (made.id.hex(), fields(made)) == (one["tx_hash"], told(json_))


def test_pruned_transaction_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(Malformed, match="it is pruned"):
        parse(bytes.fromhex(STRIPPED[0][0]["pruned_as_hex"]))


def test_transaction_before_ringct_shows_its_amounts() -> None:
    json_ = answer("v1_tx-263444.json.gz")
    made = parse(_serialized(json_))
    assert fields(made) == told(json_)
    assert len(made.inputs) == 1245
    assert sum(one.amount for one in made.inputs) - sum(one.amount for one in made.outputs) > 0
    with pytest.raises(Malformed, match="signatures at byte"):
        parse(_serialized(json_)[:-1])


def _serialized(json_: dict[str, Any]) -> bytes:
    """The bytes of a transaction of version 1 that monerod decoded."""
    parts = [varint(json_["version"]), varint(json_["unlock_time"]), varint(len(json_["vin"]))]
    for one in json_["vin"]:
        key = one["key"]
        parts += [b"\x02", varint(key["amount"]), varint(len(key["key_offsets"])), *map(varint, key["key_offsets"])]
        parts.append(bytes.fromhex(key["k_image"]))
    parts.append(varint(len(json_["vout"])))
    for one in json_["vout"]:
        parts += [varint(one["amount"]), b"\x02", bytes.fromhex(one["target"]["key"])]
    parts += [varint(len(json_["extra"])), bytes(json_["extra"]), *map(bytes.fromhex, json_["signatures"])]
    return b"".join(parts)


@given(st.integers(0, 2**64 - 1))
def test_varint_is_read_as_it_was_written(value: int) -> None:
    cursor = Cursor(varint(value))
    assert cursor.varint("value") == value
    assert cursor.left == 0


@pytest.mark.parametrize(
    ("blob", "words"),
    [
        (varint(2**64), "wider than 64 bits"),
        (b"\xff" * 11, "wider than 64 bits"),
        (b"\x80\x00", "not in its shortest form"),
        (b"\x80", "wants 1 bytes, 0 are left"),
    ],
)
def test_varint_that_is_none_is_refused(blob: bytes, words: str) -> None:
    with pytest.raises(Malformed, match=words):
        Cursor(blob).varint("value")


def test_count_beyond_the_blob_is_refused_before_anything_is_read() -> None:
    with pytest.raises(Malformed, match=r"number of inputs 18446744073709551615 at byte 2 is more than 0 bytes"):
        parse(b"\x02\x00" + varint(2**64 - 1))


@pytest.mark.parametrize(
    ("blob", "words"),
    [
        (b"", "version at byte 0"),
        (b"\x03\x00", "version 3"),
        (b"\x01\x00\x00", "has no inputs"),
        (b"\x01\x00\x01\x00\x00", "tag 0x00 of an input at byte 3"),
        (b"\x01\x00\x02\xff\x01\xff\x01\x00\x00", "tag 0xff of an input"),
        (b"\x02\x00\x01\xff\x01\x00\x00\x07", "RingCT type 7"),
        (b"\x02\x00\x01\xff\x01\x00\x00\x00\x00", "followed by 1 bytes"),
    ],
)
def test_transaction_that_cannot_be_is_refused_by_its_value(blob: bytes, words: str) -> None:
    with pytest.raises(Malformed, match=words):
        parse(blob)


@given(st.data())
def test_blob_cut_anywhere_is_refused(drawn: st.DataObject) -> None:
    path = drawn.draw(st.sampled_from(RAW))
    blob = path.read_bytes()
    cut = blob[: drawn.draw(st.integers(0, len(blob) - 1))]
    try:
        found = id_of(path, cut)
    except Malformed:
        return
    # Only the proofs of RingCT have no end that could be missed; then the id is another.
    assert found is not None
    assert found.hex() != path.stem.partition("_")[2]


@given(st.data())
def test_blob_with_a_bit_flipped_is_refused_or_has_another_id(drawn: st.DataObject) -> None:
    path = drawn.draw(st.sampled_from(RAW))
    blob = bytearray(path.read_bytes())
    place = drawn.draw(st.integers(0, 8 * min(len(blob), 4000) - 1))
    blob[place // 8] ^= 1 << place % 8
    try:
        found = id_of(path, bytes(blob))
    except Malformed:
        return
    assert found is not None
    assert found.hex() != path.stem.partition("_")[2]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(blob: bytes) -> None:
    for reader in (parse, parse_block, lambda given_: parse_pruned(given_, bytes(32))):
        with contextlib.suppress(Malformed):
            assert reader(blob).size <= len(blob)
