"""Commitments against vectors made with another library, against Python integers, and against cheats."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from py_ecc.optimized_bls12_381 import FQ, Z1, curve_order, is_inf
from py_ecc.optimized_bls12_381 import add as py_ecc_add
from py_ecc.optimized_bls12_381 import multiply as py_ecc_multiply
from py_ecc.optimized_bls12_381.optimized_curve import normalize

from anomalyhive.commitments import (
    INFINITY,
    BadCommitment,
    Generators,
    Opening,
    add,
    add_all,
    commit,
    opens,
    opens_many,
    wrong_openings,
)
from anomalyhive.commitments.generators import generator
from anomalyhive.errors import BadInput

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "commitments.json").read_text())
POINTS = {case["name"]: bytes.fromhex(case["point"][2:]) for case in VECTORS["commitments"]}
ORDER_THREE = bytes(48) + (2).to_bytes(48, "big")
"""(0, 2) is on the curve and outside of the subgroup."""

SMALL = st.lists(st.integers(-(1 << 31), (1 << 31) - 1), min_size=1, max_size=12)


def vector(entries: list[int]) -> NDArray[np.int64]:
    return np.array(entries, dtype=np.int64)


def many(count: int, length: int, generators: Generators, bits: int = 20) -> list[Opening]:
    """True openings of seeded random vectors."""
    random = np.random.default_rng(7)
    vectors = [random.integers(-(1 << bits), 1 << bits, length) for _ in range(count)]
    return [(drawn, commit(drawn, generators)) for drawn in vectors]


@pytest.mark.parametrize("case", VECTORS["commitments"], ids=lambda case: case["name"])
def test_commit_matches_vector(case: dict[str, Any], generators: Generators) -> None:
    assert "0x" + commit(vector(case["vector"]), generators).hex() == case["point"]


def test_vectors_are_what_py_ecc_computes() -> None:
    """The committed file itself rests on a second implementation of the curve, from the generators on."""
    basis = [generator(index) for index in range(10)]
    points = [(FQ(int.from_bytes(g[:48], "big")), FQ(int.from_bytes(g[48:], "big")), FQ(1)) for g in basis]
    for case in VECTORS["commitments"]:
        total = Z1
        for entry, point in zip(case["vector"], points, strict=False):
            total = py_ecc_add(total, py_ecc_multiply(point, entry % curve_order))
        xy = (0, 0) if is_inf(total) else normalize(total)
        assert case["point"] == "0x" + b"".join(int(c).to_bytes(48, "big") for c in xy).hex()


@pytest.mark.parametrize("case", VECTORS["sums"], ids=lambda case: f"{case['left']} + {case['right']}")
def test_add_matches_vector(case: dict[str, Any]) -> None:
    left, right = POINTS[case["left"]], POINTS[case["right"]]
    assert "0x" + add(left, right).hex() == case["point"]
    assert add(right, left) == add(left, right) == add_all([left, right])


def test_add_off_the_subgroup_is_the_precompiles_sum() -> None:
    case = VECTORS["sum_off_subgroup"]
    assert "0x" + add(ORDER_THREE, POINTS["one"]).hex() == case["point"]


def test_add_of_no_point_is_refused() -> None:
    with pytest.raises(BadCommitment, match="not on the curve"):
        add(POINTS["one"], bytes(95) + b"\x01")


def test_add_all_of_none_is_infinity() -> None:
    assert add_all([]) == INFINITY == commit(vector([0] * 5), Generators(Path("/nonexistent")))


@settings(deadline=None, derandomize=True, max_examples=30)
@given(left=SMALL, right=SMALL)
def test_commitment_of_a_sum_is_the_sum_of_commitments(
    generators: Generators, left: list[int], right: list[int]
) -> None:
    length = max(len(left), len(right))
    left, right = left + [0] * (length - len(left)), right + [0] * (length - len(right))
    total = vector([a + b for a, b in zip(left, right, strict=True)])
    added = add(commit(vector(left), generators), commit(vector(right), generators))
    assert added == commit(total, generators)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(entries=SMALL, factor=st.integers(0, 5))
def test_commitment_of_a_multiple_is_the_multiple(generators: Generators, entries: list[int], factor: int) -> None:
    repeated = add_all([commit(vector(entries), generators)] * factor)
    assert repeated == commit(vector([factor * entry for entry in entries]), generators)


@settings(deadline=None, derandomize=True, max_examples=30)
@given(entries=SMALL, place=st.integers(0, 11), change=st.sampled_from([-1, 1, 1 << 20]))
def test_opens_refuses_any_other_vector(generators: Generators, entries: list[int], place: int, change: int) -> None:
    commitment = commit(vector(entries), generators)
    assert opens(vector(entries), commitment, generators)
    entries[place % len(entries)] += change
    assert not opens(vector(entries), commitment, generators)


def test_commit_of_a_long_vector_is_that_of_its_pieces(generators: Generators) -> None:
    """Long enough for several threads; the pieces are not."""
    ((entries, whole),) = many(1, 5000, generators, bits=31)
    pieces = []
    for start in range(0, 5000, 500):
        piece = np.zeros(start + 500, dtype=np.int64)
        piece[start:] = entries[start : start + 500]
        pieces.append(commit(piece, generators))
    assert add_all(pieces) == whole


def test_commit_of_a_strided_view_is_that_of_its_copy(generators: Generators) -> None:
    wide = np.arange(-50, 50, dtype=np.int64)
    assert commit(wide[::3], generators) == commit(wide[::3].copy(), generators)


@pytest.mark.parametrize(
    "bad", [np.zeros(3), np.zeros(3, dtype=np.int32), np.zeros((2, 2), dtype=np.int64), [1, 2]], ids=repr
)
def test_commit_of_another_type_is_refused(bad: Any, generators: Generators) -> None:
    with pytest.raises(BadInput, match="int64 vector"):
        commit(bad, generators)


@pytest.mark.parametrize("count", [0, 1, 3, 12, 40])
def test_opens_many_holds_for_true_openings(count: int, generators: Generators) -> None:
    openings = many(count, 60, generators)
    assert opens_many(openings, b"entropy", generators)
    assert wrong_openings(openings, b"entropy", generators) == []


def test_opens_many_holds_for_unequal_lengths_and_extremes(generators: Generators) -> None:
    entries = [[1], [-(1 << 63)] * 9, [(1 << 63) - 1, -1], [], [0, 0, 0], *([5, -7, 11] for _ in range(8))]
    openings = [(vector(e), commit(vector(e), generators)) for e in entries]
    assert opens_many(openings, b"", generators)


@pytest.mark.parametrize("wrong", [[0], [39], [0, 1], [3, 17, 38], list(range(40))])
def test_wrong_openings_finds_exactly_the_wrong_ones(wrong: list[int], generators: Generators) -> None:
    openings = many(40, 60, generators)
    for index in wrong:
        changed = openings[index][0].copy()
        changed[index] += 1
        openings[index] = (changed, openings[index][1])
    assert not opens_many(openings, b"entropy", generators)
    assert wrong_openings(openings, b"entropy", generators) == wrong


def test_wrong_openings_names_malformed_commitments(generators: Generators) -> None:
    openings = many(40, 20, generators)
    openings[4] = (openings[4][0], b"\xff" * 96)
    openings[9] = (openings[9][0], openings[9][1][:48])
    assert wrong_openings(openings, b"entropy", generators) == [4, 9]


def test_opens_many_refuses_errors_that_cancel_in_the_plain_sum(generators: Generators) -> None:
    """What one adds the other takes away: the sum of all would hold, no random combination does."""
    openings = many(40, 20, generators)
    shift = vector([1] + [0] * 19)
    openings[2] = (openings[2][0] + shift, openings[2][1])
    openings[3] = (openings[3][0] - shift, openings[3][1])
    assert commit(sum((v for v, _ in openings), start=vector([0] * 20)), generators) == add_all(c for _, c in openings)
    assert wrong_openings(openings, b"entropy", generators) == [2, 3]


def test_opens_many_refuses_a_commitment_off_by_a_point_of_small_order(generators: Generators) -> None:
    """Without the subgroup check a third of all coefficients would let it pass."""
    for attempt in range(9):
        openings = many(40, 20, generators)
        openings[5] = (openings[5][0], add(openings[5][1], ORDER_THREE))
        assert wrong_openings(openings, bytes([attempt]), generators) == [5]


def test_wrong_openings_when_checked_alone_agrees(generators: Generators) -> None:
    """Two openings are checked one by one: the same verdict without any combination."""
    (first, right), (second, _) = many(2, 20, generators)
    assert wrong_openings([(first, right), (second, right)], b"", generators) == [1]
    assert not opens_many([(first, right), (second, right)], b"", generators)
