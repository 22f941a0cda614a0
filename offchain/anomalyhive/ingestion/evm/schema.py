"""The tables of EVM chains: docs/ingestion.md says what each column is and in which unit."""

from __future__ import annotations

import pyarrow as pa

INTEGER, TEXT = pa.int64(), pa.string()


def _schema(required: str, optional: str = "", order: str = "") -> pa.Schema:
    """Columns in their order, those in ``required`` never null; a name before a colon is text."""
    fields = {}
    for words, nullable in ((required, False), (optional, True)):
        for word in words.split():
            name = word.removesuffix(":")
            fields[name] = pa.field(name, TEXT if word.endswith(":") else INTEGER, nullable)
    return pa.schema([fields[name] for name in order.split() or fields])


BLOCKS = _schema(
    "block_number block_timestamp hash: parent_hash: nonce: sha3_uncles: logs_bloom: transactions_root: state_root: "
    "receipts_root: miner: difficulty extra_data: mix_hash: gas_limit gas_used size transaction_count uncle_count",
    "base_fee_per_gas_wei withdrawals_root: withdrawal_count blob_gas_used excess_blob_gas "
    "parent_beacon_block_root: requests_hash:",
)

TRANSACTIONS = _schema(
    "block_number block_timestamp transaction_index hash: nonce from_address: value_gwei value_wei_rest gas "
    "gas_price_wei transaction_type input_selector: input_length blob_count",
    "to_address: max_fee_per_gas_wei max_priority_fee_per_gas_wei max_fee_per_blob_gas_wei receipt_gas_used "
    "receipt_status receipt_contract_address:",
    "block_number block_timestamp transaction_index hash nonce from_address to_address value_gwei value_wei_rest gas "
    "gas_price_wei max_fee_per_gas_wei max_priority_fee_per_gas_wei max_fee_per_blob_gas_wei blob_count "
    "transaction_type input_selector input_length receipt_gas_used receipt_status receipt_contract_address",
)

WITHDRAWALS = _schema("block_number block_timestamp withdrawal_index validator_index address: amount_gwei")

RECEIPTS = _schema(
    "block_number block_timestamp transaction_index transaction_hash: gas_used cumulative_gas_used "
    "effective_gas_price_wei log_count",
    "status root: contract_address: blob_gas_used blob_gas_price_wei",
)

LOGS = _schema(
    "block_number block_timestamp transaction_index log_index transaction_hash: address: data: topic_count",
    "topic0: topic1: topic2: topic3:",
)

TOKEN_TRANSFERS = _schema(
    "block_number block_timestamp transaction_index log_index transaction_hash: token_address: standard "
    "from_address: to_address: value:",
)

SCHEMAS = {
    "blocks": BLOCKS,
    "transactions": TRANSACTIONS,
    "withdrawals": WITHDRAWALS,
    "receipts": RECEIPTS,
    "logs": LOGS,
    "token_transfers": TOKEN_TRANSFERS,
}
"""Table -> schema."""

WITHOUT_RECEIPTS = {name: SCHEMAS[name] for name in ("blocks", "transactions", "withdrawals")}
"""The tables where receipts are not fetched."""
