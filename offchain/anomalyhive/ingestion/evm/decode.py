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
    listed,
    objects,
    optional_integers,
    optional_texts,
    required,
    shown,
    texts,
)

Json = Mapping[str, Any]

NO_WITHDRAWALS = pa.RecordBatch.from_pylist([], schema.WITHDRAWALS)


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
    rows: dict[str, pa.RecordBatch] = {"blocks": block_table([block], [len(transactions)])}
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


def block_table(blocks: Sequence[Json], counts: Sequence[int]) -> pa.RecordBatch:
    """A row for each block, whose transactions are so many. Raises Malformed."""

    def given(name: str) -> list[Any]:
        return [block.get(name) for block in blocks]

    def always(name: str) -> list[int]:
        return integers([required(block, name) for block in blocks], name)

    columns: list[Sequence[Any]] = [
        always("number"),
        always("timestamp"),
        optional_texts(given("hash"), "hash", HASH),
        optional_texts(given("parentHash"), "parentHash", HASH),
        optional_texts(given("nonce"), "nonce", NONCE),
        optional_texts(given("sha3Uncles"), "sha3Uncles", HASH),
        optional_texts(given("logsBloom"), "logsBloom", BLOOM),
        optional_texts(given("transactionsRoot"), "transactionsRoot", HASH),
        optional_texts(given("stateRoot"), "stateRoot", HASH),
        optional_texts(given("receiptsRoot"), "receiptsRoot", HASH),
        optional_texts(given("miner"), "miner", ADDRESS),
        optional_integers(given("difficulty"), "difficulty"),
        [f"0x{data(required(block, 'extraData'), 'extraData').hex()}" for block in blocks],
        optional_texts(given("mixHash"), "mixHash", HASH),
        optional_integers(given("gasLimit"), "gasLimit"),
        optional_integers(given("gasUsed"), "gasUsed"),
        always("size"),
        counts,
        [0 if uncles is None else len(listed(uncles, "uncles")) for uncles in given("uncles")],
        optional_integers(given("baseFeePerGas"), "baseFeePerGas"),
        optional_texts(given("withdrawalsRoot"), "withdrawalsRoot", HASH),
        [None if some is None else len(objects(some, "withdrawals")) for some in given("withdrawals")],
        optional_integers(given("blobGasUsed"), "blobGasUsed"),
        optional_integers(given("excessBlobGas"), "excessBlobGas"),
        optional_texts(given("parentBeaconBlockRoot"), "parentBeaconBlockRoot", HASH),
        optional_texts(given("requestsHash"), "requestsHash", HASH),
    ]
    return table(schema.BLOCKS, columns)


def withdrawal_table(at: tuple[int, int], block: Json) -> pa.RecordBatch:
    """The block's withdrawals."""
    given = objects(block.get("withdrawals") or [], "withdrawals")
    if not given:
        return NO_WITHDRAWALS
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
