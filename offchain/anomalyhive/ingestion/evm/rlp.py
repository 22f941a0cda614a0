"""Recursive Length Prefix (appendix B of the Yellow Paper): the encoding that Ethereum hashes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import numba
import numpy as np
from numpy.typing import NDArray

from anomalyhive.ingestion.evm.values import Malformed

Item: TypeAlias = "bytes | list[Item]"

DEEPEST = 16
"""Lists within lists that are read: a block holds no more than five."""


def encode(item: int | bytes | Sequence[object]) -> bytes:
    """The encoding of a number (without leading zeros), of bytes, or of a list of items."""
    if isinstance(item, int):
        item = item.to_bytes((item.bit_length() + 7) // 8, "big")
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _prefix(len(item), 0x80) + item
    payload = b"".join([encode(one) for one in item])  # type: ignore[arg-type]  # a list of items again
    return _prefix(len(payload), 0xC0) + payload


def _prefix(length: int, base: int) -> bytes:
    """The length of what follows: in the first byte up to 55, else in so many bytes as that says."""
    if length < 56:
        return bytes([base + length])
    written = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(written)]) + written


def decode(encoded: bytes) -> Item:
    """What is encoded, in its one encoding: `encode` gives the same bytes. Raises Malformed."""
    item, stop = _read(encoded, 0, len(encoded), 0)
    if stop != len(encoded):
        raise Malformed(f"{len(encoded) - stop} bytes follow the item that ends at byte {stop}")
    return item


def decode_many(encoded: bytes) -> Iterator[tuple[Item, int]]:
    """Items that stand one after the other, each with its length in bytes. Raises Malformed."""
    at = 0
    while at < len(encoded):
        item, stop = _read(encoded, at, len(encoded), 0)
        yield item, stop - at
        at = stop


def number(item: object, name: str) -> int:
    """A number without leading zeros. Raises Malformed."""
    if not isinstance(item, bytes) or item[:1] == b"\0" or len(item) > 32:
        raise Malformed(f"{name} is no number of at most 32 bytes without leading zeros")
    return int.from_bytes(item, "big")


def octets(item: object, name: str, width: int | None = None) -> bytes:
    """Bytes, as many as ``width``. Raises Malformed."""
    if not isinstance(item, bytes) or width not in (None, len(item)):
        raise Malformed(f"{name} is not {'bytes' if width is None else f'{width} bytes'}")
    return item


def items(item: object, name: str, count: int | None = None) -> list[Item]:
    """A list, of ``count`` items. Raises Malformed."""
    if not isinstance(item, list) or count not in (None, len(item)):
        raise Malformed(f"{name} is no list{'' if count is None else f' of {count} items'}")
    return item


def _read(encoded: bytes, at: int, end: int, depth: int) -> tuple[Item, int]:
    """The item that begins at a byte, and where it stops, which is not after ``end``."""
    if at >= end:
        raise Malformed(f"it ends at byte {at}, where an item should begin")
    first = encoded[at]
    if first < 0x80:
        return encoded[at : at + 1], at + 1
    start, stop = _span(encoded, at, end, 0x80 if first < 0xC0 else 0xC0)
    if first < 0xC0:
        if stop - start == 1 and encoded[start] < 0x80:
            raise Malformed(f"the byte at {start} has a prefix and needs none")
        return encoded[start:stop], stop
    if depth == DEEPEST:
        raise Malformed(f"it nests deeper than {DEEPEST} lists")
    found: list[Item] = []
    while start < stop:
        item, start = _read(encoded, start, stop, depth + 1)
        found.append(item)
    return found, stop


def _span(encoded: bytes, at: int, end: int, base: int) -> tuple[int, int]:
    """Where the payload behind a prefix begins and stops."""
    length, start = encoded[at] - base, at + 1
    if length > 55:
        written = encoded[start : start + length - 55]
        start += length - 55
        length = int.from_bytes(written, "big")
        if start > end or written[:1] == b"\0" or length < 56:
            raise Malformed(f"the length at byte {at} is cut or not in its shortest form")
    if start + length > end:
        raise Malformed(f"the item at byte {at} is {start + length - end} bytes longer than what holds it")
    return start, start + length


@numba.njit(cache=True, nogil=True)
def prefix_size(length: int) -> int:
    """Bytes of the prefix of so many bytes."""
    size = 1
    if length > 55:
        while length:
            size += 1
            length >>= 8
    return size


@numba.njit(cache=True, nogil=True)
def put_prefix(out: NDArray[np.uint8], at: int, base: int, length: int) -> int:
    """Write the prefix of bytes (base 0x80) or of a list (0xc0) of so many bytes to out[at:]; return the next place."""
    size = prefix_size(length)
    if size == 1:
        out[at] = base + length
    else:
        out[at] = base + 54 + size
        for byte in range(1, size):
            out[at + byte] = (length >> (8 * (size - 1 - byte))) & 0xFF
    return at + size
