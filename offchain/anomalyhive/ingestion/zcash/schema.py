"""Zcash's tables, amounts in zatoshi: of what is shielded counts and balances, and no column for what is hidden."""

from __future__ import annotations

import pyarrow as pa

from anomalyhive.ingestion.bitcoin.schema import BLOCK, HASH, MADE, OWNER, PLACE, SPENT, field

SCHEMAS = {
    "blocks": pa.schema(
        [
            *BLOCK,
            field("hash", HASH),
            field("parent_hash", HASH),
            field("version", pa.int64()),
            field("merkle_root", HASH),
            field("block_commitments", HASH),
            field("bits", pa.int64()),
            field("nonce", HASH),
            field("size", pa.int64()),
            field("coinbase_param", pa.binary()),
            field("transaction_count", pa.int64()),
        ]
    ),
    "transactions": pa.schema(
        [
            *PLACE,
            field("hash", HASH),
            field("size", pa.int64()),
            field("version", pa.int64()),
            field("version_group_id", pa.int64(), True),
            field("consensus_branch_id", pa.int64(), True),
            field("lock_time", pa.int64()),
            field("expiry_height", pa.int64(), True),
            field("is_coinbase", pa.bool_()),
            field("input_count", pa.int64()),
            field("output_count", pa.int64()),
            field("input_value", pa.int64(), True),
            field("output_value", pa.int64()),
            field("joinsplit_count", pa.int64()),
            field("sprout_balance", pa.int64()),
            field("sapling_spend_count", pa.int64()),
            field("sapling_output_count", pa.int64()),
            field("sapling_balance", pa.int64()),
            field("orchard_action_count", pa.int64()),
            field("orchard_balance", pa.int64()),
            field("fee", pa.int64(), True),
        ]
    ),
    "inputs": pa.schema([*PLACE, *SPENT, *OWNER]),
    "outputs": pa.schema([*PLACE, *MADE]),
    "joinsplits": pa.schema(
        [
            *PLACE,
            field("joinsplit_index", pa.int64()),
            field("transaction_hash", HASH),
            field("vpub_old", pa.int64()),
            field("vpub_new", pa.int64()),
        ]
    ),
}
"""Table -> schema; every one is ordered by block, transaction, and place in it."""
