"""The tables of Monero: docs/ingestion-monero.md says what each column is and in which unit."""

from __future__ import annotations

import pyarrow as pa


def _schema(columns: str) -> pa.Schema:
    """Columns in their order; a name that ends in a colon is text, one in a question mark may be null."""
    fields = []
    for word in columns.split():
        name = word.rstrip("?:")
        fields.append(pa.field(name, pa.string() if ":" in word else pa.int64(), "?" in word))
    return pa.schema(fields)


SCHEMAS = {
    "blocks": _schema(
        "block_number block_timestamp hash: parent_hash: major_version minor_version nonce size weight reward "
        "difficulty: transaction_count"
    ),
    "transactions": _schema(
        "block_number block_timestamp transaction_index hash: is_miner version unlock_time: fee size ringct_type? "
        "input_count output_count extra_length"
    ),
    "inputs": _schema("block_number block_timestamp transaction_index input_index key_image: ring_size amount?"),
    "outputs": _schema("block_number block_timestamp transaction_index output_index public_key: view_tag? amount?"),
}
"""Table -> schema."""
