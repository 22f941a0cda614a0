"""Recursive Length Prefix (appendix B of the Yellow Paper): the encoding that Ethereum hashes."""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
from numpy.typing import NDArray


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
