"""A block of Monero from its bytes: header, miner's transaction, ids of the others."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.ingestion.monero.cursor import HASH, Cursor, Malformed
from anomalyhive.ingestion.monero.hashing import block_id
from anomalyhive.ingestion.monero.transaction import Transaction, parse_miner


@dataclass(frozen=True)
class BlockBlob:
    """What the bytes of a block say; ``id`` is recomputed from them."""

    major_version: int
    minor_version: int
    timestamp: int
    parent: bytes
    nonce: int
    miner: Transaction
    transactions: tuple[bytes, ...]
    size: int
    id: bytes

    @property
    def height(self) -> int:
        """The number of the block, as its miner's transaction has it."""
        return self.miner.height or 0


def parse_block(blob: bytes) -> BlockBlob:
    """A block. Raises Malformed."""
    cursor = Cursor(blob)
    major, minor = cursor.varint("major version"), cursor.varint("minor version")
    timestamp = cursor.varint("timestamp")
    parent = cursor.take(HASH, "parent")
    nonce = int.from_bytes(cursor.take(4, "nonce"), "little")
    header = cursor.since(0)
    miner = parse_miner(cursor)
    count = cursor.count("transactions", HASH)
    ids = tuple(cursor.take(HASH, "transaction id") for _ in range(count))
    cursor.end("a block")
    if miner.id is None or miner.height is None:
        raise Malformed("the miner's transaction has no id")
    found = block_id(header, (miner.id, *ids), miner.height, blob)
    return BlockBlob(major, minor, timestamp, parent, nonce, miner, ids, len(blob), found)
