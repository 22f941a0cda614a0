"""Bitcoin's tables. Amounts are in satoshi, sizes in bytes, times in seconds since 1970, hashes as they are shown."""

from __future__ import annotations

import pyarrow as pa

HASH = pa.string()
"""64 hex digits, as nodes and explorers show a hash."""


def field(name: str, kind: pa.DataType, nullable: bool = False) -> pa.Field:
    """A column; null only where the source may not show the value."""
    return pa.field(name, kind, nullable=nullable)


BLOCK = (field("block_number", pa.int64()), field("block_timestamp", pa.int64()))
"""With what every table begins."""

PLACE = (*BLOCK, field("transaction_index", pa.int64()))
"""Where a transaction stands."""

SPENT = (
    field("input_index", pa.int64()),
    field("transaction_hash", HASH),
    field("spent_transaction_hash", HASH),
    field("spent_output_index", pa.int64()),
    field("sequence", pa.int64()),
    field("script", pa.binary()),
)
"""Of an input, what is on the chain at its place."""

OWNER = (
    field("type", pa.string(), True),
    field("address", pa.string(), True),
    field("value", pa.int64(), True),
)
"""Of an input, what only the output that it spends shows: null unless the source names it."""

MADE = (
    field("output_index", pa.int64()),
    field("transaction_hash", HASH),
    field("value", pa.int64()),
    field("type", pa.string()),
    field("required_signatures", pa.int64(), True),
    field("address", pa.string(), True),
    field("script", pa.binary()),
)
"""Of an output."""

SCHEMAS = {
    "blocks": pa.schema(
        [
            *BLOCK,
            field("hash", HASH),
            field("parent_hash", HASH),
            field("version", pa.int64()),
            field("merkle_root", HASH),
            field("bits", pa.int64()),
            field("nonce", pa.int64()),
            field("size", pa.int64()),
            field("stripped_size", pa.int64()),
            field("weight", pa.int64()),
            field("coinbase_param", pa.binary()),
            field("transaction_count", pa.int64()),
        ]
    ),
    "transactions": pa.schema(
        [
            *PLACE,
            field("hash", HASH),
            field("witness_hash", HASH),
            field("size", pa.int64()),
            field("virtual_size", pa.int64()),
            field("weight", pa.int64()),
            field("version", pa.int64()),
            field("lock_time", pa.int64()),
            field("is_coinbase", pa.bool_()),
            field("input_count", pa.int64()),
            field("output_count", pa.int64()),
            field("input_value", pa.int64(), True),
            field("output_value", pa.int64()),
            field("fee", pa.int64(), True),
        ]
    ),
    "inputs": pa.schema([*PLACE, *SPENT, field("witness_count", pa.int64()), *OWNER]),
    "outputs": pa.schema([*PLACE, *MADE]),
}
"""Table -> schema; every one is ordered by block, transaction, and place in it."""
