"""One transaction with its receipt and the header of its block: its row, or what is wrong with it.

A whole block would prove more, that the header's roots are over these very transactions and receipts, and would be
some hundred times as much to fetch. So the content of a receipt is the node's word, as is the sender.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from anomalyhive.ingestion.evm.header import header_hash
from anomalyhive.ingestion.evm.schema import TRANSACTIONS
from anomalyhive.ingestion.evm.sealing import transaction_hashes
from anomalyhive.ingestion.evm.transactions import TYPES, transaction_table
from anomalyhive.ingestion.evm.values import Malformed, integer, required, shown

Json = Mapping[str, Any]

PLACE = TRANSACTIONS.get_field_index("transaction_index")


def row_of(one: Json, receipt: Json, header: Json) -> pa.RecordBatch:
    """The row of a transaction. Raises Malformed with what does not hold."""
    kind = integer(one.get("type") or "0x0", "type")
    if kind not in TYPES:
        raise Malformed(f"transaction type: {shown(one.get('type'))} is none that is known")
    (found,) = transaction_hashes([one])
    if found != one.get("hash"):
        raise Malformed(f"transaction hash: the fields give {found}, the node says {shown(one.get('hash'))}")
    number, place = (integer(required(one, name), name) for name in ("blockNumber", "transactionIndex"))
    _check_header(one, header, number, place)
    for name in ("transactionHash", "blockHash", "transactionIndex"):
        due = one["hash"] if name == "transactionHash" else one[name]
        if receipt.get(name) != due:
            raise Malformed(f"receipt: its {name} is {shown(receipt.get(name))}, and {shown(due)} is due")
    if integer(receipt.get("gasUsed"), "gasUsed") > integer(one.get("gas"), "gas"):
        raise Malformed(f"receipt: {shown(receipt.get('gasUsed'))} gas used of {shown(one.get('gas'))}")
    row = transaction_table((number, integer(required(header, "timestamp"), "timestamp")), [one], [receipt])
    return row.set_column(PLACE, TRANSACTIONS.field(PLACE), pa.array([place], pa.int64()))


def _check_header(one: Json, header: Json, number: int, place: int) -> None:
    """Raise Malformed unless the block of this header has the transaction at its place."""
    if (found := f"0x{header_hash(header).hex()}") != header.get("hash") or found != one.get("blockHash"):
        said = f"the block says {shown(header.get('hash'))} and the transaction {shown(one.get('blockHash'))}"
        raise Malformed(f"header hash: the fields give {found}, {said}")
    if integer(required(header, "number"), "number") != number:
        raise Malformed(f"number: block {shown(header.get('number'))} was given where {number} was asked for")
    listed = header.get("transactions")
    there = listed[place] if isinstance(listed, list) and place < len(listed) else None
    if (there.get("hash") if isinstance(there, dict) else there) != one["hash"]:
        raise Malformed(f"transaction: block {number} has {shown(there)} at place {place}")
