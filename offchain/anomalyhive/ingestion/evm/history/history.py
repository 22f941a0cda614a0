"""What is known of an address: its transactions and its token transfers in a range of blocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.ingestion.evm.schema import TOKEN_TRANSFERS, TRANSACTIONS

MOST_TRANSACTIONS, MOST_TRANSFERS = 100_000, 500_000
"""Of one address: more are those of an exchange or of a token, and of nobody whom a model has learned from."""

_KEPT = ("block_number", "log_index", "token_address", "from_address", "to_address", "value")
TRANSFERS = pa.schema([TOKEN_TRANSFERS.field(name) for name in _KEPT])
"""What statistics need of a token transfer; the time of its block is not among it."""

SIDES = {
    "transactions": ("from_address", "to_address", "receipt_contract_address"),
    "token_transfers": ("from_address", "to_address"),
}
"""Table -> the columns in which an address makes a row its own."""


class Listener(Protocol):
    """What a search tells of itself."""

    def begins(self, what: str, blocks: range) -> None:
        """A pass over these blocks begins."""

    def read(self, number: int) -> None:
        """Blocks up to ``number`` are read."""

    def set_aside(self, what: str, reasons: Sequence[str]) -> None:
        """A block, a transaction or something else is left out of the history, and why."""


@dataclass(frozen=True)
class History:
    """The rows of an address in ``blocks`` of the chain ``chain_id``, in the order of the chain.

    ``transactions`` has the columns of ingestion, ``token_transfers`` those of TRANSFERS. ``set_aside`` counts what
    the listener was told of.
    """

    address: str
    blocks: range
    chain_id: int
    transactions: pa.Table
    token_transfers: pa.Table
    set_aside: int


def touching(table: str, rows: pa.RecordBatch | pa.Table, address: str) -> pa.RecordBatch | pa.Table:
    """The rows of a table that are those of an address, lower case."""
    mine = None
    for name in SIDES[table]:
        here = pc.fill_null(pc.equal(rows.column(name), address), False)
        mine = here if mine is None else pc.or_(mine, here)
    return rows.filter(mine)


def transactions_of(batches: Iterable[pa.RecordBatch]) -> pa.Table:
    """Batches of transactions as one table, in the order of the chain, each transaction once."""
    table = pa.Table.from_batches(list(batches), TRANSACTIONS)
    return table.sort_by([("block_number", "ascending"), ("transaction_index", "ascending")])


def transfers_table(rows: Iterable[tuple[int, int, str, str, str, str]]) -> pa.Table:
    """Rows in the order of TRANSFERS' columns as a table, in the order of the chain."""
    columns = [list(column) for column in zip(*sorted(rows), strict=True)] or [[] for _ in TRANSFERS]
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, TRANSFERS, strict=True)], TRANSFERS)


def check_count(count: int, most: int, what: str, address: str) -> None:
    """Raise BadSetting where there is more of an address than is taken."""
    if count > most:
        raise BadSetting(f"{address} has more than {most:,} {what}: take a part of its history with --blocks A:B")


def contradiction(words: str) -> ChainFailure:
    """The failure to raise for an endpoint whose answers cannot be true together."""
    return ChainFailure(f"the endpoint contradicts itself: {words}; ask another one with --source")
