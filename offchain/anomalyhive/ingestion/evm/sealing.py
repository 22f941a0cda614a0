"""What binds a block's transactions, receipts and withdrawals to its header: the roots over them, recomputed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from anomalyhive.ingestion.evm.envelopes import FIELDS
from anomalyhive.ingestion.evm.keccak import keccak
from anomalyhive.ingestion.evm.tokens import BARE, BYTES, QUANTITY, Bytes, Places, Tokens, hashes
from anomalyhive.ingestion.evm.trie import root_of
from anomalyhive.ingestion.evm.values import Malformed, objects, quantity, required, shown

Json = Mapping[str, Any]

LISTS = ("accessList", "blobVersionedHashes", "authorizationList")

AUTHORIZATION = ("chainId", "address", "nonce", "yParity", "r", "s")
"""Fields of a tuple of EIP-7702."""

NOTHING: tuple[Bytes, Places] = np.zeros(0, np.uint8), np.zeros(1, np.int64)
"""The encodings of no items, and where they begin."""

STATE_SYNC = b"matic-bor-receipt-"
"""What Bor hashes, with number and hash of the block, for the id of a transaction that its roots leave out."""


def transaction_faults(block: Json, transactions: Sequence[Json]) -> list[str]:
    """What does not hold of the transactions: their ids, and the root over them. Raises Malformed."""
    sealed = transactions[: len(transactions) - state_syncs(block, transactions)]
    tokens = Tokens()
    for one in sealed:
        _put_transaction(tokens, one)
    out, begins = tokens.encoded()
    for one, found in zip(sealed, hashes(out, begins), strict=True):
        if (text := f"0x{bytes(found).hex()}") != one.get("hash"):
            return [f"transaction hash: the fields give {text}, the node says {shown(one.get('hash'))}"]
    return root_faults("transactionsRoot", block, out, begins)


def transaction_hashes(transactions: Sequence[Json]) -> list[str]:
    """The ids of transactions of known types, recomputed from their fields. Raises Malformed."""
    tokens = Tokens()
    for one in transactions:
        _put_transaction(tokens, one)
    return [f"0x{bytes(found).hex()}" for found in hashes(*tokens.encoded())]


def receipt_faults(block: Json, transactions: Sequence[Json], receipts: Sequence[Json]) -> list[str]:
    """What does not hold of the receipts and their logs. Raises Malformed."""
    tokens = Tokens()
    for one in receipts[: len(transactions) - state_syncs(block, transactions)]:
        _put_receipt(tokens, one)
    return root_faults("receiptsRoot", block, *tokens.encoded())


def sealed_items(
    block: Json, transactions: Sequence[Json], receipts: Sequence[Json]
) -> tuple[list[bytes], list[bytes]]:
    """The transactions and the receipts of a block as its roots are over them. Raises Malformed."""
    sealed = len(transactions) - state_syncs(block, transactions)
    both: list[list[bytes]] = []
    for items, put in ((transactions, _put_transaction), (receipts, _put_receipt)):
        tokens = Tokens()
        for one in items[:sealed]:
            put(tokens, one)
        out, begins = tokens.encoded()
        whole = out.tobytes()
        both.append([whole[start:stop] for start, stop in pairwise(begins)])
    return both[0], both[1]


def withdrawal_faults(block: Json) -> list[str]:
    """What does not hold of the withdrawals. Raises Malformed."""
    if block.get("withdrawalsRoot") is None:
        return []
    given = objects(block.get("withdrawals"), "withdrawals")
    tokens = Tokens()
    for one in given:
        tokens.open()
        tokens.put(QUANTITY, one.get("index"))
        tokens.put(QUANTITY, one.get("validatorIndex"))
        tokens.put(BYTES, one.get("address"))
        tokens.put(QUANTITY, one.get("amount"))
        tokens.close()
        tokens.end()
    return root_faults("withdrawalsRoot", block, *(tokens.encoded() if given else NOTHING))


def state_syncs(block: Json, transactions: Sequence[Json]) -> int:
    """How many transactions at the end are in no root: on Polygon, the one that brings state over from Ethereum."""
    if not transactions:
        return 0
    number = quantity(block.get("number"), "number")
    derived = keccak(STATE_SYNC + number.to_bytes(8, "big") + bytes.fromhex(block["hash"][2:]))
    return int(transactions[-1].get("hash") == f"0x{derived.hex()}")


def _put_transaction(tokens: Tokens, one: Json) -> None:
    kind = quantity(one.get("type") or "0x0", "type")
    if kind not in FIELDS:
        raise Malformed(f"transactions of type {kind} are not known here")
    if kind:
        tokens.put(BARE, f"0x{kind:02x}")
    tokens.open()
    for name in FIELDS[kind]:
        if name in LISTS:
            _put_list(tokens, name, one.get(name) or [])
        elif name == "to":
            tokens.put(BYTES, one.get("to") or "0x")
        else:
            tokens.put(BYTES if name == "input" else QUANTITY, one.get(name))
    tokens.close()
    tokens.end()


def _put_list(tokens: Tokens, name: str, given: Any) -> None:
    if not isinstance(given, list):
        raise Malformed(f"{name} {shown(given)} is no list")
    tokens.open()
    for one in given:
        if name == "blobVersionedHashes":
            tokens.put(BYTES, one)
            continue
        if not isinstance(one, dict):
            raise Malformed(f"{name} holds {shown(one)}, which is no object")
        tokens.open()
        if name == "accessList":
            tokens.put(BYTES, one.get("address"))
            _put_list(tokens, "blobVersionedHashes", one.get("storageKeys") or [])
        else:
            for field in AUTHORIZATION:
                value = one.get("v") if field == "yParity" and "yParity" not in one else one.get(field)
                tokens.put(BYTES if field == "address" else QUANTITY, value)
        tokens.close()
    tokens.close()


def _put_receipt(tokens: Tokens, one: Json) -> None:
    """Status or, before Byzantium, the state's root; gas; bloom filter; logs (EIP-658, EIP-2718)."""
    kind = quantity(one.get("type") or "0x0", "type")
    if kind:
        tokens.put(BARE, f"0x{kind:02x}")
    tokens.open()
    if one.get("status") is None:
        tokens.put(BYTES, required(one, "root"))
    else:
        tokens.put(QUANTITY, one["status"])
    tokens.put(QUANTITY, one.get("cumulativeGasUsed"))
    tokens.put(BYTES, one.get("logsBloom"))
    tokens.open()
    for log in objects(one.get("logs"), "logs"):
        tokens.open()
        tokens.put(BYTES, log.get("address"))
        _put_list(tokens, "blobVersionedHashes", log.get("topics"))
        tokens.put(BYTES, log.get("data"))
        tokens.close()
    tokens.close()
    tokens.close()
    tokens.end()


def root_faults(name: str, block: Json, out: Bytes, begins: Places) -> list[str]:
    """What does not hold of the root over encoded items that a header has under this name."""
    found = f"0x{root_of(out, begins).hex()}"
    given = required(block, name)
    kind = f"{name.removesuffix('sRoot')}s root"
    return [] if found == given else [f"{kind}: what was given has {found}, the header {shown(given)}"]
