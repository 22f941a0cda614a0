"""Receipts, logs and token transfers into their tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from anomalyhive.ingestion.evm import schema
from anomalyhive.ingestion.evm.columns import table
from anomalyhive.ingestion.evm.envelopes import TOPICS
from anomalyhive.ingestion.evm.transfers import transfer
from anomalyhive.ingestion.evm.values import (
    ADDRESS,
    HASH,
    Malformed,
    data,
    integers,
    objects,
    optional_integers,
    optional_texts,
    required,
    shown,
    texts,
)

Json = Mapping[str, Any]


def receipt_table(at: tuple[int, int], transactions: Sequence[Json], receipts: Sequence[Json]) -> pa.RecordBatch:
    """The receipts of a block's transactions. Raises Malformed."""
    count = len(receipts)

    def given(name: str) -> list[Any]:
        return [one.get(name) for one in receipts]

    # Before London nodes gave no effective price: it is what the transaction offered.
    prices = [
        receipt.get("effectiveGasPrice") or one.get("gasPrice")
        for receipt, one in zip(receipts, transactions, strict=True)
    ]
    columns: list[Sequence[Any]] = [
        [at[0]] * count,
        [at[1]] * count,
        range(count),
        texts(given("transactionHash"), "transactionHash", HASH),
        integers(given("gasUsed"), "gasUsed"),
        integers(given("cumulativeGasUsed"), "cumulativeGasUsed"),
        integers(prices, "effectiveGasPrice"),
        [len(objects(one.get("logs"), "logs")) for one in receipts],
        optional_integers(given("status"), "status"),
        optional_texts(given("root"), "root", HASH),
        optional_texts(given("contractAddress"), "contractAddress", ADDRESS),
        optional_integers(given("blobGasUsed"), "blobGasUsed"),
        optional_integers(given("blobGasPrice"), "blobGasPrice"),
    ]
    return table(schema.RECEIPTS, columns)


def log_tables(at: tuple[int, int], receipts: Sequence[Json]) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """The logs of a block, and the token transfers among them. Raises Malformed."""
    logs = [(place, log) for place, receipt in enumerate(receipts) for log in objects(receipt.get("logs"), "logs")]
    count = len(logs)
    topics = [_topics(log) for _, log in logs]
    for _, log in logs:
        data(required(log, "data"), "data")
    columns: list[Sequence[Any]] = [
        [at[0]] * count,
        [at[1]] * count,
        [place for place, _ in logs],
        integers([log.get("logIndex") for _, log in logs], "logIndex"),
        texts([log.get("transactionHash") for _, log in logs], "transactionHash", HASH),
        texts([log.get("address") for _, log in logs], "address", ADDRESS),
        [log["data"].lower() for _, log in logs],
        [len(some) for some in topics],
        *([some[place] if len(some) > place else None for some in topics] for place in range(TOPICS)),
    ]
    transfers = []
    for row, some in enumerate(topics):
        if (found := transfer(some, columns[6][row])) is not None:
            transfers.append((*(column[row] for column in columns[:6]), *found))
    return table(schema.LOGS, columns), table(
        schema.TOKEN_TRANSFERS, [*zip(*transfers, strict=True)] if transfers else [()] * 10
    )


def _topics(log: Json) -> list[str]:
    topics = log.get("topics")
    if not isinstance(topics, list) or len(topics) > TOPICS:
        raise Malformed(f"topics {shown(topics)} are no list of at most {TOPICS}")
    return texts(topics, "topic", HASH)
