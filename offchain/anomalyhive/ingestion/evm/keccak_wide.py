"""Keccak-256 of many items at once, in machine code: eight states side by side, so that a step is one for several.

What is hashed of a block are a few hundred short items, none of which waits for another.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from anomalyhive.ingestion.evm.keccak import RATE, keccak_into, permutation

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

WIDE = 8
"""States side by side: as many as the widest registers hold words."""

WORDS = RATE // 8

FEW = 3
"""Items of which fewer are hashed one by one: a step of all states takes as long as two of one."""

permute_wide = permutation(WIDE)


@numba.njit(cache=True, nogil=True)
def hash_items(data: Bytes, starts: Places, stops: Places) -> Bytes:
    """The hashes (n, 32) of the items data[starts:stops].

    A state whose item has ended takes the next one, so that all are at work whatever the lengths.
    """
    count = len(starts)
    found = np.zeros((count, 32), np.uint8)
    if count < FEW:
        for item in range(count):
            keccak_into(data, starts[item], stops[item], found[item], 0)
        return found
    found_words = found.reshape(-1).view(np.uint64)
    lanes, block = np.zeros(25 * WIDE, np.uint64), np.zeros(RATE, np.uint8)
    words = block.view(np.uint64)  # of a machine that has the lowest byte first, as all have that Numba compiles for
    items, at = np.full(WIDE, -1, np.int64), np.zeros(WIDE, np.int64)
    taken, done = 0, 0
    while done < count:
        for lane in range(WIDE):
            if items[lane] < 0:
                if taken == count:
                    continue
                items[lane], at[lane] = taken, starts[taken]
                taken += 1
            begin, left = at[lane], stops[items[lane]] - at[lane]
            given = data[begin : begin + min(left, RATE)]
            for byte in range(len(given)):
                block[byte] = given[byte]
            if left < RATE:
                block[left:] = 0
                block[left] = 1
                block[RATE - 1] ^= 0x80
            for word in range(WORDS):
                lanes[word * WIDE + lane] ^= words[word]
            at[lane] = begin + RATE
        permute_wide(lanes)
        for lane in range(WIDE):
            item = items[lane]
            if item < 0 or at[lane] <= stops[item]:  # one that ends with a whole block has its padding in another
                continue
            for word in range(4):
                found_words[4 * item + word] = lanes[word * WIDE + lane]
            for word in range(25):
                lanes[word * WIDE + lane] = 0
            items[lane] = -1
            done += 1
    return found
