"""Nodes of hexadecimal text into Arrow's arrays, in machine code, as `values` makes them of Python's.

Each function returns None where a value is not what it must be: whoever asked then lets `values` say what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numba
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anomalyhive.ingestion.evm.digits import NO_DIGIT
from anomalyhive.ingestion.evm.scan import NULL, STRING, Nodes
from anomalyhive.ingestion.evm.tokens import DIGITS
from anomalyhive.ingestion.evm.values import GWEI

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

ANY = -1
"""Width of bytes of any number."""

LOWER = np.frombuffer(b"0123456789abcdef", np.uint8)

WORD_DIGITS = 16
"""Hexadecimal digits of 64 bits."""


def text_columns(
    nodes: Nodes, at: Places, widths: Sequence[int], optional: Sequence[bool]
) -> tuple[pa.Array, ...] | None:
    """Lower-case text of nodes (n, columns), of so many bytes each in a column."""
    rooms = [
        len(at) * (2 + 2 * width) if width != ANY else _characters(nodes, at[:, place])
        for place, width in enumerate(widths)
    ]
    bases = np.cumsum([0, *rooms])
    if bases[-1] >= 1 << 31:
        return None
    room = np.empty(int(bases[-1]), np.uint8)
    offsets, valid = np.zeros((len(widths), len(at) + 1), np.int32), np.ones((len(widths), len(at)), np.uint8)
    if not _texts(
        *(nodes.data, nodes.kinds, nodes.starts, nodes.ends, at, np.array(widths), np.array(optional)),
        *(bases, room, offsets, valid),
    ):
        return None
    held = pa.py_buffer(room)
    return tuple(
        pa.StringArray.from_buffers(len(at), pa.py_buffer(ends), held.slice(base, int(ends[-1])), *_bitmap(there))
        for base, ends, there in zip(bases.tolist(), offsets, valid, strict=False)
    )


def texts(nodes: Nodes, at: Places, width: int) -> pa.Array | None:
    """Lower-case text of so many bytes each."""
    made = text_columns(nodes, at.reshape(-1, 1), [width], [False])
    return None if made is None else made[0]


def _characters(nodes: Nodes, at: Places) -> int:
    """How many of them nodes have together, and those that are missing none."""
    return int(((nodes.ends[at] - nodes.starts[at]) * (at >= 0)).sum())


def cut(nodes: Nodes, firsts: Places, widths: Places) -> pa.Array:
    """Lower-case text of so many digits from these places on, each after 0x."""
    offsets = np.zeros(len(firsts) + 1, np.int32)
    np.cumsum(widths + 2, out=offsets[1:])
    room = np.empty(int(offsets[-1]), np.uint8)
    _cut(nodes.data, firsts, widths, room)
    return pa.StringArray.from_buffers(len(firsts), pa.py_buffer(offsets), pa.py_buffer(room))


def integer_columns(nodes: Nodes, at: Places, optional: Sequence[bool]) -> tuple[Places, Bytes] | None:
    """Quantities that a column takes, of nodes (n, columns), and whether each is there: (columns, n).

    Row by row, because what stands side by side in the text is near in memory too.
    """
    found, valid = np.zeros(at.shape[::-1], np.int64), np.ones(at.shape[::-1], np.uint8)
    done = _integers(nodes.data, nodes.kinds, nodes.starts, nodes.ends, at, np.array(optional), found, valid)
    return (found, valid) if done else None


def column(values: Places) -> pa.Array:
    """Integers that are all there as a column; `pa.array` would look for masks first."""
    held = np.ascontiguousarray(values, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(held), [None, pa.py_buffer(held)], 0)


def integer_array(given: tuple[Places, Bytes]) -> pa.Array:
    """The same as a column."""
    found, valid = given
    bitmap, nulls = _bitmap(valid)
    return pa.Array.from_buffers(pa.int64(), len(found), [bitmap, pa.py_buffer(found)], nulls)


def gwei(nodes: Nodes, at: Places) -> tuple[Places, Places] | None:
    """Wei as gwei and what is left of one."""
    whole, rest = np.zeros(len(at), np.int64), np.zeros(len(at), np.int64)
    done = _gwei(nodes.data, nodes.kinds, nodes.starts, nodes.ends, at, whole, rest)
    return (whole, rest) if done else None


def same_texts(nodes: Nodes, one: Places, other: Places) -> bool:
    """Whether two lists of nodes are strings, the same ones."""
    return bool(_same(nodes.data, nodes.kinds, nodes.starts, nodes.ends, one, other))


def are_hex_of(nodes: Nodes, at: Places, hashes: Bytes) -> bool:
    """Whether the strings are those of hashes (n, 32), in lower case."""
    return bool(_hex_of(nodes.data, nodes.kinds, nodes.starts, nodes.ends, at, hashes))


def are_text(array: pa.Array, text: str) -> NDArray[np.bool_]:
    """Whether each value of an array of `texts` is this text, whose width they have; nulls are left out."""
    _, offsets, data = array.buffers()
    held = np.frombuffer(data, np.uint8)[: np.frombuffer(offsets, np.int32)[len(array)]]
    wanted = np.frombuffer(text.encode(), np.uint8)
    same: NDArray[np.bool_] = (held.reshape(-1, len(text)) == wanted).all(axis=1)
    return same


def _bitmap(valid: Bytes) -> tuple[pa.Buffer | None, int]:
    """Arrow's bitmap, and how many are null."""
    nulls = int(len(valid) - valid.sum())
    return (pa.py_buffer(np.packbits(valid, bitorder="little")) if nulls else None), nulls


@numba.njit(cache=True, nogil=True)
def _cut(data: Bytes, firsts: Places, widths: Places, room: Bytes) -> None:
    at = 0
    for row in range(len(firsts)):
        room[at], room[at + 1] = 48, 120
        at += 2
        for place in range(widths[row]):
            character = data[firsts[row] + place]
            room[at + place] = character | 32 if character >= 65 else character  # of digits: A to F, a to f
        at += widths[row]


@numba.njit(cache=True, nogil=True)
def _begun(data: Bytes, kinds: Bytes, starts: Places, ends: Places, node: int) -> bool:
    """Whether a node is a string that begins with 0x."""
    if node < 0 or kinds[node] != STRING or ends[node] - starts[node] < 2:
        return False
    return bool(data[starts[node]] == 48 and data[starts[node] + 1] == 120)


@numba.njit(cache=True, nogil=True)
def _texts(
    data: Bytes,
    kinds: Bytes,
    starts: Places,
    ends: Places,
    at: Any,
    widths: Places,
    optional: Any,
    bases: Places,
    room: Bytes,
    offsets: Any,
    valid: Any,
) -> bool:
    for row in range(len(at)):
        for column in range(len(widths)):
            node, width, written = at[row, column], widths[column], offsets[column, row]
            if optional[column] and (node < 0 or kinds[node] == NULL):
                valid[column, row] = 0
                offsets[column, row + 1] = written
                continue
            if not _begun(data, kinds, starts, ends, node):
                return False
            size = ends[node] - starts[node]
            if size % 2 or (width >= 0 and size != 2 + 2 * width):
                return False
            given, put = data[starts[node] : ends[node]], room[bases[column] + written : bases[column] + written + size]
            put[0], put[1] = 48, 120
            wrong = 0
            for place in range(2, size):  # without a way out, so that many digits are looked at together
                character = given[place]
                low = character | 32
                letter = (low >= 97) & (low <= 102)
                wrong |= 1 - (letter | ((character >= 48) & (character <= 57)))
                put[place] = low if letter else character
            if wrong:
                return False
            offsets[column, row + 1] = written + size
    return True


@numba.njit(cache=True, nogil=True)
def _integers(
    data: Bytes, kinds: Bytes, starts: Places, ends: Places, at: Any, optional: Any, found: Any, valid: Any
) -> bool:
    for row in range(len(at)):
        for column in range(len(optional)):
            node = at[row, column]
            if optional[column] and (node < 0 or kinds[node] == NULL):
                valid[column, row] = 0
                continue
            if not _begun(data, kinds, starts, ends, node):
                return False
            first, stop = starts[node] + 2, ends[node]
            if first == stop:
                return False
            while first < stop and data[first] == 48:
                first += 1
            if stop - first > WORD_DIGITS:
                return False
            number, seen = np.uint64(0), np.uint8(0)
            for place in range(first, stop):
                digit = DIGITS[data[place]]
                seen |= digit
                number = (number << np.uint64(4)) | np.uint64(digit)
            if seen >= NO_DIGIT or number >> np.uint64(63):
                return False
            found[column, row] = number
    return True


@numba.njit(cache=True, nogil=True)
def _gwei(data: Bytes, kinds: Bytes, starts: Places, ends: Places, at: Places, whole: Places, rest: Places) -> bool:
    """Long division, digit by digit."""
    for row in range(len(at)):
        node = at[row]
        if not _begun(data, kinds, starts, ends, node) or ends[node] - starts[node] < 3:
            return False
        high, low = 0, 0
        for place in range(starts[node] + 2, ends[node]):
            digit = np.int64(DIGITS[data[place]])
            if digit >= NO_DIGIT or high >= 1 << 58:
                return False
            low = low * 16 + digit
            high = high * 16 + low // GWEI
            low %= GWEI
        whole[row], rest[row] = high, low
    return True


@numba.njit(cache=True, nogil=True)
def _same(data: Bytes, kinds: Bytes, starts: Places, ends: Places, one: Places, other: Places) -> bool:
    for row in range(len(one)):
        a, b = one[row], other[row]
        if a < 0 or b < 0 or kinds[a] != STRING or kinds[b] != STRING or ends[a] - starts[a] != ends[b] - starts[b]:
            return False
        differing = np.uint8(0)
        for place in range(ends[a] - starts[a]):
            differing |= data[starts[a] + place] ^ data[starts[b] + place]
        if differing:
            return False
    return True


@numba.njit(cache=True, nogil=True)
def _hex_of(data: Bytes, kinds: Bytes, starts: Places, ends: Places, at: Places, hashes: Any) -> bool:
    for row in range(len(at)):
        node = at[row]
        if not _begun(data, kinds, starts, ends, node) or ends[node] - starts[node] != 66:
            return False
        differing = np.uint8(0)
        for byte in range(32):
            at_byte = starts[node] + 2 + 2 * byte
            differing |= data[at_byte] ^ LOWER[hashes[row, byte] >> 4]
            differing |= data[at_byte + 1] ^ LOWER[hashes[row, byte] & 15]
        if differing:
            return False
    return True
