"""A transaction of Monero from its bytes, whole or pruned.

The layout is that of src/cryptonote_basic/cryptonote_basic.h and src/ringct/rctTypes.h in Monero 0.18.
"""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils.crypto import keccak

from anomalyhive.ingestion.monero.cursor import HASH, Cursor, Malformed
from anomalyhive.ingestion.monero.hashing import NO_HASH, transaction_id

GENERATED, TO_KEY, TO_TAGGED_KEY = 0xFF, 0x02, 0x03
"""Tags of inputs and outputs: newly made coins; from or to a one-time key; to one with a view tag."""

SIGNATURE = 64
"""Bytes for each member of a ring in version 1."""

NO_RINGCT, SIMPLE, BULLETPROOF2, LAST_RINGCT = 0, 2, 4, 6
"""RingCT types: none (a miner's), that with pseudo outputs ahead, the first with short amounts, the last known."""


@dataclass(frozen=True)
class Input:
    """What is spent, one of ``ring_size`` outputs: ``amount`` in piconero, 0 where RingCT hides it."""

    amount: int
    ring_size: int
    key_image: bytes


@dataclass(frozen=True)
class Output:
    """What is made: ``amount`` in piconero, 0 where RingCT hides it; ``view_tag`` since the hard fork of 2022."""

    amount: int
    key: bytes
    view_tag: int | None


@dataclass(frozen=True)
class Transaction:
    """A transaction. ``height`` is that of its block in a miner's and None in others; ``fee`` is what RingCT states.

    ``size`` is that of the bytes given; ``id`` is None in version 1 where they are pruned, as it is their hash.
    """

    version: int
    unlock_time: int
    height: int | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    extra: bytes
    ringct_type: int | None
    fee: int | None
    size: int
    id: bytes | None


@dataclass(frozen=True)
class _Front:
    """What comes before signatures and proofs, with its two parts as bytes."""

    version: int
    unlock_time: int
    height: int | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    extra: bytes
    ringct_type: int | None
    fee: int | None
    prefix: bytes
    base: bytes

    def id(self, prunable_hash: bytes) -> bytes:
        """In version 2, where a miner's transaction has nothing to prune."""
        return transaction_id(self.prefix, self.base, NO_HASH if self.ringct_type == NO_RINGCT else prunable_hash)

    def whole(self, size: int, id_: bytes | None) -> Transaction:
        return Transaction(
            self.version,
            self.unlock_time,
            self.height,
            self.inputs,
            self.outputs,
            self.extra,
            self.ringct_type,
            self.fee,
            size,
            id_,
        )


def parse(blob: bytes) -> Transaction:
    """A whole transaction. Raises Malformed."""
    cursor = Cursor(blob)
    front = _front(cursor)
    if front.version == 1:
        for spent in front.inputs:
            cursor.take(SIGNATURE * spent.ring_size, "signatures")
        cursor.end("a transaction")
        return front.whole(len(blob), keccak(blob))
    if front.ringct_type == NO_RINGCT:
        cursor.end("a transaction without RingCT")
    elif cursor.left == 0:
        raise Malformed("a transaction has no signatures and proofs: it is pruned")
    # The proofs' layout depends on their type and need not be known: the id covers every byte of them.
    return front.whole(len(blob), front.id(keccak(cursor.take(cursor.left, "proofs"))))


def parse_pruned(blob: bytes, prunable_hash: bytes) -> Transaction:
    """A transaction without its signatures and proofs, whose hash is given. Raises Malformed."""
    cursor = Cursor(blob)
    front = _front(cursor)
    cursor.end("a pruned transaction")
    return front.whole(len(blob), front.id(prunable_hash) if front.version == 2 else None)


def parse_miner(cursor: Cursor) -> Transaction:
    """The miner's transaction at the cursor, which has no signatures and no proofs. Raises Malformed."""
    start = cursor.place
    front = _front(cursor)
    if front.height is None:
        raise Malformed("the miner's transaction spends outputs")
    if front.ringct_type not in (None, NO_RINGCT):
        raise Malformed(f"RingCT type {front.ringct_type} in the miner's transaction")
    blob = cursor.since(start)
    return front.whole(len(blob), keccak(blob) if front.version == 1 else front.id(NO_HASH))


def _front(cursor: Cursor) -> _Front:
    start = cursor.place
    version = cursor.varint("version")
    if version not in (1, 2):
        raise Malformed(f"version {version} of a transaction is not 1 or 2")
    unlock_time = cursor.varint("unlock time")
    height, inputs = _inputs(cursor)
    outputs = tuple(_output(cursor) for _ in range(cursor.count("outputs", 2 + HASH)))
    extra = cursor.take(cursor.count("bytes of extra", 1), "extra")
    prefix, middle = cursor.since(start), cursor.place
    kind, fee = _ringct(cursor, len(inputs), len(outputs)) if version == 2 else (None, None)
    return _Front(version, unlock_time, height, inputs, outputs, extra, kind, fee, prefix, cursor.since(middle))


def _inputs(cursor: Cursor) -> tuple[int | None, tuple[Input, ...]]:
    """The height of newly made coins, or what is spent."""
    count = cursor.count("inputs", 2)
    height, inputs = None, []
    for _ in range(count):
        tag = cursor.byte("tag of an input")
        if tag == GENERATED and count == 1:
            height = cursor.varint("height")
        elif tag == TO_KEY:
            amount = cursor.varint("amount")
            ring = cursor.count("ring members", 1)
            for _ in range(ring):
                cursor.varint("offset of a ring member")
            inputs.append(Input(amount, ring, cursor.take(HASH, "key image")))
        else:
            raise Malformed(f"tag {tag:#04x} of an input at byte {cursor.place - 1} is unknown")
    if not count:
        raise Malformed("a transaction has no inputs")
    return height, tuple(inputs)


def _output(cursor: Cursor) -> Output:
    amount = cursor.varint("amount")
    tag = cursor.byte("tag of an output")
    if tag not in (TO_KEY, TO_TAGGED_KEY):
        raise Malformed(f"tag {tag:#04x} of an output at byte {cursor.place - 1} is unknown")
    key = cursor.take(HASH, "key")
    return Output(amount, key, cursor.byte("view tag") if tag == TO_TAGGED_KEY else None)


def _ringct(cursor: Cursor, inputs: int, outputs: int) -> tuple[int, int | None]:
    """Type and fee of a RingCT base; amounts and commitments are passed over."""
    kind = cursor.byte("RingCT type")
    if kind > LAST_RINGCT:
        raise Malformed(f"RingCT type {kind} is unknown")
    if kind == NO_RINGCT:
        if inputs:
            raise Malformed("RingCT type 0 in a transaction that spends outputs")
        return kind, None
    fee = cursor.varint("fee")
    if kind == SIMPLE:
        cursor.take(HASH * inputs, "pseudo outputs")
    cursor.take((8 if kind >= BULLETPROOF2 else 2 * HASH) * outputs, "hidden amounts")
    cursor.take(HASH * outputs, "commitments")
    return kind, fee
