"""Keccak-256 of many items at once, in machine code: eight states side by side, so that a step is one for several.

What is hashed of a block are a few hundred short items, none of which waits for another.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from anomalyhive.ingestion.evm.keccak import RATE, ROUND_CONSTANTS, keccak_into, turned

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

WIDE = 8
"""States side by side: as many as the widest registers hold words."""

WORDS = RATE // 8

FEW = 3
"""Items of which fewer are hashed one by one: a step of all states takes as long as two of one."""


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


@numba.njit(cache=True, nogil=True)
def permute_wide(lanes: NDArray[np.uint64]) -> None:
    """Keccak-f[1600] of WIDE states in place: word i of state j is lanes[i * WIDE + j].

    The inner loop is over the states, which is what the compiler makes wide steps of.
    """
    for constant in ROUND_CONSTANTS:
        for lane in range(WIDE):
            a00 = lanes[lane]
            a01 = lanes[1 * WIDE + lane]
            a02 = lanes[2 * WIDE + lane]
            a03 = lanes[3 * WIDE + lane]
            a04 = lanes[4 * WIDE + lane]
            a10 = lanes[5 * WIDE + lane]
            a11 = lanes[6 * WIDE + lane]
            a12 = lanes[7 * WIDE + lane]
            a13 = lanes[8 * WIDE + lane]
            a14 = lanes[9 * WIDE + lane]
            a20 = lanes[10 * WIDE + lane]
            a21 = lanes[11 * WIDE + lane]
            a22 = lanes[12 * WIDE + lane]
            a23 = lanes[13 * WIDE + lane]
            a24 = lanes[14 * WIDE + lane]
            a30 = lanes[15 * WIDE + lane]
            a31 = lanes[16 * WIDE + lane]
            a32 = lanes[17 * WIDE + lane]
            a33 = lanes[18 * WIDE + lane]
            a34 = lanes[19 * WIDE + lane]
            a40 = lanes[20 * WIDE + lane]
            a41 = lanes[21 * WIDE + lane]
            a42 = lanes[22 * WIDE + lane]
            a43 = lanes[23 * WIDE + lane]
            a44 = lanes[24 * WIDE + lane]
            # As in `keccak.permute`: theta; rho and pi; chi; iota.
            c0 = a00 ^ a10 ^ a20 ^ a30 ^ a40
            c1 = a01 ^ a11 ^ a21 ^ a31 ^ a41
            c2 = a02 ^ a12 ^ a22 ^ a32 ^ a42
            c3 = a03 ^ a13 ^ a23 ^ a33 ^ a43
            c4 = a04 ^ a14 ^ a24 ^ a34 ^ a44
            d0 = c4 ^ turned(c1, 1)
            d1 = c0 ^ turned(c2, 1)
            d2 = c1 ^ turned(c3, 1)
            d3 = c2 ^ turned(c4, 1)
            d4 = c3 ^ turned(c0, 1)
            b00 = a00 ^ d0
            b01 = turned(a11 ^ d1, 44)
            b02 = turned(a22 ^ d2, 43)
            b03 = turned(a33 ^ d3, 21)
            b04 = turned(a44 ^ d4, 14)
            b10 = turned(a03 ^ d3, 28)
            b11 = turned(a14 ^ d4, 20)
            b12 = turned(a20 ^ d0, 3)
            b13 = turned(a31 ^ d1, 45)
            b14 = turned(a42 ^ d2, 61)
            b20 = turned(a01 ^ d1, 1)
            b21 = turned(a12 ^ d2, 6)
            b22 = turned(a23 ^ d3, 25)
            b23 = turned(a34 ^ d4, 8)
            b24 = turned(a40 ^ d0, 18)
            b30 = turned(a04 ^ d4, 27)
            b31 = turned(a10 ^ d0, 36)
            b32 = turned(a21 ^ d1, 10)
            b33 = turned(a32 ^ d2, 15)
            b34 = turned(a43 ^ d3, 56)
            b40 = turned(a02 ^ d2, 62)
            b41 = turned(a13 ^ d3, 55)
            b42 = turned(a24 ^ d4, 39)
            b43 = turned(a30 ^ d0, 41)
            b44 = turned(a41 ^ d1, 2)
            a00 = b00 ^ (~b01 & b02) ^ constant
            a01 = b01 ^ (~b02 & b03)
            a02 = b02 ^ (~b03 & b04)
            a03 = b03 ^ (~b04 & b00)
            a04 = b04 ^ (~b00 & b01)
            a10 = b10 ^ (~b11 & b12)
            a11 = b11 ^ (~b12 & b13)
            a12 = b12 ^ (~b13 & b14)
            a13 = b13 ^ (~b14 & b10)
            a14 = b14 ^ (~b10 & b11)
            a20 = b20 ^ (~b21 & b22)
            a21 = b21 ^ (~b22 & b23)
            a22 = b22 ^ (~b23 & b24)
            a23 = b23 ^ (~b24 & b20)
            a24 = b24 ^ (~b20 & b21)
            a30 = b30 ^ (~b31 & b32)
            a31 = b31 ^ (~b32 & b33)
            a32 = b32 ^ (~b33 & b34)
            a33 = b33 ^ (~b34 & b30)
            a34 = b34 ^ (~b30 & b31)
            a40 = b40 ^ (~b41 & b42)
            a41 = b41 ^ (~b42 & b43)
            a42 = b42 ^ (~b43 & b44)
            a43 = b43 ^ (~b44 & b40)
            a44 = b44 ^ (~b40 & b41)
            lanes[lane] = a00
            lanes[1 * WIDE + lane] = a01
            lanes[2 * WIDE + lane] = a02
            lanes[3 * WIDE + lane] = a03
            lanes[4 * WIDE + lane] = a04
            lanes[5 * WIDE + lane] = a10
            lanes[6 * WIDE + lane] = a11
            lanes[7 * WIDE + lane] = a12
            lanes[8 * WIDE + lane] = a13
            lanes[9 * WIDE + lane] = a14
            lanes[10 * WIDE + lane] = a20
            lanes[11 * WIDE + lane] = a21
            lanes[12 * WIDE + lane] = a22
            lanes[13 * WIDE + lane] = a23
            lanes[14 * WIDE + lane] = a24
            lanes[15 * WIDE + lane] = a30
            lanes[16 * WIDE + lane] = a31
            lanes[17 * WIDE + lane] = a32
            lanes[18 * WIDE + lane] = a33
            lanes[19 * WIDE + lane] = a34
            lanes[20 * WIDE + lane] = a40
            lanes[21 * WIDE + lane] = a41
            lanes[22 * WIDE + lane] = a42
            lanes[23 * WIDE + lane] = a43
            lanes[24 * WIDE + lane] = a44
