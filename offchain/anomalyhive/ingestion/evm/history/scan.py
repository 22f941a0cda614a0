"""The history of an address block by block: slow, but of any node, and every block checked as ingestion checks it."""

from __future__ import annotations

import itertools
from contextlib import closing
from typing import Any

from anomalyhive.errors import ChainFailure
from anomalyhive.ingestion.block import Block, Source, Unreadable
from anomalyhive.ingestion.evm.history.history import (
    MOST_TRANSACTIONS,
    MOST_TRANSFERS,
    TRANSFERS,
    History,
    Listener,
    check_count,
    touching,
    transactions_of,
    transfers_table,
)


def scan(source: Source, chain_id: int, address: str, blocks: range, listener: Listener) -> History:
    """What these blocks hold of an address. Blocks that do not hold are set aside. Raises ChainFailure."""
    listener.begins("blocks", blocks)
    found, transfers, set_aside, rows = [], [], 0, 0
    before: Block | None = None
    expected = blocks.start
    with closing(_generator(source.blocks(blocks))) as given:
        for block in itertools.islice(given, len(blocks)):
            number, expected = expected, expected + 1
            reasons = _faults(number, block, before)
            before = block if isinstance(block, Block) and not block.faults and block.number == number else None
            if reasons or not isinstance(block, Block):
                set_aside += 1
                listener.set_aside(f"block {number}", reasons)
            else:
                found.append(touching("transactions", block.rows["transactions"], address))
                mine = touching("token_transfers", block.rows["token_transfers"], address).select(TRANSFERS.names)
                transfers += [tuple(row.values()) for row in mine.to_pylist()]
                rows += found[-1].num_rows
                check_count(rows, MOST_TRANSACTIONS, "transactions", address)
                check_count(len(transfers), MOST_TRANSFERS, "token transfers", address)
            listener.read(number)
    if expected != blocks.stop:
        raise ChainFailure(f"the source ends before block {expected}: see that it holds all of --blocks")
    return History(address, blocks, chain_id, transactions_of(found), transfers_table(transfers), set_aside)


def _faults(number: int, block: Block | Unreadable, before: Block | None) -> tuple[str, ...]:
    """What does not hold of a block, by itself or after the one before."""
    if isinstance(block, Unreadable):
        return (block.reason,)
    if block.number != number:
        return (f"number: block {block.number} was given where {number} was asked for",)
    if before is not None and before.hash != block.parent_hash:
        torn = f"parent hash: {block.parent_hash.hex()} is not {before.hash.hex()}, the hash of block {number - 1}"
        return (*block.faults, torn)
    return block.faults


def _generator(blocks: Any) -> Any:
    """The same, with a `close` that ends what was begun ahead."""
    yield from blocks
