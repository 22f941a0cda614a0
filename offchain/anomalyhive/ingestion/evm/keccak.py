"""Keccak-256 in machine code: FIPS 202's permutation with the padding that Ethereum took before the standard.

Here and not from a library, because with tens of thousands of short hashes a second the calls would cost more.
"""

from __future__ import annotations

from typing import Any

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


@numba.njit(cache=True, nogil=True, inline="always")
def turned(lane: Any, places: int) -> Any:
    """Rotated left."""
    return (lane << np.uint64(places)) | (lane >> np.uint64(64 - places))


def permutation(states: int) -> Any:
    """Keccak-f[1600] in place, of so many states side by side: word i of state j is lanes[i * states + j].

    Written out, with a name for each lane, so that lanes stay in registers: twice as fast as loops over the state. The
    inner loop is over the states, which is what the compiler makes wide steps of; of one state nothing is left of it.
    """

    @numba.njit(cache=True, nogil=True)
    def permute(lanes: NDArray[np.uint64]) -> None:
        for constant in ROUND_CONSTANTS:
            for lane in range(states):
                a00 = lanes[lane]
                a01 = lanes[1 * states + lane]
                a02 = lanes[2 * states + lane]
                a03 = lanes[3 * states + lane]
                a04 = lanes[4 * states + lane]
                a10 = lanes[5 * states + lane]
                a11 = lanes[6 * states + lane]
                a12 = lanes[7 * states + lane]
                a13 = lanes[8 * states + lane]
                a14 = lanes[9 * states + lane]
                a20 = lanes[10 * states + lane]
                a21 = lanes[11 * states + lane]
                a22 = lanes[12 * states + lane]
                a23 = lanes[13 * states + lane]
                a24 = lanes[14 * states + lane]
                a30 = lanes[15 * states + lane]
                a31 = lanes[16 * states + lane]
                a32 = lanes[17 * states + lane]
                a33 = lanes[18 * states + lane]
                a34 = lanes[19 * states + lane]
                a40 = lanes[20 * states + lane]
                a41 = lanes[21 * states + lane]
                a42 = lanes[22 * states + lane]
                a43 = lanes[23 * states + lane]
                a44 = lanes[24 * states + lane]
                # Theta: each lane takes in the parity of two columns.
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
                # Rho and pi: lanes are rotated and change places; chi: a row is mixed; iota: the round's constant.
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
                lanes[1 * states + lane] = a01
                lanes[2 * states + lane] = a02
                lanes[3 * states + lane] = a03
                lanes[4 * states + lane] = a04
                lanes[5 * states + lane] = a10
                lanes[6 * states + lane] = a11
                lanes[7 * states + lane] = a12
                lanes[8 * states + lane] = a13
                lanes[9 * states + lane] = a14
                lanes[10 * states + lane] = a20
                lanes[11 * states + lane] = a21
                lanes[12 * states + lane] = a22
                lanes[13 * states + lane] = a23
                lanes[14 * states + lane] = a24
                lanes[15 * states + lane] = a30
                lanes[16 * states + lane] = a31
                lanes[17 * states + lane] = a32
                lanes[18 * states + lane] = a33
                lanes[19 * states + lane] = a34
                lanes[20 * states + lane] = a40
                lanes[21 * states + lane] = a41
                lanes[22 * states + lane] = a42
                lanes[23 * states + lane] = a43
                lanes[24 * states + lane] = a44

    return permute


permute = permutation(1)


@numba.njit(cache=True, nogil=True)
def keccak_into(data: Bytes, start: int, stop: int, out: Bytes, place: int) -> None:
    """Write the 32 bytes of the hash of data[start:stop] to out[place:]."""
    state = np.zeros(25, np.uint64)
    lanes = state.view(np.uint8)  # of a machine that has the lowest byte first, as all have that Numba compiles for
    at = np.uint64(start)  # without a sign, or each index would be looked at for being one from the end
    left = stop - start
    while left >= RATE:
        for byte in range(np.uint64(RATE)):
            lanes[byte] ^= data[at + byte]
        permute(state)
        at += np.uint64(RATE)
        left -= RATE
    for byte in range(np.uint64(left)):
        lanes[byte] ^= data[at + byte]
    lanes[left] ^= 1
    lanes[RATE - 1] ^= 0x80
    permute(state)
    for byte in range(32):
        out[place + byte] = lanes[byte]


def keccak(data: bytes) -> bytes:
    """The hash of bytes."""
    out = np.empty(32, np.uint8)
    keccak_into(np.frombuffer(data, np.uint8), 0, len(data), out, 0)
    return out.tobytes()
