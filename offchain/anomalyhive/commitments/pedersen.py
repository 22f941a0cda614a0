"""Pedersen vector commitments: C(x) = sum_j x_j · G_j on BLS12-381 G1 (Pedersen 1991, without blinding).

C(x) + C(y) = C(x + y), so a contract that adds commitments checks a sum of vectors. Finding another vector
with the same commitment is finding a discrete logarithm. It hides nothing: a guess can be checked.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from py_arkworks_bls12381 import G1Point, Scalar

from anomalyhive.commitments.curve import BadCommitment, decode, decode_on_curve, encode
from anomalyhive.commitments.generators import Generators, default_generators
from anomalyhive.commitments.parallel import multiply_sum
from anomalyhive.commitments.scalars import Signed, bits_of, combination, signed
from anomalyhive.errors import BadInput

Opening: TypeAlias = tuple[NDArray[np.int64], bytes]
"""A vector int64 (P,) and the commitment that it is said to open."""

_HALVING_MARGIN = 3
"""A look at a half may be in vain, so it must spare three times its cost."""

_DOMAIN = b"ANOMALYHIVE_V1_OPENINGS"


def commit(vector: NDArray[np.int64], generators: Generators | None = None) -> bytes:
    """The commitment to a vector int64 (P,): 96 bytes."""
    parts = signed(_checked(vector))
    points = (generators or default_generators()).first(len(vector))
    positive, negative = (_part(points, parts, sign) for sign in (False, True))
    return encode(positive - negative)


def add(left: bytes, right: bytes) -> bytes:
    """The sum of two commitments as the contract's precompile has it: on the curve, of any order."""
    return encode(decode_on_curve(left) + decode_on_curve(right))


def add_all(commitments: Iterable[bytes]) -> bytes:
    """The sum of any number of commitments; infinity for none."""
    total = G1Point.identity()
    for commitment in commitments:
        total += decode_on_curve(commitment)
    return encode(total)


def opens(vector: NDArray[np.int64], commitment: bytes, generators: Generators | None = None) -> bool:
    """Whether the vector is what the commitment says; bytes that are equal need no check of the point."""
    return commit(vector, generators) == commitment


def opens_many(openings: Sequence[Opening], entropy: bytes, generators: Generators | None = None) -> bool:
    """Whether every vector opens its commitment; a commitment that is none opens nothing.

    Many are checked by one multi-exponentiation: of sum_i c_i x_i, c_i random of 128 bits. Were one opening
    wrong, it would hold for one c_i in 2^128 (Bellare, Garay and Rabin 1998, small exponents test, for points
    of prime order). The c_i are a hash of all vectors and commitments, so that none of these could be
    chosen to fit, and of ``entropy``, which the caller draws. Few are checked one by one, which is cheaper.
    """
    if not _cheaper_together(openings):
        return all(opens(vector, commitment, generators) for vector, commitment in openings)
    return _open_together(openings, entropy, generators)


def _open_together(openings: Sequence[Opening], entropy: bytes, generators: Generators | None) -> bool:
    try:
        points = [decode(commitment) for _, commitment in openings]
    except BadCommitment:
        return False
    length = max(len(vector) for vector, _ in openings)
    vectors = [np.pad(_checked(vector), (0, length - len(vector))) for vector, _ in openings]
    coefficients = _coefficients(openings, entropy)
    total = combination(vectors, coefficients)
    basis = (generators or default_generators()).first(length)
    scalars = [Scalar.from_le_bytes(coefficient.to_bytes(32, "little")) for coefficient in coefficients]
    committed = multiply_sum(points, scalars)
    return _part(basis, total, negative=False) == _part(basis, total, negative=True) + committed


def wrong_openings(openings: Sequence[Opening], entropy: bytes, generators: Generators | None = None) -> list[int]:
    """Indices of the openings that do not hold, ascending: what does not hold as a whole is halved."""
    if not _cheaper_together(openings):
        return _wrong_alone(openings, range(len(openings)), generators)
    if _open_together(openings, entropy, generators):
        return []

    def search(span: range) -> list[int]:
        """Those among a span that is known to hold one at least."""
        part = [openings[index] for index in span]
        if not _cheaper_together(part, _HALVING_MARGIN):
            return _wrong_alone(openings, span, generators)
        half = len(span) // 2
        left, right = span[:half], span[half:]
        if _open_together(part[:half], entropy, generators):
            return search(right)
        # The right half is not known to hold one: to look at it as a whole may spare looking into it.
        return search(left) + ([] if _open_together(part[half:], entropy, generators) else search(right))

    return search(range(len(openings)))


def _wrong_alone(openings: Sequence[Opening], span: range, generators: Generators | None) -> list[int]:
    return [index for index in span if not opens(*openings[index], generators)]


def _checked(vector: NDArray[np.int64]) -> NDArray[np.int64]:
    if not isinstance(vector, np.ndarray) or vector.dtype != np.int64 or vector.ndim != 1:
        shape = getattr(vector, "shape", type(vector).__name__)
        raise BadInput(f"a commitment is to an int64 vector, not to {getattr(vector, 'dtype', '')} {shape}")
    return np.ascontiguousarray(vector)


def _part(basis: list[G1Point], vector: Signed, negative: bool) -> G1Point:
    """The sum over the entries of one sign, by their magnitudes."""
    indices, scalars = vector.part(negative)
    return multiply_sum([basis[index] for index in indices], scalars)


def _cheaper_together(openings: Sequence[Opening], margin: int = 1) -> bool:
    """Whether ``margin`` sums of scalars 128 bits longer cost less than a sum for each opening.

    By the measure of scalars.py: a point costs as much as 25 bits of the largest scalar.
    """
    bits = [bits_of(vector) for vector, _ in openings]
    return sum(25 + count for count in bits) > margin * (25 + 128 + max(bits, default=0))


def _coefficients(openings: Sequence[Opening], entropy: bytes) -> list[int]:
    """One number below 2^128 an opening, from a hash of all of them (Fiat and Shamir 1986)."""
    transcript = hashlib.sha256(_DOMAIN)
    transcript.update(len(entropy).to_bytes(8, "big") + entropy + len(openings).to_bytes(8, "big"))
    for vector, commitment in openings:
        transcript.update(len(vector).to_bytes(8, "big"))
        transcript.update(np.ascontiguousarray(vector, dtype="<i8").tobytes())
        transcript.update(commitment)
    seed = transcript.digest()
    hashes = (hashlib.sha256(seed + index.to_bytes(8, "big")).digest() for index in range(len(openings)))
    return [int.from_bytes(digest[:16], "big") for digest in hashes]
