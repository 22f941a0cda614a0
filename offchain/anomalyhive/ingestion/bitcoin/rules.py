"""What must hold of a block by itself, for Bitcoin and, where amounts are open, for Zcash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from anomalyhive.ingestion.bitcoin.hashing import COMMITMENT, NO_HASH, merkle_root, sha256d, shown
from anomalyhive.ingestion.bitcoin.networks import Network
from anomalyhive.ingestion.bitcoin.transaction import Input, Output, Transaction

MOST_MONEY = 21_000_000 * 10**8
"""Satoshi, or zatoshi, that there can ever be (MAX_MONEY)."""

MOST_WEIGHT = 4_000_000
"""Of a block (BIP-141)."""

COINBASE_SCRIPT = range(2, 101)
"""Bytes that a coinbase's script may have."""


class Spending(Protocol):
    """What the rules look at in a transaction."""

    @property
    def txid(self) -> bytes: ...
    @property
    def inputs(self) -> tuple[Input, ...]: ...
    @property
    def outputs(self) -> tuple[Output, ...]: ...
    @property
    def is_coinbase(self) -> bool: ...


def common_faults(number: int, root: bytes, transactions: Sequence[Spending], network: Network) -> Iterator[str]:
    """Of the header's merkle root, the coinbase, amounts, and what is spent twice."""
    computed, doubled = merkle_root([one.txid for one in transactions])
    if computed != root:
        yield f"merkle root: {root.hex()} is not that of the transactions, {computed.hex()}"
    if doubled:
        yield "merkle root: two transactions in a row are the same (CVE-2012-2459)"
    yield from _coinbase_faults(number, transactions, network)
    for place, transaction in enumerate(transactions):
        for reason in _transaction_faults(transaction):
            yield f"transaction: {place} ({transaction.txid.hex()}): {reason}"


def _coinbase_faults(number: int, transactions: Sequence[Spending], network: Network) -> Iterator[str]:
    first = transactions[0]
    if not first.is_coinbase:
        yield f"coinbase: transaction 0 ({first.txid.hex()}) is no coinbase"
        return
    script = first.inputs[0].script
    if len(script) not in COINBASE_SCRIPT:
        yield f"coinbase: its script has {len(script)} bytes: 2 to 100 are allowed"
    if network.height_rule is not None and number >= network.height_rule:
        height = height_push(number)
        if not script.startswith(height):
            yield f"coinbase: its script begins with {script[: len(height)].hex()}, not with height {number} (BIP-34)"
    for place, other in enumerate(transactions[1:], start=1):
        if any(one.is_coinbase for one in other.inputs):
            yield f"coinbase: transaction {place} ({other.txid.hex()}) has the input of a coinbase and is not the first"


def height_push(number: int) -> bytes:
    """How a script pushes a height: OP_0 to OP_16, else the least bytes, little end first, sign bit free."""
    if number <= 16:
        return bytes([0x50 + number if number else 0])
    width = number.bit_length() // 8 + 1
    return bytes([width]) + number.to_bytes(width, "little")


def _transaction_faults(transaction: Spending) -> Iterator[str]:
    for place, output in enumerate(transaction.outputs):
        if not 0 <= output.value <= MOST_MONEY:
            yield f"output {place} is of {output.value}: amounts go from 0 to {MOST_MONEY}"
    if sum(output.value for output in transaction.outputs) > MOST_MONEY:
        yield f"its outputs sum to more than {MOST_MONEY}"
    spent = {(one.spent_hash, one.spent_index) for one in transaction.inputs}
    if len(spent) != len(transaction.inputs):
        yield "it spends an output twice"
    if len(transaction.inputs) > 1 and any(one.spent_hash == NO_HASH for one in transaction.inputs):
        yield "one of its inputs spends the transaction 000…0"


def bitcoin_faults(transactions: Sequence[Transaction], weight: int) -> Iterator[str]:
    """What Bitcoin asks for besides: something to spend and to receive, the weight, the commitment to witnesses."""
    if weight > MOST_WEIGHT:
        yield f"weight: the block weighs {weight}: {MOST_WEIGHT} is allowed"
    for place, transaction in enumerate(transactions):
        for what, there in (("inputs", transaction.inputs), ("outputs", transaction.outputs)):
            if not there:
                yield f"transaction: {place} ({transaction.txid.hex()}) has no {what}"
    yield from _witness_faults(transactions)


def _witness_faults(transactions: Sequence[Transaction]) -> Iterator[str]:
    """BIP-141: the last output of the coinbase that begins as a commitment holds the root over all wtxids."""
    coinbase = transactions[0]
    found = [
        one.script[6:38] for one in coinbase.outputs if one.script.startswith(COMMITMENT) and len(one.script) >= 38
    ]
    if not any(one.has_witness for one in transactions):
        return
    if not found or coinbase.reserved is None:
        yield "witnesses: transactions have some and the coinbase does not commit to them"
        return
    root, _ = merkle_root([NO_HASH, *(one.wtxid for one in transactions[1:])])
    if sha256d(shown(root) + coinbase.reserved) != found[-1]:
        yield f"witnesses: the coinbase commits to {found[-1].hex()}, which are not the block's"
