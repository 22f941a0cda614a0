"""The root of the Merkle-Patricia trie over a list (appendix D of the Yellow Paper): keys are the RLP of the places.

Header fields `transactionsRoot`, `receiptsRoot` and `withdrawalsRoot` are such roots. No key is the beginning of
another, so that a branch never has a value of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np
from numpy.typing import NDArray

from anomalyhive.ingestion.evm.keccak import keccak_into
from anomalyhive.ingestion.evm.keccak_wide import hash_items
from anomalyhive.ingestion.evm.rlp import prefix_size, put_prefix

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

EMPTY_ROOT = bytes.fromhex("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421")
"""keccak256(rlp(b""))."""

NIBBLES = 6
"""Of the longest key: three bytes, for up to 65,536 items."""

MOST_ITEMS = 1 << 16

REFERENCE = 33
"""Bytes of a node's reference at most: the hash with its length, or the node itself if it is shorter than 32."""


NODE_ROOM = 16 * REFERENCE + 16
"""Bytes of a branch, and more than an extension has."""

LEAF_ROOM = 32
"""More bytes than a leaf has beside its value: two lengths of up to nine, and a path."""


def ordered_root(items: Sequence[bytes]) -> bytes:
    """The root over encoded items, such as transactions."""
    stops = np.cumsum([len(item) for item in items], dtype=np.int64)
    return root_of(np.frombuffer(bytearray().join(items), np.uint8), np.concatenate([np.zeros(1, np.int64), stops]))


def root_of(data: Bytes, offsets: Places) -> bytes:
    """The root over items that stand one after the other, item i at data[offsets[i]:offsets[i + 1]]."""
    if len(offsets) == 1:
        return EMPTY_ROOT
    if len(offsets) > MOST_ITEMS:
        raise ValueError(f"{len(offsets) - 1} items are more than the {MOST_ITEMS} that fit a block")
    return bytes(_root(data, offsets))


@numba.njit(cache=True, nogil=True)
def _root(data: Bytes, offsets: Places) -> Bytes:
    """From the first key to the last: a branch is open while keys share its path, and hashed when they no longer do.

    Not by recursion, which Numba cannot keep in its cache.
    """
    count = len(offsets) - 1
    keys, lengths, order = _sorted_keys(count)
    leaves, ends, hashed = _leaves(data, offsets, keys, lengths, order)
    room, reference = np.zeros(NODE_ROOM, np.uint8), np.zeros(REFERENCE, np.uint8)
    children = np.zeros((NIBBLES, 16, REFERENCE), np.uint8)
    sizes = np.zeros((NIBBLES, 16), np.int64)
    is_open = np.zeros(NIBBLES + 1, np.bool_)
    before = -1  # nibbles that a key shares with the one before, less one: the depth of the branch that parts them
    size = 0
    for rank in range(count):
        after = -1 if rank == count - 1 else _shared(keys, rank)
        depth = max(before, after)
        if after >= 0 and not is_open[after]:
            is_open[after] = True
            sizes[after] = 0
        size = ends[rank + 1] - ends[rank]
        if size < 32:
            for byte in range(size):
                reference[byte] = leaves[ends[rank] + byte]
        else:
            size, reference[0] = REFERENCE, 0xA0
            for byte in range(32):
                reference[1 + byte] = hashed[rank, byte]
        if depth >= 0:
            _adopt(children, sizes, depth, keys[rank, depth], reference, size)
        for closing in range(NIBBLES - 1, after, -1):
            if not is_open[closing]:
                continue
            is_open[closing] = False
            parent = closing - 1
            while parent > after and not is_open[parent]:
                parent -= 1
            size = _branch(children[closing], sizes[closing], room, reference)
            if closing - parent > 1:
                below = reference.copy()
                gap = closing - parent - 1
                stop = _put_pair(keys[rank], parent + 1, gap, 0x00, below, 0, size, False, room, 0)
                size = _reference(room, 0, stop, reference)
            if parent >= 0:
                _adopt(children, sizes, parent, keys[rank, parent], reference, size)
        before = after
    out = np.zeros(32, np.uint8)
    if size == REFERENCE:
        out[:] = reference[1:]
    else:  # a root is hashed however short it is
        keccak_into(reference, 0, size, out, 0)
    return out


@numba.njit(cache=True, nogil=True)
def _sorted_keys(count: int) -> tuple[Bytes, Places, Places]:
    """Nibbles of the keys in their order, how many each has, and the places that they are the keys of.

    1 to 127 are one byte as they are, 0 is the byte 0x80, the others follow, with a byte of length first.
    """
    keys, lengths, order = np.zeros((count, NIBBLES), np.uint8), np.zeros(count, np.int64), np.zeros(count, np.int64)
    zero = min(127, count - 1)
    for rank in range(count):
        index = rank + 1 if rank < zero else (0 if rank == zero else rank)
        order[rank] = index
        if index < 128:
            key = 0x80 if index == 0 else index
            keys[rank, 0], keys[rank, 1] = key >> 4, key & 15
            lengths[rank] = 2
        else:
            size = 1 if index < 256 else 2
            keys[rank, 0], keys[rank, 1] = 8, size
            for nibble in range(2 * size):
                keys[rank, 2 + nibble] = (index >> (4 * (2 * size - 1 - nibble))) & 15
            lengths[rank] = 2 + 2 * size
    return keys, lengths, order


@numba.njit(cache=True, nogil=True)
def _shared(keys: Bytes, rank: int) -> int:
    """How many nibbles a key shares with the next one."""
    depth = 0
    while keys[rank, depth] == keys[rank + 1, depth]:
        depth += 1
    return depth


@numba.njit(cache=True, nogil=True)
def _adopt(children: Bytes, sizes: Places, depth: int, nibble: int, reference: Bytes, size: int) -> None:
    """Hang a node into the branch at a depth."""
    children[depth, nibble, :size] = reference[:size]
    sizes[depth, nibble] = size


@numba.njit(cache=True, nogil=True)
def _branch(children: Bytes, sizes: Places, room: Bytes, reference: Bytes) -> int:
    """Write the reference of a branch; return its size."""
    payload = 1
    for nibble in range(16):
        payload += max(1, sizes[nibble])
    at = put_prefix(room, 0, 0xC0, payload)
    for nibble in range(16):
        size = sizes[nibble]
        if size == 0:
            room[at] = 0x80
            at += 1
        else:
            room[at : at + size] = children[nibble, :size]
            at += size
    room[at] = 0x80
    return _reference(room, 0, at + 1, reference)


@numba.njit(cache=True, nogil=True)
def _leaves(data: Bytes, offsets: Places, keys: Bytes, lengths: Places, order: Places) -> tuple[Bytes, Places, Bytes]:
    """All leaves in the order of their keys, one after the other, where each ends, and their hashes (n, 32).

    Together, because no leaf waits for another.
    """
    count = len(order)
    room = offsets[count] - offsets[0] + LEAF_ROOM * count
    leaves, ends = np.empty(room, np.uint8), np.zeros(count + 1, np.int64)
    before = -1
    for rank in range(count):
        after = -1 if rank == count - 1 else _shared(keys, rank)
        depth, item = max(before, after) + 1, order[rank]
        path, start, stop = lengths[rank] - depth, offsets[item], offsets[item + 1]
        ends[rank + 1] = _put_pair(keys[rank], depth, path, 0x20, data, start, stop, True, leaves, ends[rank])
        before = after
    return leaves, ends, hash_items(leaves, ends[:-1], ends[1:])


@numba.njit(cache=True, nogil=True)
def _put_pair(
    key: Bytes, depth: int, path: int, flag: int, data: Bytes, start: int, stop: int, value: bool, room: Bytes, at: int
) -> int:
    """Write a leaf (path and value) or an extension (path and reference) to room[at:]; return where it ends."""
    path_bytes = path // 2 + 1
    path_item = path_bytes if path_bytes == 1 else path_bytes + 1  # flag and one nibble are below 0x80
    size = stop - start
    single = size == 1 and data[start] < 0x80
    item = size if not value or single else size + prefix_size(size)
    at = put_prefix(room, at, 0xC0, path_item + item)
    if path_bytes > 1:
        at = put_prefix(room, at, 0x80, path_bytes)
    # Hex-prefix encoding (appendix C): the flag's nibble says whether a nibble of the path stands beside it.
    if path % 2:
        room[at] = flag + 0x10 + key[depth]
    else:
        room[at] = flag
    taken = depth + path % 2
    for byte in range(path // 2):
        room[at + 1 + byte] = key[taken + 2 * byte] * 16 + key[taken + 2 * byte + 1]
    at += path_bytes
    if value and not single:
        at = put_prefix(room, at, 0x80, size)
    taken_from, put_to = data[start:stop], room[at : at + size]
    for byte in range(size):  # from the first on, or each index would be looked at for being one from the end
        put_to[byte] = taken_from[byte]
    return at + size


@numba.njit(cache=True, nogil=True)
def _reference(node: Bytes, start: int, stop: int, reference: Bytes) -> int:
    """Write the reference of an encoded node: itself if shorter than 32 bytes, else its hash; return its size."""
    if stop - start < 32:
        reference[: stop - start] = node[start:stop]
        return stop - start
    reference[0] = 0xA0
    keccak_into(node, start, stop, reference, 1)
    return REFERENCE
