"""Many addresses at once, 20 bytes each: from and to text, in order, and their numbers among the different ones.

A table that repeats an address in thousands of rows holds its number there, so that text is compared and moved once.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anomalyhive.errors import BadTable
from anomalyhive.metrics.hashing import half_digests

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

SIZE = 20
"""Bytes of an address."""

TEXT = 2 + 2 * SIZE
"""Characters of an address: 0x and hexadecimal digits in lower case."""

_NO_DIGIT = 0xF0
_DIGITS = np.full(256, _NO_DIGIT, np.uint8)
_DIGITS[list(b"0123456789abcdef")] = range(16)
_PAIRS = np.frombuffer(bytes(range(256)).hex().encode(), np.uint8).reshape(256, 2)


def as_packed(texts: pa.Array) -> Bytes:
    """Text of addresses as bytes (n, 20). Raises BadTable for what is none."""
    texts = texts.cast(pa.large_string())
    offsets = np.frombuffer(texts.buffers()[1], np.int64)[texts.offset :][: len(texts) + 1]
    packed = _read(texts, offsets) if (np.diff(offsets) == TEXT).all() and not texts.null_count else None
    if packed is None:
        wrong = next(one for one in texts.to_pylist() if not _is_address(one))
        raise BadTable(f"{str(wrong)[:80]!r} is no address: give 0x and 40 hexadecimal digits in lower case")
    return packed


def as_text(packed: Bytes) -> pa.Array:
    """Bytes of addresses (n, 20) as text."""
    found = np.empty((len(packed), TEXT), np.uint8)
    found[:, 0], found[:, 1] = 48, 120
    found[:, 2:] = _PAIRS[packed].reshape(len(packed), 2 * SIZE)
    offsets = np.arange(len(packed) + 1, dtype=np.int64) * TEXT
    return pa.LargeStringArray.from_buffers(len(packed), pa.py_buffer(offsets), pa.py_buffer(found)).cast(pa.string())


def different(packed: Bytes) -> tuple[Bytes, Ints]:
    """Each address once, ascending, and which of these each is (n,)."""
    words = _words(packed)
    # Nearly all addresses are hashes, so their first eight bytes tell them apart.
    order = np.argsort(words[:, 0])
    same, unsure = _compared(words[order])
    if unsure:
        order = np.lexsort((words[:, 2], words[:, 1], words[:, 0]))
        same, _ = _compared(words[order])
    fresh = np.concatenate([np.ones(min(1, len(packed)), np.bool_), ~same])
    numbers = np.empty(len(packed), np.int64)
    numbers[order] = np.cumsum(fresh) - 1
    return packed[order[fresh]], numbers


def numbered(texts: pa.ChunkedArray) -> tuple[Bytes, Ints]:
    """The different addresses of a column (k, 20), ascending, and which of them is in each row. Raises BadTable."""
    encoded = texts.combine_chunks().dictionary_encode() if len(texts) else None
    if encoded is None:
        return np.empty((0, SIZE), np.uint8), np.empty(0, np.int64)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    names, numbers = different(as_packed(encoded.dictionary))
    if encoded.null_count:
        raise BadTable("an event is of no address")
    found: Ints = numbers[encoded.indices.to_numpy()]
    return names, found


def hashed(packed: Bytes) -> NDArray[np.uint64]:
    """Two numbers (n, 2) of the hash of each address."""
    starts = np.arange(len(packed), dtype=np.int64) * SIZE
    return half_digests(np.ascontiguousarray(packed).reshape(-1), starts, starts + SIZE)


def _read(texts: pa.Array, offsets: Ints) -> Bytes | None:
    if not len(texts):
        return np.empty((0, SIZE), np.uint8)
    held = np.frombuffer(texts.buffers()[2], np.uint8)[offsets[0] : offsets[-1]].reshape(-1, TEXT)
    digits = _DIGITS[held[:, 2:]]
    if digits.max() == _NO_DIGIT or (held[:, :2] != (48, 120)).any():
        return None
    packed: Bytes = np.bitwise_or(digits[:, ::2] << 4, digits[:, 1::2], dtype=np.uint8)
    return packed


def _is_address(text: str | None) -> bool:
    return text is not None and len(text) == TEXT and text[:2] == "0x" and not set(text[2:]) - set("0123456789abcdef")


def _words(packed: Bytes) -> Words:
    """Three numbers (n, 3) in the order of the bytes."""
    padded = np.zeros((len(packed), 24), np.uint8)
    padded[:, :SIZE] = packed
    return padded.view(">u8").astype(np.uint64)


def _compared(words: Words) -> tuple[NDArray[np.bool_], bool]:
    """Whether each but the first is what stands before it, and whether some begin alike and are not the same."""
    begin = words[1:, 0] == words[:-1, 0]
    same = begin & (words[1:, 1] == words[:-1, 1]) & (words[1:, 2] == words[:-1, 2])
    return same, bool((begin & ~same).any())
