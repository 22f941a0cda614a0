"""Blocks of Ethereum's main net, fork by fork: everything in them is bound to the hash, and one change breaks it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from eth_utils.crypto import keccak

from anomalyhive.ingestion.block import Block, Unreadable
from anomalyhive.ingestion.evm.decode import decode
from anomalyhive.ingestion.evm.sealing import STATE_SYNC, receipt_faults, state_syncs, transaction_faults
from anomalyhive.ingestion.evm.transfers import TRANSFER, transfer

from ..recordings import RESOURCES, load

MAINNET = RESOURCES / "evm" / "mainnet"
NUMBERS = sorted(int(path.name.partition(".")[0]) for path in MAINNET.glob("*[0-9].json.gz"))
BLOBS = 19934116


def block(number: int) -> Any:
    return load(MAINNET / f"{number}.json.gz")


@pytest.mark.parametrize("number", NUMBERS)
def test_block_of_every_fork_holds(number: int) -> None:
    given = block(number)
    made = decode(number, given, None)
    assert isinstance(made, Block)
    assert made.faults == ()
    assert made.rows["transactions"].num_rows == len(given["transactions"])
    assert f"0x{made.hash.hex()}" == given["hash"]


def changed(place: str, value: Any) -> Callable[[Any], None]:
    def change(given: Any) -> None:
        given["transactions"][0][place] = value

    return change


def swap(given: Any) -> None:
    given["transactions"][0], given["transactions"][1] = given["transactions"][1], given["transactions"][0]


def renumber(given: Any) -> None:
    swap(given)
    for place, one in enumerate(given["transactions"]):
        one["transactionIndex"] = hex(place)


def drop(given: Any) -> None:
    given["transactions"].pop()


def withdraw_more(given: Any) -> None:
    given["withdrawals"][0]["amount"] = "0x1"


BROKEN = {
    "value": (changed("value", "0x5"), "transaction hash"),
    "to": (changed("to", "0x" + "12" * 20), "transaction hash"),
    "input": (changed("input", "0x12"), "transaction hash"),
    "nonce": (changed("nonce", "0x0"), "transaction hash"),
    "hash": (changed("hash", "0x" + "12" * 32), "transaction hash"),
    "type": (changed("type", "0x7e"), "transaction type"),
    "block": (changed("blockHash", "0x" + "12" * 32), "transaction"),
    "order": (swap, "transaction"),
    "order and numbers": (renumber, "transactions root"),
    "one fewer": (drop, "transactions root"),
    "withdrawal": (withdraw_more, "withdrawals root"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_block_with_one_thing_changed_has_a_fault_that_names_it(name: str) -> None:
    change, kind = BROKEN[name]
    given = block(BLOBS)
    change(given)
    made = decode(BLOBS, given, None)
    assert isinstance(made, Block)
    assert {fault.partition(":")[0] for fault in made.faults} == {kind}
    assert not made.rows
    assert made.raw


@pytest.mark.parametrize("given", [None, 5, "0x", [], {}, {"number": "0x1"}])
def test_what_is_no_block_is_unreadable(given: Any) -> None:
    made = decode(1, given, None)
    assert isinstance(made, Unreadable)
    assert made.reason.startswith("value: ")


@pytest.mark.parametrize("uncles", [5, True, "0x", {}])
def test_block_whose_uncles_are_no_list_is_unreadable(uncles: Any) -> None:
    made = decode(BLOBS, {**block(BLOBS), "uncles": uncles}, None)
    assert isinstance(made, Unreadable)
    assert made.reason == f"value: uncles {uncles!r} is no list"


def test_receipts_hash_to_the_root_and_no_change_of_a_log_goes_unseen() -> None:
    given, receipts = load(MAINNET / "21925176_block.json"), load(MAINNET / "21925176_receipts.json.gz")
    transactions = [{"hash": one} for one in given["transactions"]]
    assert receipt_faults(given, transactions, receipts) == []
    for path in (("logs", 0, "data"), ("logs", 0, "address"), ("status",), ("cumulativeGasUsed",)):
        wrong = copy.deepcopy(receipts)
        holder = wrong[0]
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = "0x" + "00" * 20
        (fault,) = receipt_faults(given, transactions, wrong)
        assert fault.startswith("receipts root: what was given has 0x")


def test_state_sync_of_polygon_is_no_part_of_the_roots() -> None:
    given = block(46147)
    derived = keccak(STATE_SYNC + (46147).to_bytes(8, "big") + bytes.fromhex(given["hash"][2:]))
    synced = [*given["transactions"], {**given["transactions"][0], "hash": f"0x{derived.hex()}"}]
    assert state_syncs(given, given["transactions"]) == 0
    assert state_syncs(given, synced) == 1
    assert transaction_faults(given, synced) == []
    (fault,) = transaction_faults(given, [*given["transactions"], given["transactions"][0]])
    assert fault.startswith("transactions root")


A, B = "12" * 20, "34" * 20
PADDED_A, PADDED_B = f"0x{A.rjust(64, '0')}", f"0x{B.rjust(64, '0')}"
WORD = "0x" + "f" * 64


@pytest.mark.parametrize(
    ("topics", "data", "found"),
    [
        ([TRANSFER, PADDED_A, PADDED_B], WORD, (20, f"0x{A}", f"0x{B}", str(2**256 - 1))),
        ([TRANSFER, PADDED_A, PADDED_B, WORD], "0x", (721, f"0x{A}", f"0x{B}", str(2**256 - 1))),
        ([TRANSFER], f"0x{PADDED_A[2:]}{PADDED_B[2:]}{'0' * 63}7", (20, f"0x{A}", f"0x{B}", "7")),
        ([TRANSFER, PADDED_A, PADDED_B], "0x", None),
        ([TRANSFER, PADDED_A, PADDED_B], WORD[:-1], None),
        ([TRANSFER, PADDED_A, PADDED_B, WORD], WORD, None),
        ([PADDED_A, PADDED_A, PADDED_B], WORD, None),
        ([], WORD, None),
    ],
)
def test_transfer_is_read_from_what_both_standards_and_old_contracts_log(topics: Any, data: str, found: Any) -> None:
    assert transfer(topics, data) == found
