"""The 80 bytes that a block's hash is of, and the work that the hash must show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from anomalyhive.ingestion.bitcoin.cursor import Cursor
from anomalyhive.ingestion.bitcoin.hashing import sha256d, shown
from anomalyhive.ingestion.bitcoin.networks import Network


@dataclass(frozen=True)
class Header:
    """A header; hashes as they are shown, ``timestamp`` in seconds since 1970, ``bits`` the target in short."""

    hash: bytes
    version: int
    parent_hash: bytes
    merkle_root: bytes
    timestamp: int
    bits: int
    nonce: int


def read_header(cursor: Cursor) -> Header:
    """The header at the cursor, with its hash."""
    start = cursor.at
    version = cursor.i32()
    parent, root = shown(cursor.take(32)), shown(cursor.take(32))
    timestamp, bits, nonce = cursor.u32(), cursor.u32(), cursor.u32()
    digest = sha256d(cursor.data[start : cursor.at])
    return Header(shown(digest), version, parent, root, timestamp, bits, nonce)


def target_of(bits: int) -> int:
    """The target that `bits` abbreviates: 24 bits of mantissa times 256^(exponent - 3).

    0 where the sign bit is set: such a number is negative, and no hash is below it.
    """
    exponent, mantissa = bits >> 24, bits & 0x7FFFFF
    if bits & 0x800000:
        return 0
    return mantissa >> 8 * (3 - exponent) if exponent < 3 else mantissa << 8 * (exponent - 3)


def work_faults(digest: bytes, bits: int, network: Network) -> Iterator[str]:
    """What is wrong with the proof of work of a hash as it is shown.

    Whether the target is the one that the 2016 blocks before it ask for is not seen: that takes those blocks.
    """
    target = target_of(bits)
    if not 0 < target <= target_of(network.limit):
        where = f"{network.chain} {network.name}, whose easiest is {network.limit:08x}"
        yield f"proof of work: bits {bits:08x} are no target of {where}"
    elif int.from_bytes(digest, "big") > target:
        yield f"proof of work: hash {digest.hex()} does not meet the target of bits {bits:08x}"
