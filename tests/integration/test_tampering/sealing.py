"""Blocks of a chain changed and sealed anew, as far as a forger cares to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from eth_utils.crypto import keccak

from anomalyhive.audit.export.records import Bare, Record, Sealed
from anomalyhive.ingestion.evm.header import FIELDS
from anomalyhive.ingestion.evm.rlp import Item, decode, encode, items
from anomalyhive.ingestion.evm.trie import ordered_root

PLACES = {name: place for place, (name, _) in enumerate(FIELDS)}


def opened(envelope: bytes) -> tuple[bytes, list[Item]]:
    """Type and fields of a receipt or a transaction."""
    kind, payload = (b"", envelope) if envelope[0] >= 0xC0 else (envelope[:1], envelope[1:])
    return kind, items(decode(payload), "envelope")


def closed(kind: bytes, fields: Sequence[Item]) -> bytes:
    return kind + encode(list(fields))


def logs_of(receipt: bytes) -> list[Item]:
    return items(opened(receipt)[1][3], "logs")


def with_logs(receipt: bytes, logs: Sequence[Item]) -> bytes:
    kind, fields = opened(receipt)
    return closed(kind, [*fields[:3], list(logs)])


def field_of(header: bytes, name: str) -> bytes:
    value = items(decode(header), "header")[PLACES[name]]
    assert isinstance(value, bytes)
    return value


def with_field(header: bytes, name: str, value: bytes) -> bytes:
    fields = items(decode(header), "header")
    place = PLACES[name]
    return encode([*fields[:place], value, *fields[place + 1 :]])


def with_header(record: Record, header: bytes) -> Record:
    """A block under another header and its hash."""
    assert isinstance(record, (Bare, Sealed))
    return replace(record, header=header, hash=bytes(keccak(header)))


def sealed_anew(record: Sealed) -> Sealed:
    """A block whose header has the roots of what it holds, under the hash that this gives."""
    header = with_field(record.header, "receiptsRoot", ordered_root(record.receipts))
    anew = with_header(record, with_field(header, "transactionsRoot", ordered_root(record.transactions)))
    assert isinstance(anew, Sealed)
    return anew


def chained_anew(records: Sequence[Record]) -> list[Record]:
    """A chain from the first block on: each names the one before as its parent."""
    chain: list[Record] = [records[0]]
    for record in records[1:]:
        assert isinstance(record, (Bare, Sealed))
        chain.append(with_header(record, with_field(record.header, "parentHash", chain[-1].hash)))
    return chain
