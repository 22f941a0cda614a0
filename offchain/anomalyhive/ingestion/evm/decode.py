"""A block and its receipts, as JSON-RPC has them, into rows of the tables and faults."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from anomalyhive.ingestion.block import Block, Unreadable
from anomalyhive.ingestion.evm import schema
from anomalyhive.ingestion.evm.columns import table
from anomalyhive.ingestion.evm.header import header_hash
from anomalyhive.ingestion.evm.receipts import log_tables, receipt_table
from anomalyhive.ingestion.evm.sealing import receipt_faults, state_syncs, transaction_faults, withdrawal_faults
from anomalyhive.ingestion.evm.transactions import TYPES, transaction_table
from anomalyhive.ingestion.evm.values import (
    ADDRESS,
    BLOOM,
    HASH,
    NONCE,
    Malformed,
    data,
    integer,
    integers,
    objects,
    optional_integers,
    optional_texts,
    required,
    shown,
    texts,
)

Json = Mapping[str, Any]


def decode(number: int, block: Any, receipts: Any | None) -> Block | Unreadable:
    """What `eth_getBlockByNumber` and `eth_getBlockReceipts` gave for a block; None where receipts are not fetched."""
    try:
        if not isinstance(block, dict):
            raise Malformed(f"block {shown(block)} is no object")
        return _decode(block, receipts)
    except Malformed as error:
        return Unreadable(number, f"value: {error}", _raw(block, receipts))


def _decode(block: Json, receipts: Any | None) -> Block:
    number, timestamp = (integer(required(block, name), name) for name in ("number", "timestamp"))
    claimed = data(required(block, "hash"), "hash", HASH)
    transactions = objects(required(block, "transactions"), "transactions")
    known = None if receipts is None else objects(receipts, "receipts")
    faults = []
    if (found := header_hash(block)) != claimed:
        faults.append(f"header hash: the fields give 0x{found.hex()}, the block says 0x{claimed.hex()}")
    faults += _count_faults(block, transactions, known)
    if not faults:
        faults += transaction_faults(block, transactions) + withdrawal_faults(block)
        faults += [] if known is None else receipt_faults(block, transactions, known)
    rows: dict[str, pa.RecordBatch] = {
        "blocks": pa.RecordBatch.from_pylist([block_row(block, number, timestamp, len(transactions))], schema.BLOCKS)
    }
    if not faults:
        at = (number, timestamp)
        rows["transactions"] = transaction_table(at, transactions, known)
        rows["withdrawals"] = withdrawal_table(at, block)
        if known is not None:
            rows["receipts"] = receipt_table(at, transactions, known)
            rows["logs"], rows["token_transfers"] = log_tables(at, known)
    parent = data(block["parentHash"], "parentHash", HASH)
    raw = _raw(block, receipts) if faults else b""
    return Block(number, claimed, parent, rows if not faults else {}, tuple(faults), raw)


def _count_faults(block: Json, transactions: Sequence[Json], receipts: Sequence[Json] | None) -> list[str]:
    """What does not agree between a block, its transactions and their receipts."""
    faults = []
    for place, one in enumerate(transactions):
        index = integer(required(one, "transactionIndex"), "transactionIndex")
        if index != place or one.get("blockHash") != block["hash"]:
            faults.append(f"transaction: {shown(one.get('hash'))} at place {place} says it is number {index} of "
                          f"block {shown(one.get('blockHash'))}")  # fmt: skip
    for one in transactions:
        if integer(one.get("type") or "0x0", "type") not in TYPES:
            faults.append(f"transaction type: {shown(one.get('type'))} is none that is known")
    if receipts is None:
        return faults
    if len(receipts) != len(transactions):
        return [*faults, f"receipt count: {len(receipts)} for {len(transactions)} transactions"]
    for one, receipt in zip(transactions, receipts, strict=True):
        if receipt.get("transactionHash") != one.get("hash") or receipt.get("blockHash") != block["hash"]:
            faults.append(f"receipt: that of {shown(receipt.get('transactionHash'))} in block "
                          f"{shown(receipt.get('blockHash'))} stands where {shown(one.get('hash'))} does")  # fmt: skip
    return faults + _gas_faults(block, receipts[: len(receipts) - state_syncs(block, transactions)])


def _gas_faults(block: Json, receipts: Sequence[Json]) -> list[str]:
    """What does not add up of the gas that the transactions used."""
    faults, total = [], 0
    for one in receipts:
        total += integer(one.get("gasUsed"), "gasUsed")
        if total != integer(one.get("cumulativeGasUsed"), "cumulativeGasUsed"):
            where, said = shown(one.get("transactionHash")), shown(one.get("cumulativeGasUsed"))
            faults.append(f"gas used: up to {where} it adds up to {total}, the receipt says {said}")
            break
    if total != integer(required(block, "gasUsed"), "gasUsed"):
        faults.append(f"gas used: the receipts give {total}, the header {shown(block['gasUsed'])}")
    return faults


def block_row(block: Json, number: int, timestamp: int, count: int) -> dict[str, Any]:
    """The block's own row; ``count`` is how many transactions it has."""

    def text(name: str, width: int) -> Any:
        return optional_texts([block.get(name)], name, width)[0]

    def whole(name: str) -> Any:
        return optional_integers([block.get(name)], name)[0]

    withdrawals = block.get("withdrawals")
    return {
        "block_number": number,
        "block_timestamp": timestamp,
        "hash": text("hash", HASH),
        "parent_hash": text("parentHash", HASH),
        "nonce": text("nonce", NONCE),
        "sha3_uncles": text("sha3Uncles", HASH),
        "logs_bloom": text("logsBloom", BLOOM),
        "transactions_root": text("transactionsRoot", HASH),
        "state_root": text("stateRoot", HASH),
        "receipts_root": text("receiptsRoot", HASH),
        "miner": text("miner", ADDRESS),
        "difficulty": whole("difficulty"),
        "extra_data": f"0x{data(required(block, 'extraData'), 'extraData').hex()}",
        "mix_hash": text("mixHash", HASH),
        "gas_limit": whole("gasLimit"),
        "gas_used": whole("gasUsed"),
        "size": integer(required(block, "size"), "size"),
        "transaction_count": count,
        "uncle_count": len(block.get("uncles") or ()),
        "base_fee_per_gas_wei": whole("baseFeePerGas"),
        "withdrawals_root": text("withdrawalsRoot", HASH),
        "withdrawal_count": None if withdrawals is None else len(objects(withdrawals, "withdrawals")),
        "blob_gas_used": whole("blobGasUsed"),
        "excess_blob_gas": whole("excessBlobGas"),
        "parent_beacon_block_root": text("parentBeaconBlockRoot", HASH),
        "requests_hash": text("requestsHash", HASH),
    }


def withdrawal_table(at: tuple[int, int], block: Json) -> pa.RecordBatch:
    """The block's withdrawals."""
    given = objects(block.get("withdrawals") or [], "withdrawals")
    columns: list[Sequence[Any]] = [
        [at[0]] * len(given),
        [at[1]] * len(given),
        integers([required(one, "index") for one in given], "index"),
        integers([required(one, "validatorIndex") for one in given], "validatorIndex"),
        texts([required(one, "address") for one in given], "address", ADDRESS),
        integers([required(one, "amount") for one in given], "amount"),
    ]
    return table(schema.WITHDRAWALS, columns)


def _raw(block: Any, receipts: Any) -> bytes:
    """What was given, for whoever looks into the quarantine."""
    return json.dumps({"block": block, "receipts": receipts}, default=str, separators=(",", ":")).encode()
