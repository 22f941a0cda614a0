"""Solidity = Python = committed vector: the sum of commitments, and what cannot be added."""

from __future__ import annotations

import json
from functools import reduce
from pathlib import Path

import numpy as np
from harness import Harness

from anomalyhive.commitments import INFINITY, add, add_all, commit

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "commitments.json").read_text())

POINTS = {one["name"]: bytes.fromhex(one["point"][2:]) for one in VECTORS["commitments"]}


def point(commitment: bytes) -> tuple[bytes, bytes, bytes]:
    return commitment[:32], commitment[32:64], commitment[64:]


def summed(harness: Harness, commitments: list[bytes]) -> tuple[bytes, list[bool]]:
    total, added = harness.sum([point(one) for one in commitments])
    return b"".join(total), added


def test_sums_of_the_vectors_are_what_the_precompile_makes(harness: Harness) -> None:
    for case in VECTORS["sums"]:
        pair = [POINTS[case["left"]], POINTS[case["right"]]]
        assert summed(harness, pair) == (bytes.fromhex(case["point"][2:]), [True, True]), case
        assert add(*pair).hex() == case["point"][2:]


def test_a_point_off_the_curve_is_refused_and_leaves_the_sum_as_it_was(harness: Harness) -> None:
    good = POINTS["one"]
    for case in VECTORS["refused"]:
        # Outside of the subgroup of order r the precompile adds: to refuse that is for validators.
        total, added = summed(harness, [good, bytes.fromhex(case["point"][2:]), good])
        assert added == [True, case["addable"], True], case["reason"]
        if not case["addable"]:
            assert total == add(good, good)


def test_a_point_outside_the_subgroup_is_added_as_python_adds_it(harness: Harness) -> None:
    case = VECTORS["sum_off_subgroup"]
    left = next(bytes.fromhex(one["point"][2:]) for one in VECTORS["refused"] if one["reason"] == case["left"])
    pair = [left, POINTS[case["right"]]]
    assert summed(harness, pair)[0].hex() == case["point"][2:] == add(*pair).hex()


def test_the_chains_sum_opens_to_the_sum_of_the_vectors(harness: Harness) -> None:
    rng = np.random.default_rng(7)
    vectors = [rng.integers(-(2**31), 2**31, size=20) for _ in range(40)]
    commitments = [commit(one) for one in vectors]
    total, added = summed(harness, commitments)
    assert all(added)
    assert total == add_all(commitments) == commit(sum(vectors, np.zeros(20, dtype=np.int64)))
    assert total == reduce(add, commitments, INFINITY)
