"""Transactions into their table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from anomalyhive.ingestion.evm import schema
from anomalyhive.ingestion.evm.columns import table
from anomalyhive.ingestion.evm.values import (
    ADDRESS,
    GWEI,
    HASH,
    Malformed,
    data,
    integer,
    integers,
    optional_integers,
    optional_texts,
    quantity,
    shown,
    texts,
)

TYPES = range(5)
"""Legacy, access list (EIP-2930), dynamic fee (EIP-1559), blobs (EIP-4844), code of an account (EIP-7702)."""

SELECTOR = 10
"""Characters of `0x` and four bytes."""


def transaction_table(
    at: tuple[int, int], transactions: Sequence[Mapping[str, Any]], receipts: Sequence[Mapping[str, Any]] | None
) -> pa.RecordBatch:
    """The transactions of the block ``at`` (number, timestamp), with what their receipts say. Raises Malformed."""
    count = len(transactions)

    def given(name: str) -> list[Any]:
        return [one.get(name) for one in transactions]

    values = [quantity(value, "value") for value in given("value")]
    inputs = given("input")
    for value in inputs:
        data(value, "input")
    gwei = [divmod(value, GWEI) for value in values]
    if any(whole >= 2**63 for whole, _ in gwei):
        raise Malformed(f"value {shown(hex(max(values)))} is more gwei than a column takes")
    blobs = [one.get("blobVersionedHashes") or () for one in transactions]
    columns: list[Sequence[Any]] = [
        [at[0]] * count,
        [at[1]] * count,
        range(count),
        texts(given("hash"), "hash", HASH),
        integers(given("nonce"), "nonce"),
        texts(given("from"), "from", ADDRESS),
        optional_texts(given("to"), "to", ADDRESS),
        [whole for whole, _ in gwei],
        [rest for _, rest in gwei],
        integers(given("gas"), "gas"),
        integers(given("gasPrice"), "gasPrice"),
        optional_integers(given("maxFeePerGas"), "maxFeePerGas"),
        optional_integers(given("maxPriorityFeePerGas"), "maxPriorityFeePerGas"),
        optional_integers(given("maxFeePerBlobGas"), "maxFeePerBlobGas"),
        [len(one) for one in blobs],
        [integer(value or "0x0", "type") for value in given("type")],
        [value[:SELECTOR].lower() if len(value) >= SELECTOR else "0x" for value in inputs],
        [len(value) // 2 - 1 for value in inputs],
        *_of_receipts(count, receipts),
    ]
    return table(schema.TRANSACTIONS, columns)


def _of_receipts(count: int, receipts: Sequence[Mapping[str, Any]] | None) -> list[Sequence[Any]]:
    if receipts is None:
        return [[None] * count] * 3
    return [
        integers([one.get("gasUsed") for one in receipts], "gasUsed"),
        optional_integers([one.get("status") for one in receipts], "status"),
        optional_texts([one.get("contractAddress") for one in receipts], "contractAddress", ADDRESS),
    ]
