"""SHA-256 in machine code (FIPS 180-4): the first half of the digests of many short texts at once.

Here and not from hashlib, because with millions of addresses and amounts the calls would cost more than the hashing.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

BLOCK = 64
"""Bytes that are hashed at a time, of which nine at least are padding."""

PRIMES = (
    *(2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103),
    *(107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227),
    *(229, 233, 239, 241, 251, 257, 263, 269, 271, 277, 281, 283, 293, 307, 311),
)
"""The first 64 primes, of whose roots the constants are made."""


def _root(number: int, power: int) -> int:
    """The first 32 bits of the fractional part of the square or cube root of a prime."""
    low, high = 0, 1 << 40
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**power <= number << (32 * power) else (low, middle)
    return low & 0xFFFFFFFF


ROUNDS = np.array([_root(prime, 3) for prime in PRIMES], np.uint32)
"""Section 4.2.2."""

BEGIN = np.array([_root(prime, 2) for prime in PRIMES[:8]], np.uint32)
"""Section 5.3.3."""


def half_digests(data: Bytes, starts: Places, stops: Places) -> NDArray[np.uint64]:
    """The first 16 bytes of the digest of each data[starts:stops], as two big-endian numbers (n, 2)."""
    found = np.empty((len(starts), 2), np.uint64)
    _half_digests(data, starts, stops, found)
    return found


@numba.njit(cache=True, nogil=True, inline="always")
def _turned(word: Any, places: int) -> Any:
    """Rotated right."""
    return (word >> np.uint32(places)) | (word << np.uint32(32 - places))


@numba.njit(cache=True, nogil=True)
def _half_digests(data: Bytes, starts: Places, stops: Places, found: Any) -> None:
    state, words, block = np.empty(8, np.uint32), np.empty(64, np.uint32), np.empty(BLOCK, np.uint8)
    for item in range(len(starts)):
        start, stop = starts[item], stops[item]
        size = stop - start
        state[:] = BEGIN
        for first in range(0, size + 9, BLOCK):
            for place in range(BLOCK):
                at = first + place
                byte = np.uint8(0)
                if at < size:
                    byte = data[start + at]
                elif at == size:
                    byte = np.uint8(0x80)
                block[place] = byte
            if size + 9 <= first + BLOCK:  # the last block ends with the length in bits
                for place in range(8):
                    block[BLOCK - 1 - place] = np.uint8((size << 3 >> (8 * place)) & 0xFF)
            _compress(block, words, state)
        for half in range(2):
            found[item, half] = np.uint64(state[2 * half]) << np.uint64(32) | np.uint64(state[2 * half + 1])


@numba.njit(cache=True, nogil=True)
def _compress(block: Bytes, words: Any, state: Any) -> None:
    """Section 6.2.2."""
    for place in range(16):
        word = np.uint32(0)
        for byte in range(4):
            word = np.uint32(word << np.uint32(8)) | np.uint32(block[4 * place + byte])
        words[place] = word
    for place in range(16, 64):
        early, late = words[place - 15], words[place - 2]
        first = _turned(early, 7) ^ _turned(early, 18) ^ (early >> np.uint32(3))
        second = _turned(late, 17) ^ _turned(late, 19) ^ (late >> np.uint32(10))
        words[place] = np.uint32(words[place - 16] + first + words[place - 7] + second)
    a, b, c, d, e, f, g, h = state[0], state[1], state[2], state[3], state[4], state[5], state[6], state[7]
    for place in range(64):
        mixed = _turned(e, 6) ^ _turned(e, 11) ^ _turned(e, 25)
        one = np.uint32(h + mixed + ((e & f) ^ (~e & g)) + ROUNDS[place] + words[place])
        other = np.uint32((_turned(a, 2) ^ _turned(a, 13) ^ _turned(a, 22)) + ((a & b) ^ (a & c) ^ (b & c)))
        h, g, f, e = g, f, e, np.uint32(d + one)
        d, c, b, a = c, b, a, np.uint32(one + other)
    state[0] += a
    state[1] += b
    state[2] += c
    state[3] += d
    state[4] += e
    state[5] += f
    state[6] += g
    state[7] += h
