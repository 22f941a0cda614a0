"""A serialized block as rows of Zcash's tables, with all that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from anomalyhive.errors import BadInput
from anomalyhive.ingestion.bitcoin.assemble import Assembled
from anomalyhive.ingestion.bitcoin.cursor import Cursor
from anomalyhive.ingestion.bitcoin.decode import LEAST_TRANSACTION, coinbase_param, input_rows, output_rows
from anomalyhive.ingestion.bitcoin.hashing import sha256d, shown
from anomalyhive.ingestion.bitcoin.header import work_faults
from anomalyhive.ingestion.bitcoin.networks import Network
from anomalyhive.ingestion.bitcoin.rules import MOST_MONEY, common_faults
from anomalyhive.ingestion.block import Block, Row
from anomalyhive.ingestion.zcash.equihash import is_solution
from anomalyhive.ingestion.zcash.transaction import ZcashTransaction, read_transaction


@dataclass(frozen=True)
class Header:
    """A header; hashes as they are shown. ``commitments`` is the field whose meaning each upgrade changed."""

    hash: bytes
    version: int
    parent_hash: bytes
    merkle_root: bytes
    commitments: bytes
    timestamp: int
    bits: int
    nonce: bytes
    challenge: bytes
    solution: bytes


def read_header(cursor: Cursor) -> Header:
    """The header at the cursor, with its hash, which is of the solution as well (section 7.6 of the specification)."""
    start = cursor.at
    version = cursor.i32()
    parent, root, commitments = (shown(cursor.take(32)) for _ in range(3))
    timestamp, bits = cursor.u32(), cursor.u32()
    nonce = shown(cursor.take(32))
    challenge = cursor.data[start : cursor.at]
    solution = cursor.blob()
    digest = shown(sha256d(cursor.data[start : cursor.at]))
    return Header(digest, version, parent, root, commitments, timestamp, bits, nonce, challenge, solution)


def decode(number: int, given: Assembled, network: Network) -> Block:
    """The block with that number from all its bytes. Raises BadInput where they are no block."""
    cursor = Cursor(given.raw)
    header = read_header(cursor)
    transactions = []
    count = cursor.count(LEAST_TRANSACTION)
    if not count:
        raise BadInput("a block has a transaction at least, its coinbase")
    for place in range(count):
        try:
            one = read_transaction(cursor)
        except BadInput as error:
            raise BadInput(f"transaction {place} of {count}: {error}") from error
        transactions.append(replace(one, txid=given.claimed[place]) if place in given.claimed else one)
    cursor.end()
    faults = [
        *work_faults(header.hash, header.bits, network),
        *_solution_faults(number, header, network),
        *common_faults(number, header.merkle_root, transactions, network),
        *_shielded_faults(transactions),
    ]
    rows = {
        "blocks": [_block_row(number, header, len(given.raw), transactions)],
        "transactions": [_transaction_row(number, place, one, header) for place, one in enumerate(transactions)],
        "inputs": [
            (*row, None, None, None)
            for place, one in enumerate(transactions)
            for row in input_rows((number, header.timestamp, place), one)
        ],
        "outputs": output_rows((number, header.timestamp), transactions, network),
        "joinsplits": [
            (number, header.timestamp, place, index, one.txid.hex(), *amounts)
            for place, one in enumerate(transactions)
            for index, amounts in enumerate(one.joinsplits)
        ],
    }
    return Block(number, header.hash, header.parent_hash, rows, tuple(faults), given.raw)


def _solution_faults(number: int, header: Header, network: Network) -> Iterator[str]:
    assert network.equihash is not None  # every network of Zcash has it
    n, k = network.equihash
    # The first block of a test network need not have been mined.
    solved = number == 0 or is_solution(header.challenge, header.solution, n, k)
    if not solved:
        yield f"proof of work: the solution {header.solution[:8].hex()}… is none of Equihash({n}, {k}) for this header"


def _shielded_faults(transactions: Sequence[ZcashTransaction]) -> Iterator[str]:
    """Ranges of the balances, and that no fee is negative where it can be known."""
    for place, one in enumerate(transactions):
        name = f"transaction {place} ({one.txid.hex()})"
        for amounts in one.joinsplits:
            if not all(0 <= value <= MOST_MONEY for value in amounts) or all(amounts):
                yield f"shielded: {name} has a JoinSplit of {amounts.vpub_old} in and {amounts.vpub_new} out"
        for pool, balance, there in (
            ("Sapling", one.sapling_balance, one.sapling_spends + one.sapling_outputs),
            ("Orchard", one.orchard_balance, one.orchard_actions),
        ):
            if abs(balance) > MOST_MONEY or (balance and not there):
                yield f"shielded: {name} has a {pool} balance of {balance} over {there} parts"
        fee = fee_of(one)
        if fee is not None and fee < 0:
            yield f"shielded: {name} spends {-fee} more than it has"


def fee_of(one: ZcashTransaction) -> int | None:
    """The fee where it shows: of a transaction that spends no open output. A coinbase pays none."""
    if one.is_coinbase:
        return 0
    return None if one.inputs else one.from_pools - sum(output.value for output in one.outputs)


def _block_row(number: int, header: Header, size: int, transactions: Sequence[ZcashTransaction]) -> Row:
    return (
        number,
        header.timestamp,
        header.hash.hex(),
        header.parent_hash.hex(),
        header.version,
        header.merkle_root.hex(),
        header.commitments.hex(),
        header.bits,
        header.nonce.hex(),
        size,
        coinbase_param(transactions),
        len(transactions),
    )


def _transaction_row(number: int, place: int, one: ZcashTransaction, header: Header) -> Row:
    nothing_spent = one.is_coinbase or not one.inputs
    return (
        number,
        header.timestamp,
        place,
        one.txid.hex(),
        one.size,
        one.version,
        one.group,
        one.branch,
        one.lock_time,
        one.expiry,
        one.is_coinbase,
        0 if one.is_coinbase else len(one.inputs),
        len(one.outputs),
        0 if nothing_spent else None,
        sum(output.value for output in one.outputs),
        len(one.joinsplits),
        sum(both.vpub_new - both.vpub_old for both in one.joinsplits),
        one.sapling_spends,
        one.sapling_outputs,
        one.sapling_balance,
        one.orchard_actions,
        one.orchard_balance,
        fee_of(one),
    )
