"""A serialized block as rows of Bitcoin's tables, with all that is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin.cursor import Cursor
from anomalyhive.ingestion.bitcoin.header import Header, read_header, work_faults
from anomalyhive.ingestion.bitcoin.networks import Network
from anomalyhive.ingestion.bitcoin.rules import Spending, bitcoin_faults, common_faults
from anomalyhive.ingestion.bitcoin.scripts import meaning_of
from anomalyhive.ingestion.bitcoin.transaction import WITNESS_SCALE, Transaction, read_transaction
from anomalyhive.ingestion.block import Block, Row

LEAST_TRANSACTION = 10
"""Bytes of a transaction that has nothing in it."""


def decode(number: int, raw: bytes, network: Network) -> Block:
    """The block with that number from all its bytes. Raises BadInput where they are no block."""
    cursor = Cursor(raw)
    header = read_header(cursor)
    listed = cursor.at
    count = cursor.count(LEAST_TRANSACTION)
    if not count:
        raise BadInput(f"byte {listed}: a block has a transaction at least, its coinbase")
    overhead = cursor.at
    transactions = []
    for place in range(count):
        try:
            transactions.append(read_transaction(cursor))
        except BadInput as error:
            raise BadInput(f"transaction {place} of {count}: {error}") from error
    cursor.end()
    stripped = overhead + sum(one.stripped for one in transactions)
    weight = stripped * (WITNESS_SCALE - 1) + len(raw)
    faults = [
        *work_faults(header.hash, header.bits, network),
        *common_faults(number, header.merkle_root, transactions, network),
        *bitcoin_faults(transactions, weight),
    ]
    rows = {
        "blocks": [_block_row(number, header, (len(raw), stripped, weight), transactions)],
        "transactions": [_transaction_row(number, place, one, header) for place, one in enumerate(transactions)],
        "inputs": [
            (*row, spent.witness, None, None, None)
            for place, one in enumerate(transactions)
            for row, spent in zip(
                input_rows((number, header.timestamp, place), one), one.inputs, strict=False
            )  # a coinbase has no rows
        ],
        "outputs": output_rows((number, header.timestamp), transactions, network),
    }
    return Block(number, header.hash, header.parent_hash, rows, tuple(faults), raw)


def _block_row(number: int, header: Header, sizes: tuple[int, int, int], transactions: Sequence[Transaction]) -> Row:
    return (
        number,
        header.timestamp,
        header.hash.hex(),
        header.parent_hash.hex(),
        header.version,
        header.merkle_root.hex(),
        header.bits,
        header.nonce,
        *sizes,
        coinbase_param(transactions),
        len(transactions),
    )


def _transaction_row(number: int, place: int, one: Transaction, header: Header) -> Row:
    # What a coinbase takes in is nothing, and it pays no fee; of others the outputs that they spend would tell.
    hidden = 0 if one.is_coinbase else None
    return (
        number,
        header.timestamp,
        place,
        one.txid.hex(),
        one.wtxid.hex(),
        one.size,
        one.virtual_size,
        one.weight,
        one.version,
        one.lock_time,
        one.is_coinbase,
        0 if one.is_coinbase else len(one.inputs),
        len(one.outputs),
        hidden,
        sum(output.value for output in one.outputs),
        hidden,
    )


def coinbase_param(transactions: Sequence[Spending]) -> bytes:
    """What the miner wrote where others prove that they may spend; empty where there is no coinbase."""
    return transactions[0].inputs[0].script if transactions[0].is_coinbase else b""


def input_rows(where: Row, one: Spending) -> list[Row]:
    """Rows of what the transaction at a place spends, without its owner's columns; none for a coinbase."""
    if one.is_coinbase:
        return []
    txid = one.txid.hex()
    return [
        (*where, index, txid, spent.spent_hash.hex(), spent.spent_index, spent.sequence, spent.script)
        for index, spent in enumerate(one.inputs)
    ]


def output_rows(block: Row, transactions: Sequence[Spending], network: Network) -> list[Row]:
    """Rows of all outputs of a block, by its number and time."""
    rows: list[Row] = []
    for place, one in enumerate(transactions):
        txid = one.txid.hex()
        for index, output in enumerate(one.outputs):
            kind, signatures, address = meaning_of(output.script, network)
            rows.append((*block, place, index, txid, output.value, kind, signatures, address, output.script))
    return rows
