"""The records of a log: what an export keeps of each block, as RLP.

    [hash, header]                                       nothing in it is the hive's, and the header shows that
    [hash, header, [receipt, …], [transaction, …]]       everything that the header's roots are over
    [hash, number, time, parent, why, [log, …]]          as the node told it: what cannot be recomputed, and why

with log = [index, transaction, address, [topic, …], data]. A header is the RLP that its hash is over; receipts and
transactions are encoded as the roots over them have it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from anomalyhive.errors import AuditFailure
from anomalyhive.ingestion.evm.rlp import Item, decode_many, encode, items, number, octets
from anomalyhive.ingestion.evm.sealed import Log
from anomalyhive.ingestion.evm.values import HASH, Malformed

MOST_WORDS = 200
"""Bytes of a reason."""


@dataclass(frozen=True)
class Bare:
    """A block without events."""

    hash: bytes
    header: bytes


@dataclass(frozen=True)
class Sealed:
    """A block with all that binds its logs to its hash."""

    hash: bytes
    header: bytes
    receipts: tuple[bytes, ...]
    transactions: tuple[bytes, ...]


@dataclass(frozen=True)
class Placed:
    """A log with what its receipt does not say: its place in the block and its transaction."""

    index: int
    transaction: bytes
    log: Log


@dataclass(frozen=True)
class Told:
    """A block as a node told it; ``why`` it is not sealed, in words."""

    hash: bytes
    number: int
    time: int
    parent: bytes
    why: str
    logs: tuple[Placed, ...]


Record: TypeAlias = Bare | Sealed | Told


def encoded(record: Record) -> bytes:
    """A record's bytes."""
    if isinstance(record, Bare):
        return encode([record.hash, record.header])
    if isinstance(record, Sealed):
        return encode([record.hash, record.header, list(record.receipts), list(record.transactions)])
    logs = [[one.index, one.transaction, one.log.address, list(one.log.topics), one.log.data] for one in record.logs]
    why = record.why.encode()[:MOST_WORDS].decode(errors="ignore").encode()
    return encode([record.hash, record.number, record.time, record.parent, why, logs])


def decoded(stretch: bytes) -> Iterator[tuple[Record, int]]:
    """The records that stand one after the other, each with its length. Raises AuditFailure for what is none."""
    try:
        for item, length in decode_many(stretch):
            yield _record(items(item, "record")), length
    except Malformed as error:
        raise AuditFailure(f"the log of the export is malformed: {error}") from error


def _record(fields: list[Item]) -> Record:
    if len(fields) == 2:
        return Bare(octets(fields[0], "hash", HASH), octets(fields[1], "header"))
    if len(fields) == 4:
        receipts = tuple(octets(one, "receipt") for one in items(fields[2], "receipts"))
        transactions = tuple(octets(one, "transaction") for one in items(fields[3], "transactions"))
        return Sealed(octets(fields[0], "hash", HASH), octets(fields[1], "header"), receipts, transactions)
    if len(fields) != 6:
        raise Malformed(f"a record of {len(fields)} fields is none")
    why = octets(fields[4], "why")
    if len(why) > MOST_WORDS:
        raise Malformed(f"a reason of {len(why)} bytes is longer than {MOST_WORDS}")
    try:
        words = why.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"a reason is no text: {error}") from error
    return Told(
        octets(fields[0], "hash", HASH),
        number(fields[1], "number"),
        number(fields[2], "time"),
        octets(fields[3], "parent", HASH),
        words,
        tuple(_placed(one) for one in items(fields[5], "logs")),
    )


def _placed(item: Item) -> Placed:
    index, transaction, *log = items(item, "log", 5)
    return Placed(number(index, "index"), octets(transaction, "transaction", HASH), Log.of(log))
