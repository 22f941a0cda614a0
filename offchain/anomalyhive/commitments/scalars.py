"""Vectors of integers as scalars of the curve: signs apart, magnitudes small.

A multi-exponentiation costs about 1 us a point and 1 us more for every 25 bits of the largest scalar, so a
negative x_j is not written as r - x_j, which has 255 bits, but its magnitude is summed apart and subtracted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from py_arkworks_bls12381 import Scalar

LIMBS = 16
"""16-bit limbs of a scalar of 32 bytes, lowest first."""

COEFFICIENT_LIMBS = 8
"""Coefficients of a combination have 128 bits."""


@dataclass(frozen=True)
class Signed:
    """A vector as limbs uint16 (n, 16) of its magnitudes and ``negative`` bool (n,)."""

    limbs: NDArray[np.uint16]
    negative: NDArray[np.bool_]

    def part(self, negative: bool) -> tuple[list[int], list[Scalar]]:
        """Indices and scalars of the entries of one sign; zeros are left out."""
        chosen = np.flatnonzero((self.negative == negative) & self.limbs.any(axis=1))
        data = self.limbs[chosen].astype("<u2").tobytes()
        scalars = [Scalar.from_le_bytes(data[at : at + 32]) for at in range(0, len(data), 32)]
        return chosen.tolist(), scalars


def signed(vector: NDArray[np.int64]) -> Signed:
    """An int64 vector as magnitudes and signs; -2^63 included."""
    negative = vector < 0
    bits = vector.view(np.uint64)
    magnitudes = np.where(negative, ~bits + np.uint64(1), bits)  # two's complement, exact for -2^63 as well
    limbs = np.zeros((len(vector), LIMBS), dtype=np.uint16)
    for limb in range(4):
        limbs[:, limb] = magnitudes >> np.uint64(16 * limb) & np.uint64(0xFFFF)
    return Signed(limbs, negative)


def bits_of(vector: NDArray[np.int64]) -> int:
    """Bits of the largest magnitude."""
    return max(abs(int(vector.min())), abs(int(vector.max()))).bit_length() if vector.size else 0


def combination(vectors: Sequence[NDArray[np.int64]], coefficients: Sequence[int]) -> Signed:
    """sum_i coefficients_i · vectors_i, exactly; coefficients below 2^128, at most 2^20 equally long vectors.

    Schoolbook multiplication in 16-bit limbs, summed in int64: a limb receives at most 4 products below
    2^32 of each vector, so 2^20 vectors stay below 2^54.
    """
    length = len(vectors[0])
    sums = np.zeros((LIMBS, length), dtype=np.int64)
    for vector, coefficient in zip(vectors, coefficients, strict=True):
        pieces = _pieces(vector)
        for limb in range(COEFFICIENT_LIMBS):
            factor = coefficient >> (16 * limb) & 0xFFFF
            for index, piece in enumerate(pieces):
                sums[limb + index] += factor * piece
    negative = _carried(sums)[-1] < 0
    sums[:, negative] *= -1
    return Signed(np.ascontiguousarray(_carried(sums).T).astype(np.uint16), negative)


def _pieces(vector: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """An int64 vector in base 2^16, lowest first, in as few pieces as hold it; the highest keeps the sign."""
    count = next(n for n in range(1, 5) if n == 4 or bits_of(vector) < 16 * n)
    pieces: list[NDArray[np.int64]] = [vector >> (16 * index) for index in range(count)]
    return [*(piece & 0xFFFF for piece in pieces[:-1]), pieces[-1]]


def _carried(sums: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same numbers with every limb but the last in 0 … 2^16 - 1; the last takes the sign."""
    limbs: NDArray[np.int64] = sums.copy()
    for limb in range(LIMBS - 1):
        limbs[limb + 1] += limbs[limb] >> 16  # arithmetic shift: floor, also below zero
        limbs[limb] &= 0xFFFF
    return limbs
