"""Many items at once from the hexadecimal text of JSON-RPC into RLP, in machine code.

An item is a flat run of tokens: quantities, bytes, and where lists begin and end.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from anomalyhive.ingestion.evm.digits import NO_DIGIT, bytes_of, room_for
from anomalyhive.ingestion.evm.keccak_wide import hash_items
from anomalyhive.ingestion.evm.rlp import prefix_size, put_prefix
from anomalyhive.ingestion.evm.values import Malformed, shown

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

QUANTITY, BYTES, BARE, OPEN, CLOSE = range(5)
"""Kinds of tokens: a number; bytes; bytes without prefix, such as the type before a transaction; a list's two ends."""

DIGITS = np.full(256, NO_DIGIT, np.uint8)
"""Character -> value of a hexadecimal digit; of others a byte that has bits above a digit's."""
for _base in (b"0123456789abcdef", b"0123456789ABCDEF"):
    DIGITS[list(_base)] = range(16)

LONG = 130
"""Characters from which on `bytes_of` is the faster: a call of it costs as much as the bytes of a hash."""

DEEPEST = 16
"""Lists within lists: a block holds no more than five."""


class Tokens:
    """Collects the tokens of items one after the other."""

    def __init__(self) -> None:
        self._kinds = bytearray()
        self._texts: list[Any] = []
        self._starts = [0]

    def put(self, kind: int, text: Any) -> None:
        """Append a token that has a text."""
        self._kinds.append(kind)
        self._texts.append(text)

    def open(self) -> None:
        """Begin a list."""
        self.put(OPEN, "")

    def close(self) -> None:
        """End a list."""
        self.put(CLOSE, "")

    def end(self) -> None:
        """End an item."""
        self._starts.append(len(self._kinds))

    def encoded(self) -> tuple[Bytes, Places]:
        """The items' encodings, one after the other, and where each begins. Raises Malformed."""
        try:
            text = "".join(self._texts).encode("ascii")
        except (TypeError, UnicodeEncodeError):
            # A value that is missing, of another type, or full of other characters.
            wrong = next(one for one in self._texts if not isinstance(one, str) or not one.isascii())
            raise Malformed(f"{shown(wrong)} is not hexadecimal") from None
        offsets = np.zeros(len(self._texts) + 1, np.int64)
        np.cumsum([len(one) for one in self._texts], out=offsets[1:])
        kinds = np.frombuffer(self._kinds, np.uint8)
        data = np.frombuffer(bytearray(text), np.uint8)
        out, begins, wrong_at = encode_tokens(data, offsets[:-1], offsets[1:], kinds, np.array(self._starts, np.int64))
        if wrong_at >= 0:
            raise Malformed(f"{shown(self._texts[wrong_at])} is not hexadecimal")
        return out, begins


def hashes(out: Bytes, begins: Places) -> Bytes:
    """Keccak-256 of each encoded item, (n, 32)."""
    found: Bytes = hash_items(out, begins[:-1], begins[1:])
    return found


@numba.njit(cache=True, nogil=True)
def encode_tokens(
    data: Bytes, firsts: Places, stops: Places, kinds: Bytes, starts: Places
) -> tuple[Bytes, Places, int]:
    """Encodings of items, where each begins, and the place of a token that is not hexadecimal, or -1.

    The text of a token is data[firsts:stops]; those of item i are starts[i] to starts[i + 1]. From the last token to
    the first, so that the length of a list is known when its prefix is written.
    """
    room, longest = 9 * len(kinds) + 1, 0
    for token in range(len(kinds)):
        room += (stops[token] - firsts[token]) // 2
        longest = max(longest, stops[token] - firsts[token])
    digits, pairs, words = room_for(longest)
    out, begins, ends = np.empty(room, np.uint8), np.zeros(len(starts), np.int64), np.zeros(DEEPEST, np.int64)
    at = room
    begins[-1] = room
    for item in range(len(starts) - 2, -1, -1):
        depth = 0
        for token in range(starts[item + 1] - 1, starts[item] - 1, -1):
            kind = kinds[token]
            if kind == CLOSE:
                ends[depth] = at
                depth += 1
            elif kind == OPEN:
                depth -= 1
                length = ends[depth] - at
                at -= prefix_size(length)
                put_prefix(out, at, 0xC0, length)
            else:
                stop = at
                start, end = firsts[token], stops[token]
                if kind == BYTES and end - start >= LONG:
                    at = _write_long(data, start, end, out, at, digits, pairs, words)
                else:
                    at = _write(data, start, end, kind, out, at)
                if at < 0:
                    return out, begins, token
                length = stop - at
                if kind != BARE and not (length == 1 and out[at] < 0x80):
                    at -= prefix_size(length)
                    put_prefix(out, at, 0x80, length)
        begins[item] = at
    return out, begins, -1


@numba.njit(cache=True, nogil=True)
def _write(data: Bytes, start: int, stop: int, kind: int, out: Bytes, at: int) -> int:
    """Write the bytes of a hexadecimal text so that they end before out[at]; return where they begin, -1 for others."""
    if stop - start < 2 or data[start] != 48 or data[start + 1] != 120:
        return -1
    first = start + 2
    if kind == QUANTITY:
        while first < stop and data[first] == 48:
            first += 1
    elif (stop - first) % 2:
        return -1
    begun = at - (stop - first + 1) // 2
    at, seen = begun, np.uint8(0)
    if (stop - first) % 2:
        digit = DIGITS[data[first]]
        out[at] = digit
        at, first, seen = at + 1, first + 1, digit
    for byte in range((stop - first) // 2):  # without a way out, which would be asked for at each byte
        high, low = DIGITS[data[first + 2 * byte]], DIGITS[data[first + 2 * byte + 1]]
        seen |= high | low
        out[at + byte] = high << 4 | low
    return -1 if seen >= NO_DIGIT else begun


@numba.njit(cache=True, nogil=True)
def _write_long(data: Bytes, start: int, stop: int, out: Bytes, at: int, digits: Bytes, pairs: Any, words: Any) -> int:
    """The same for many bytes."""
    if data[start] != 48 or data[start + 1] != 120 or (stop - start) % 2:
        return -1
    size = (stop - start) // 2 - 1
    return at - size if bytes_of(data, start + 2, size, out, at - size, digits, pairs, words) else -1
