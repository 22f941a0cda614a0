"""Points of G1 in py-arkworks-bls12381 from 0.5 on, which knows coordinates and hashes to the curve."""

from __future__ import annotations

from py_arkworks_bls12381 import G1Point


def to_xy(point: G1Point) -> bytes:
    """Coordinates x and y, 48 bytes each, big-endian; 96 zero bytes for infinity."""
    return point.to_xy_bytes_be()


def from_xy(xy: bytes) -> G1Point:
    """The point at canonical coordinates on the curve; the caller has checked that they are."""
    return G1Point.from_xy_bytes_unchecked_be(xy)


def is_in_subgroup(point: G1Point) -> bool:
    """Whether a point of the curve has order r."""
    return point.is_in_subgroup()


def hash_to_curve(message: bytes, tag: bytes) -> G1Point:
    """RFC 9380, suite BLS12381G1_XMD:SHA-256_SSWU_RO_, under the domain separation tag."""
    return G1Point.hash_to_curve(message, tag)
