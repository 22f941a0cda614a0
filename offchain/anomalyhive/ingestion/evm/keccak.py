"""Keccak-256 in machine code: FIPS 202's permutation with the padding that Ethereum took before the standard.

Here and not from a library, because with tens of thousands of short hashes a second the calls would cost more.
"""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

RATE = 136
"""Bytes that a permutation takes in, of the state's 200."""

ROUND_CONSTANTS = np.array(
    [
        *(0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B),
        *(0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088),
        *(0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089),
        *(0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A),
        *(0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008),
    ],
    np.uint64,
)
"""Of the step iota (section 3.2.5 of FIPS 202)."""

ROTATIONS = np.array(
    [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44], np.uint64
)
LANES = np.array([10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1], np.int64)
"""Of the steps rho and pi together: from lane to lane, and by how many bits (sections 3.2.2 and 3.2.3)."""


@numba.njit(cache=True, nogil=True)
def permute(state: NDArray[np.uint64], column: NDArray[np.uint64]) -> None:
    """Keccak-f[1600] in place; ``column`` is room for five lanes."""
    for round_ in range(24):
        for x in range(5):
            column[x] = state[x] ^ state[x + 5] ^ state[x + 10] ^ state[x + 15] ^ state[x + 20]
        for x in range(5):
            ahead = column[(x + 1) % 5]
            mixed = column[(x + 4) % 5] ^ ((ahead << np.uint64(1)) | (ahead >> np.uint64(63)))
            for y in range(0, 25, 5):
                state[y + x] ^= mixed
        carried = state[1]
        for step in range(24):
            lane = LANES[step]
            held = state[lane]
            turn = ROTATIONS[step]
            state[lane] = (carried << turn) | (carried >> (np.uint64(64) - turn))
            carried = held
        for y in range(0, 25, 5):
            for x in range(5):
                column[x] = state[y + x]
            for x in range(5):
                state[y + x] = column[x] ^ (~column[(x + 1) % 5] & column[(x + 2) % 5])
        state[0] ^= ROUND_CONSTANTS[round_]


@numba.njit(cache=True, nogil=True)
def keccak_into(data: Bytes, start: int, stop: int, out: Bytes, place: int) -> None:
    """Write the 32 bytes of the hash of data[start:stop] to out[place:]."""
    state = np.zeros(25, np.uint64)
    column = np.empty(5, np.uint64)
    at = start
    while stop - at >= RATE:
        for lane in range(RATE // 8):
            word = np.uint64(0)
            for byte in range(8):
                word |= np.uint64(data[at + 8 * lane + byte]) << np.uint64(8 * byte)
            state[lane] ^= word
        permute(state, column)
        at += RATE
    left = stop - at
    for place_ in range(left):
        state[place_ >> 3] ^= np.uint64(data[at + place_]) << np.uint64(8 * (place_ & 7))
    state[left >> 3] ^= np.uint64(1) << np.uint64(8 * (left & 7))
    state[RATE // 8 - 1] ^= np.uint64(0x80) << np.uint64(56)
    permute(state, column)
    for byte in range(32):
        out[place + byte] = (state[byte >> 3] >> np.uint64(8 * (byte & 7))) & np.uint64(0xFF)
