"""A block read back from what its hash is over: the header, and what receipts and transactions say in their RLP."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anomalyhive.ingestion.evm import envelopes
from anomalyhive.ingestion.evm.header import FIELDS, LATER_FIELDS
from anomalyhive.ingestion.evm.keccak import keccak
from anomalyhive.ingestion.evm.rlp import decode, items, number, octets
from anomalyhive.ingestion.evm.values import ADDRESS, BLOOM, HASH, Malformed


@dataclass(frozen=True)
class Header:
    """What of a header binds a block: roots over its state and its items, its time, and the block before."""

    hash: bytes
    parent: bytes
    state: bytes
    transactions: bytes
    receipts: bytes
    bloom: bytes
    number: int
    time: int

    @classmethod
    def read(cls, encoded: bytes) -> Header:
        """A header from its RLP. Raises Malformed."""
        fields = items(decode(encoded), "header")
        known = (*FIELDS, *LATER_FIELDS)
        if not len(FIELDS) <= len(fields) <= len(known):
            raise Malformed(f"a header of {len(fields)} fields is not one of {len(FIELDS)} to {len(known)}")
        for (name, width), field in zip(known, fields, strict=False):
            number(field, name) if width == 0 else octets(field, name, width)
        at = {name: field for (name, _), field in zip(known, fields, strict=False)}
        return cls(
            hash=keccak(encoded),
            parent=octets(at["parentHash"], "parentHash", HASH),
            state=octets(at["stateRoot"], "stateRoot", HASH),
            transactions=octets(at["transactionsRoot"], "transactionsRoot", HASH),
            receipts=octets(at["receiptsRoot"], "receiptsRoot", HASH),
            bloom=octets(at["logsBloom"], "logsBloom", BLOOM),
            number=number(at["number"], "number"),
            time=number(at["timestamp"], "timestamp"),
        )

    def may_hold(self, addresses: Iterable[bytes]) -> bool:
        """Whether the bloom filter leaves it open that one of these addresses has written a log in the block."""
        return any(_in_bloom(self.bloom, one) for one in addresses)


def _in_bloom(bloom: bytes, value: bytes) -> bool:
    """Section 4.3.1 of the Yellow Paper: three bits of 2048, each by the low 11 bits of a pair of bytes of the hash."""
    hashed = keccak(value)
    bits = [int.from_bytes(hashed[at : at + 2], "big") & 2047 for at in (0, 2, 4)]
    return all(bloom[BLOOM - 1 - bit // 8] >> bit % 8 & 1 for bit in bits)


@dataclass(frozen=True)
class Log:
    """A log as a receipt has it."""

    address: bytes
    topics: tuple[bytes, ...]
    data: bytes

    @classmethod
    def of(cls, item: object) -> Log:
        """A log from its item. Raises Malformed."""
        address, topics, data = items(item, "log", 3)
        listed = tuple(octets(one, "topic", HASH) for one in items(topics, "topics"))
        if len(listed) > envelopes.TOPICS:
            raise Malformed(f"{len(listed)} topics are more than {envelopes.TOPICS}")
        return cls(octets(address, "address", ADDRESS), listed, octets(data, "data"))


@dataclass(frozen=True)
class Receipt:
    """What a transaction left: the gas of all up to it, and its logs."""

    cumulative_gas: int
    logs: tuple[Log, ...]

    @classmethod
    def read(cls, encoded: bytes) -> Receipt:
        """A receipt from its encoding. Raises Malformed."""
        _, fields = _typed(encoded, "receipt")
        _, gas, _, logs = items(fields, "receipt", 4)
        return cls(number(gas, "cumulativeGasUsed"), tuple(Log.of(one) for one in items(logs, "logs")))


@dataclass(frozen=True)
class Sent:
    """A transaction: its id, whom it called (None: it makes a contract), and with what."""

    hash: bytes
    target: bytes | None
    input: bytes

    @classmethod
    def read(cls, encoded: bytes) -> Sent:
        """A transaction from its encoding. Raises Malformed."""
        kind, decoded = _typed(encoded, "transaction")
        names = envelopes.FIELDS.get(kind)
        if names is None:
            raise Malformed(f"transactions of type {kind} are not known here")
        fields = items(decoded, "transaction", len(names))
        target, data = (fields[names.index(name)] for name in ("to", "input"))
        whom = None if target == b"" else octets(target, "to", ADDRESS)
        return cls(keccak(encoded), whom, octets(data, "input"))


def _typed(encoded: bytes, name: str) -> tuple[int, object]:
    """Type and fields of an envelope (EIP-2718); what begins with a list has the type 0."""
    if not encoded:
        raise Malformed(f"{name} is empty")
    return (0, decode(encoded)) if encoded[0] >= 0xC0 else (encoded[0], decode(encoded[1:]))
