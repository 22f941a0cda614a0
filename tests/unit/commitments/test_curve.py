"""Points from bytes: what is refused, and that both bindings of the library write the same bytes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from py_arkworks_bls12381 import G1Point, Scalar
from py_ecc.bls.hash_to_curve import hash_to_G1
from py_ecc.optimized_bls12_381.optimized_curve import normalize

from anomalyhive.commitments import curve, points_compressed
from anomalyhive.commitments.field import INFINITY_XY, MODULUS, ORDER

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "commitments.json").read_text())
GENERATOR_ONE = bytes.fromhex(VECTORS["generators"][1]["point"][2:])


def octets(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["reason"])
def test_decode_of_what_is_no_commitment_is_refused_with_reason(case: dict[str, Any]) -> None:
    with pytest.raises(curve.BadCommitment) as caught:
        curve.decode(octets(case["point"]))
    assert caught.value.commitment == octets(case["point"])
    assert caught.value.reason in str(caught.value)


@pytest.mark.parametrize("case", VECTORS["refused"], ids=lambda case: case["reason"])
def test_check_on_curve_accepts_exactly_what_the_precompile_adds(case: dict[str, Any]) -> None:
    if case["addable"]:
        curve.check_on_curve(octets(case["point"]))
    else:
        with pytest.raises(curve.BadCommitment):
            curve.check_on_curve(octets(case["point"]))


@pytest.mark.parametrize("length", [0, 48, 95, 97, 128])
def test_decode_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(curve.BadCommitment, match=f"{length} bytes, not 96"):
        curve.decode(bytes(length))


def test_decode_refuses_every_flip_of_one_bit() -> None:
    for bit in range(96 * 8):
        flipped = bytearray(GENERATOR_ONE)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(curve.BadCommitment):
            curve.decode(bytes(flipped))


def test_encode_gives_back_what_decode_took() -> None:
    for case in VECTORS["generators"] + VECTORS["commitments"]:
        assert curve.encode(curve.decode(octets(case["point"]))) == octets(case["point"])


def test_precompile_form_matches_vectors_both_ways() -> None:
    for case in VECTORS["generators"] + VECTORS["commitments"] + VECTORS["sums"]:
        assert curve.to_precompile(octets(case["point"])) == octets(case["precompile"])
        assert curve.from_precompile(octets(case["precompile"])) == octets(case["point"])


@pytest.mark.parametrize("byte", [0, 15, 64, 79])
def test_from_precompile_with_padding_set_is_refused(byte: int) -> None:
    padded = bytearray(curve.to_precompile(GENERATOR_ONE))
    padded[byte] = 1
    with pytest.raises(curve.BadCommitment, match="zero bytes before each coordinate"):
        curve.from_precompile(bytes(padded))


def test_hash_to_curve_matches_rfc_9380_appendix_j_9_1() -> None:
    tag = b"QUUX-V01-CS02-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
    expected = (
        "052926add2207b76ca4fa57a8734416c8dc95e24501772c814278700eed6d1e4e8cf62d9c09db0fac349612b759e79a1"
        "08ba738453bfed09cb546dbb0783dbb3a5f1f566ed67bb6be0e8c67e2e81a4cc68ee29813bb7994998f3eae0c9c6a265"
    )
    assert curve.encode(curve.hash_to_curve(b"", tag)).hex() == expected
    assert points_compressed.to_xy(points_compressed.hash_to_curve(b"", tag)).hex() == expected


def test_hash_to_curve_matches_py_ecc_on_other_messages() -> None:
    for message in (b"", b"\x00", b"abc", bytes(8), bytes(300)):
        x, y = normalize(hash_to_G1(message, b"TAG-FOR-A-TEST", hashlib.sha256))
        expected = int(x).to_bytes(48, "big") + int(y).to_bytes(48, "big")
        assert curve.encode(curve.hash_to_curve(message, b"TAG-FOR-A-TEST")) == expected


def test_compressed_binding_agrees_with_the_one_in_use() -> None:
    """The binding that Python 3.10 needs runs on every version."""
    points = [G1Point() * Scalar(factor) for factor in range(1, 40)]
    for point in [*points, *(-point for point in points), G1Point.identity()]:
        xy = curve.encode(point)
        assert points_compressed.to_xy(point) == xy
        assert points_compressed.from_xy(xy) == point == curve.from_xy(xy)
        assert points_compressed.is_in_subgroup(point)


def test_compressed_binding_finds_a_point_outside_of_the_subgroup() -> None:
    order_three = bytes(48) + (2).to_bytes(48, "big")
    assert not points_compressed.is_in_subgroup(points_compressed.from_xy(order_three))


def test_multiply_sum_of_unequal_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="1 points cannot be multiplied by 2 scalars"):
        curve.multiply_sum([G1Point()], [Scalar(1), Scalar(2)])


def test_multiply_sum_of_nothing_is_infinity() -> None:
    assert curve.encode(curve.multiply_sum([], [])) == INFINITY_XY


def test_order_and_modulus_are_those_of_py_ecc() -> None:
    from py_ecc.optimized_bls12_381 import curve_order, field_modulus

    assert field_modulus == MODULUS
    assert curve_order == ORDER
