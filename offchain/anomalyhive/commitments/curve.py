"""Commitments as bytes and as points of BLS12-381 G1.

A commitment is 96 bytes, x and y big-endian; infinity is 96 zero bytes. The precompiles of EIP-2537 pad each
coordinate with 16 zero bytes in front. Points from strangers go through ``decode`` or ``decode_on_curve``;
there is no other way from bytes to a point outside of the cache of generators.
"""

from __future__ import annotations

from collections.abc import Sequence

from py_arkworks_bls12381 import G1Point, Scalar

from anomalyhive.commitments.field import COORDINATE_BYTES, INFINITY_XY, MODULUS
from anomalyhive.errors import BadInput

if hasattr(G1Point, "hash_to_curve"):
    from anomalyhive.commitments.points_xy import from_xy, hash_to_curve, is_in_subgroup, to_xy
else:
    from anomalyhive.commitments.points_compressed import from_xy, hash_to_curve, is_in_subgroup, to_xy

COMMITMENT_BYTES = 2 * COORDINATE_BYTES
"""Length of a commitment."""

INFINITY = INFINITY_XY
"""The commitment to zeros alone."""

_PADDING = bytes(16)


class BadCommitment(BadInput):
    """Bytes that are no commitment: ``commitment`` as given, and the ``reason``."""

    def __init__(self, commitment: bytes, reason: str) -> None:
        self.commitment = commitment
        self.reason = reason
        super().__init__(f"commitment {commitment[:96].hex()}: {reason}")


def check_on_curve(commitment: bytes) -> None:
    """Raise BadCommitment unless the bytes are infinity or canonical coordinates of a point of the curve.

    This is what the precompile for addition checks (EIP-2537, "no subgroup check" for G1ADD).
    """
    if not isinstance(commitment, bytes) or len(commitment) != COMMITMENT_BYTES:
        raise BadCommitment(bytes(commitment), f"{len(commitment)} bytes, not {COMMITMENT_BYTES}")
    if commitment == INFINITY:
        return
    x = int.from_bytes(commitment[:COORDINATE_BYTES], "big")
    y = int.from_bytes(commitment[COORDINATE_BYTES:], "big")
    for name, coordinate in (("x", x), ("y", y)):
        if coordinate >= MODULUS:
            raise BadCommitment(commitment, f"{name} is not below the modulus of BLS12-381")
    if (y * y - x * x * x - 4) % MODULUS:
        raise BadCommitment(commitment, "the point is not on the curve BLS12-381 G1")


def decode_on_curve(commitment: bytes) -> G1Point:
    """The point of a commitment, on the curve but of any order: enough to add as the contract does."""
    check_on_curve(commitment)
    return from_xy(commitment)


def decode(commitment: bytes) -> G1Point:
    """The point of a commitment, on the curve and of order r: what an opening needs."""
    point = decode_on_curve(commitment)
    if not is_in_subgroup(point):
        raise BadCommitment(commitment, "the point is on the curve, but not in the subgroup of order r")
    return point


def encode(point: G1Point) -> bytes:
    """The 96 bytes of a point."""
    return to_xy(point)


def multiply_sum(points: Sequence[G1Point], scalars: Sequence[Scalar]) -> G1Point:
    """sum_i scalars_i · points_i (Pippenger's method); infinity for none."""
    if len(points) != len(scalars):
        raise ValueError(f"{len(points)} points cannot be multiplied by {len(scalars)} scalars")
    return G1Point.multiexp_unchecked(list(points), list(scalars)) if points else G1Point.identity()


def to_precompile(commitment: bytes) -> bytes:
    """The 128 bytes that the precompiles of EIP-2537 take for a commitment."""
    x, y = commitment[:COORDINATE_BYTES], commitment[COORDINATE_BYTES:]
    return _PADDING + x + _PADDING + y


def from_precompile(padded: bytes) -> bytes:
    """The commitment behind the 128 bytes of a precompile; BadCommitment when the padding is not zero."""
    if len(padded) != COMMITMENT_BYTES + 32 or padded[:16] != _PADDING or padded[64:80] != _PADDING:
        raise BadCommitment(padded, "not 128 bytes with 16 zero bytes before each coordinate")
    return padded[16:64] + padded[80:]


__all__ = [
    "COMMITMENT_BYTES",
    "INFINITY",
    "BadCommitment",
    "check_on_curve",
    "decode",
    "decode_on_curve",
    "encode",
    "from_precompile",
    "from_xy",
    "hash_to_curve",
    "multiply_sum",
    "to_precompile",
]
