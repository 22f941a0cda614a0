"""A block and its transactions, as monerod gives them, into rows of the tables and faults."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from anomalyhive.ingestion.block import Block, Row, Unreadable
from anomalyhive.ingestion.monero.cursor import HASH, SHOWN, Malformed
from anomalyhive.ingestion.monero.header import BlockBlob, parse_block
from anomalyhive.ingestion.monero.transaction import NO_RINGCT, Transaction, parse

Json = Mapping[str, Any]

COLUMN = 2**63
"""One more than an amount may be; all coins there are stay below twice of it."""


def decode(number: int, answer: Any, transactions: Any) -> Block | Unreadable:
    """What `get_block` and `/get_transactions` gave for a block, the latter a list of its `txs`.

    None is for transactions that were not asked for, as the block is not what it says it is.
    """
    try:
        return _decode(answer, transactions)
    except Malformed as error:
        return Unreadable(number, f"value: {error}", _raw(answer, transactions))


def wanted(answer: Any) -> list[str] | None:
    """The ids of the transactions that an answer of `get_block` is completed by; None where it does not hold."""
    try:
        block = parse_block(_blob(answer))
        faulty = _header_faults(block, required(answer, "block_header"))
    except Malformed:
        return None
    return None if faulty else [one.hex() for one in block.transactions]


def _blob(answer: Any) -> bytes:
    return data(required(answer, "blob"), "blob")


def _decode(answer: Any, given: Any) -> Block:
    block = parse_block(_blob(answer))
    header = required(answer, "block_header")
    faults = _header_faults(block, header)
    others: list[Transaction] = []
    if given is not None:
        if not isinstance(given, list):
            raise Malformed(f"txs {shown(given)} is no list")
        others = [parse(_whole(one)) for one in given]
        faults += _transaction_faults(block, others)
    elif not faults:
        raise Malformed("txs is missing")
    fees = [_fee(one) for one in others]
    faults += [
        f"fee: transaction {place} makes {-fee} piconero more than it spends"
        for place, fee in enumerate(fees, 1)
        if fee < 0
    ]
    claimed = data(required(header, "hash"), "hash", HASH)
    difficulty = _difficulty(header)
    weight = integer(required(header, "block_weight"), "block_weight")
    rows: dict[str, Sequence[Row]] = {}
    if not faults:
        size = block.size + sum(one.size for one in others)
        rows = _rows(block, others, [0, *fees], (size, weight, difficulty))
    raw = _raw(answer, given) if faults else b""
    return Block(block.height, claimed, block.parent, rows, tuple(faults), raw)


def _header_faults(block: BlockBlob, header: Any) -> list[str]:
    """What the daemon says of a block that its bytes do not."""
    miner = block.miner.id or b""
    pairs = {
        "hash": block.id.hex(),
        "height": block.height,
        "prev_hash": block.parent.hex(),
        "timestamp": block.timestamp,
        "nonce": block.nonce,
        "major_version": block.major_version,
        "minor_version": block.minor_version,
        "num_txes": len(block.transactions),
        "reward": sum(one.amount for one in block.miner.outputs),
        "miner_tx_hash": miner.hex(),
    }
    faults = []
    for name, found in pairs.items():
        said = required(header, name)
        if type(said) is not type(found) or said != found:
            kind = "header hash" if name == "hash" else name.replace("_", " ")
            faults.append(f"{kind}: the bytes give {found}, the daemon says {shown(said)}")
    return faults


def _transaction_faults(block: BlockBlob, others: Sequence[Transaction]) -> list[str]:
    if len(others) != len(block.transactions):
        return [f"transaction count: the block has {len(block.transactions)}, {len(others)} were given"]
    faults = []
    for place, (known, one) in enumerate(zip(block.transactions, others, strict=True), 1):
        if one.id != known:
            found = (one.id or b"").hex()
            faults.append(f"transaction hash: the bytes of {place} give {found}, the block says {known.hex()}")
        if one.height is not None:
            faults.append(f"transaction: {place} makes coins as only the miner's may")
    return faults


def _fee(one: Transaction) -> int:
    """In piconero: stated by RingCT, what is not made again in version 1."""
    if one.fee is not None:
        return one.fee
    return sum(spent.amount for spent in one.inputs) - sum(made.amount for made in one.outputs)


def _rows(
    block: BlockBlob, others: Sequence[Transaction], fees: Sequence[int], told: tuple[int, int, str]
) -> dict[str, Sequence[Row]]:
    size, weight, difficulty = told
    at = (_fits(block.height, "height"), _fits(block.timestamp, "timestamp"))
    reward = _fits(sum(one.amount for one in block.miner.outputs), "reward")
    version = (_fits(block.major_version, "major version"), _fits(block.minor_version, "minor version"))
    links = (block.id.hex(), block.parent.hex())
    count = 1 + len(others)
    whole = (*at, *links, *version, block.nonce, size, weight, reward, difficulty, count)
    transactions, inputs, outputs = [], [], []
    for index, (one, fee) in enumerate(zip((block.miner, *others), fees, strict=True)):
        transactions.append(_transaction_row(at, index, one, fee))
        for place, spent in enumerate(one.inputs):
            amount = None if one.version == 2 and spent.amount == 0 else _fits(spent.amount, "amount")
            inputs.append((*at, index, place, spent.key_image.hex(), spent.ring_size, amount))
        for place, made in enumerate(one.outputs):
            hidden = one.version == 2 and one.ringct_type != NO_RINGCT
            amount = None if hidden else _fits(made.amount, "amount")
            outputs.append((*at, index, place, made.key.hex(), made.view_tag, amount))
    return {"blocks": [whole], "transactions": transactions, "inputs": inputs, "outputs": outputs}


def _transaction_row(at: tuple[int, int], index: int, one: Transaction, fee: int) -> Row:
    return (
        *at,
        index,
        (one.id or b"").hex(),
        int(one.height is not None),
        one.version,
        str(one.unlock_time),  # up to 2^64 - 1, which stands for never
        _fits(fee, "fee"),
        one.size,
        one.ringct_type,
        len(one.inputs),
        len(one.outputs),
        len(one.extra),
    )


def _whole(given: Any) -> bytes:
    """The bytes of one of `txs`: in one piece, or in two."""
    if whole := required(given, "as_hex"):
        return data(whole, "as_hex")
    return b"".join(data(required(given, name), name) for name in ("pruned_as_hex", "prunable_as_hex"))


def _difficulty(header: Any) -> str:
    """In decimal, as it may have 128 bits: the low 64 stand apart from the high ones."""
    low, high = (required(header, name) for name in ("difficulty", "difficulty_top64"))
    for name, part in (("difficulty", low), ("difficulty_top64", high)):
        if type(part) is not int or not 0 <= part < 2**64:
            raise Malformed(f"{name} {shown(part)} is no integer of 64 bits")
    return str(high << 64 | low)


def _fits(value: int, name: str) -> int:
    if not 0 <= value < COLUMN:
        raise Malformed(f"{name} {value} does not fit the 63 bits of a column")
    return value


def required(record: Any, name: str) -> Any:
    """A value that must be there. Raises Malformed."""
    if not isinstance(record, dict):
        raise Malformed(f"{shown(record)} is no object with {name}")
    if record.get(name) is None:
        raise Malformed(f"{name} is missing")
    return record[name]


def integer(value: Any, name: str) -> int:
    """An integer that a column takes. Raises Malformed."""
    if type(value) is not int:
        raise Malformed(f"{name} {shown(value)} is no integer")
    return _fits(value, name)


def data(value: Any, name: str, width: int | None = None) -> bytes:
    """Bytes, as many as ``width``, from hexadecimal without 0x. Raises Malformed."""
    if isinstance(value, str) and (width is None or len(value) == 2 * width):
        try:
            found = bytes.fromhex(value)
        except ValueError:
            found = b""
        if 2 * len(found) == len(value):  # fromhex passes over blanks
            return found
    raise Malformed(f"{name} {shown(value)} is not {'bytes' if width is None else f'{width} bytes'} in hexadecimal")


def shown(value: Any) -> str:
    """A value, not longer than a message may be."""
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _raw(answer: Any, transactions: Any) -> bytes:
    return json.dumps({"block": answer, "transactions": transactions}, default=str, sort_keys=True).encode()
