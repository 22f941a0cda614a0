"""Points of G1 in py-arkworks-bls12381 0.3, the last that Python 3.10 has: compressed bytes and nothing else.

The compressed form (48 bytes) is x, with three flags in its leading bits: compressed, infinity, and "y is the
larger of the two roots" (draft-irtf-cfrg-pairing-friendly-curves, appendix C). What is missing is done in
Python: y by a square root, and hashing to the curve by py_ecc.
"""

from __future__ import annotations

import hashlib
from typing import Any

from py_arkworks_bls12381 import G1Point

from anomalyhive.commitments.field import INFINITY_XY, MODULUS

_COMPRESSED, _INFINITY, _LARGER_Y = 0x80, 0x40, 0x20


def to_xy(point: G1Point) -> bytes:
    """Coordinates x and y, 48 bytes each, big-endian; 96 zero bytes for infinity."""
    data = bytes(point.to_compressed_bytes())
    if data[0] & _INFINITY:
        return INFINITY_XY
    x = int.from_bytes(data, "big") & ((1 << 381) - 1)
    # p = 3 mod 4, so this power is a square root of every square.
    y = pow(x * x * x + 4, (MODULUS + 1) // 4, MODULUS)
    if (2 * y > MODULUS) != bool(data[0] & _LARGER_Y):
        y = MODULUS - y
    return x.to_bytes(48, "big") + y.to_bytes(48, "big")


def _compressed(xy: bytes) -> bytes:
    if xy == INFINITY_XY:
        return bytes([_COMPRESSED | _INFINITY]) + bytes(47)
    larger = 2 * int.from_bytes(xy[48:], "big") > MODULUS
    return bytes([xy[0] | _COMPRESSED | (_LARGER_Y if larger else 0)]) + xy[1:48]


def from_xy(xy: bytes) -> G1Point:
    """The point at canonical coordinates on the curve; the caller has checked that they are."""
    return G1Point.from_compressed_bytes_unchecked(_compressed(xy))


def is_in_subgroup(point: G1Point) -> bool:
    """Whether a point of the curve has order r."""
    try:
        G1Point.from_compressed_bytes(bytes(point.to_compressed_bytes()))
    except ValueError:
        return False
    return True


def hash_to_curve(message: bytes, tag: bytes) -> G1Point:
    """RFC 9380, suite BLS12381G1_XMD:SHA-256_SSWU_RO_, under the domain separation tag; 4 ms."""
    # Imported here because only Python 3.10 installs it outside of tests.
    from py_ecc.bls.hash_to_curve import hash_to_G1
    from py_ecc.optimized_bls12_381.optimized_curve import normalize

    sha256: Any = hashlib.sha256  # py_ecc declares a hash object where it calls a constructor
    x, y = normalize(hash_to_G1(message, tag, sha256))
    return from_xy(int(x).to_bytes(48, "big") + int(y).to_bytes(48, "big"))
