"""Deterministic draws from a public 32-byte seed: sha-256 in counter mode.

Block i of a stream is sha256(seed || purpose || i), i as 8 bytes big-endian; its four 64-bit big-endian words are
used in order. Bounded integers are drawn by rejection, so that no value is favoured. Streams of different purposes
are independent of each other.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from anomalyhive.core.learner import BadParameter, Integers

SEED_BYTES = 32
"""Length of a seed."""


class Draws:
    """A stream of draws; two streams of the same seed and purpose give the same numbers."""

    def __init__(self, seed: bytes, purpose: str) -> None:
        if not isinstance(seed, bytes) or len(seed) != SEED_BYTES:
            raise BadParameter("seed", seed, f"give {SEED_BYTES} bytes")
        self._prefix = hashlib.sha256(seed + purpose.encode())
        self._counter = 0
        self._spare = np.empty(0, dtype=np.uint64)

    def below(self, bound: int, count: int) -> Integers:
        """``count`` integers, each uniform in 0 .. bound-1; 1 <= bound < 2^63."""
        if not 1 <= bound < 1 << 63:
            raise BadParameter("bound", bound, "give an integer from 1 to 2^63 - 1")
        largest = np.uint64((1 << 64) // bound * bound - 1)  # words above it would favour the small remainders
        drawn = np.empty(0, dtype=np.uint64)
        while drawn.size < count:
            words = self._words(count - drawn.size)
            drawn = np.concatenate([drawn, words[words <= largest]])
        found: Integers = (drawn % np.uint64(bound)).astype(np.int64)
        return found

    def weighted(self, weights: Integers, count: int) -> Integers:
        """``count`` indices, each i with probability weights[i] / sum; weights >= 0, their sum in 1 .. 2^63-1."""
        ends = np.cumsum(np.asarray(weights, dtype=np.int64))
        found: Integers = np.searchsorted(ends, self.below(int(ends[-1]), count), side="right").astype(np.int64)
        return found

    def _words(self, count: int) -> NDArray[np.uint64]:
        blocks = max(0, -(-(count - self._spare.size) // 4))
        fresh = bytearray()
        for index in range(self._counter, self._counter + blocks):
            block = self._prefix.copy()
            block.update(index.to_bytes(8, "big"))
            fresh += block.digest()
        self._counter += blocks
        words = np.concatenate([self._spare, np.frombuffer(bytes(fresh), dtype=">u8").astype(np.uint64)])
        self._spare = words[count:]
        return words[:count]
