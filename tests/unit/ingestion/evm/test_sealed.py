"""Blocks read back from what their hashes are over: Ethereum's main net, fork by fork, and forms that are none."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from anomalyhive.ingestion.evm.header import header_rlp
from anomalyhive.ingestion.evm.rlp import Item, decode, encode
from anomalyhive.ingestion.evm.sealed import Header, Receipt, Sent
from anomalyhive.ingestion.evm.sealing import sealed_items
from anomalyhive.ingestion.evm.trie import ordered_root
from anomalyhive.ingestion.evm.values import Malformed

from ..recordings import load
from .test_decode import MAINNET, NUMBERS, block


@pytest.mark.parametrize("number", NUMBERS)
def test_block_of_every_fork_reads_back_as_the_node_told_it(number: int) -> None:
    told = block(number)
    header = Header.read(header_rlp(told))
    assert f"0x{header.hash.hex()}" == told["hash"]
    assert (header.number, hex(header.time)) == (number, told["timestamp"])
    encoded, _ = sealed_items(told, told["transactions"], [])
    assert ordered_root(encoded) == header.transactions
    for data, said in zip(encoded, told["transactions"], strict=True):
        sent = Sent.read(data)
        assert (f"0x{sent.hash.hex()}", f"0x{sent.input.hex()}") == (said["hash"], said["input"])
        assert (sent.target or b"").hex() == (said["to"] or "0x").lower()[2:]


def test_receipts_of_a_block_read_back_and_its_bloom_filter_has_every_address_that_wrote() -> None:
    told, receipts = load(MAINNET / "21925176_block.json"), load(MAINNET / "21925176_receipts.json.gz")
    header = Header.read(header_rlp(told))
    _, kept = sealed_items({**told, "transactions": []}, [], [])
    assert kept == []
    transactions = [{"hash": one} for one in told["transactions"]]
    with pytest.raises(Malformed):  # ids alone are no transactions
        sealed_items(told, transactions, receipts)
    silent = 0
    for said in receipts:
        _, (data,) = sealed_items(told, [block(NUMBERS[0])["transactions"][0]], [said])
        receipt = Receipt.read(data)
        assert hex(receipt.cumulative_gas) == said["cumulativeGasUsed"]
        for log, other in zip(receipt.logs, said["logs"], strict=True):
            assert [f"0x{topic.hex()}" for topic in log.topics] == other["topics"]
            assert (f"0x{log.address.hex()}", f"0x{log.data.hex()}") == (other["address"].lower(), other["data"])
            assert header.may_hold([bytes(20), log.address])
        silent += not receipt.logs
    assert silent
    # A filter of a full block lets some strangers pass, and not all of them.
    strangers = [keccak(bytes([number]))[:20] for number in range(100)]
    assert sum(header.may_hold([one]) for one in strangers) < 90


FIRST = NUMBERS[0]


@pytest.mark.parametrize("change", ["cut", "long", "number", "hash", "no list"])
def test_header_of_another_form_is_refused(change: str) -> None:
    fields = decode(header_rlp(block(FIRST)))
    assert isinstance(fields, list)
    made: dict[str, Item] = {
        "cut": fields[:-1],
        "long": [*fields, *[b""] * 7],
        "number": [*fields[:8], b"\0", *fields[9:]],
        "hash": [b"\1" * 31, *fields[1:]],
        "no list": b"header",
    }
    with pytest.raises(Malformed):
        Header.read(encode(made[change]))


LOG: list[Item] = [bytes(20), [bytes(32)], b"data"]


@pytest.mark.parametrize(
    "receipt",
    [
        b"",
        b"\x02",
        encode([b"\1", b"\1", bytes(256)]),
        encode([b"\1", b"\1", bytes(256), [[bytes(19), [], b""]]]),
        encode([b"\1", b"\1", bytes(256), [[bytes(20), [bytes(32)] * 5, b""]]]),
        encode([b"\1", b"\1", bytes(256), [[bytes(20), [bytes(31)], b""]]]),
        encode([b"\1", b"\0\1", bytes(256), []]),
    ],
)
def test_receipt_of_another_form_is_refused(receipt: bytes) -> None:
    assert Receipt.read(b"\x02" + encode([b"\1", b"\1", bytes(256), [LOG]])).logs[0].data == b"data"
    with pytest.raises(Malformed):
        Receipt.read(receipt)


SHORT_TARGET = encode([b"", b"", b"", bytes(19), b"", b"", b"", b"", b""])


@pytest.mark.parametrize("sent", [b"", b"\x7e" + encode([b""] * 9), encode([b""] * 8), SHORT_TARGET])
def test_transaction_of_another_form_is_refused(sent: bytes) -> None:
    with pytest.raises(Malformed):
        Sent.read(sent)
