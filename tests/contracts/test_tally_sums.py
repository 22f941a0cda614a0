"""The sum of the accepted commitments: Python's, the contract's, and the commitment to the sum of the vectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from logs import logged
from outcomes import outcome_of
from stages import judge, phase_of, points, staffed, submit_point, view

from anomalyhive.chain.views import Phase
from anomalyhive.commitments import add_all, commit
from anomalyhive.commitments.curve import INFINITY
from anomalyhive.commitments.field import MODULUS
from rehearsal import BASE, Node, Rehearsal, Round

VECTORS = np.array([[5, -7, 0, 11], [-5, 2**40, 1, 0], [0, -1, -1, 3], [9, 9, 9, 9], [1, 0, 0, -(2**50)]], np.int64)
"""One a shard, with entries of both signs."""

GOOD = [commit(vector) for vector in VECTORS]

ALL = [100] * 5

SEATS = {0: ALL, 1: ALL, 2: ALL}


def x_and_y(commitment: bytes) -> tuple[int, int]:
    """The coordinates."""
    return int.from_bytes(commitment[:48], "big"), int.from_bytes(commitment[48:], "big")


def at(x: int, y: int) -> bytes:
    """96 bytes of two coordinates below 2^384."""
    return x.to_bytes(48, "big") + y.to_bytes(48, "big")


X, Y = x_and_y(GOOD[2])

NO_POINTS: Mapping[str, bytes] = {
    "one off the curve": at(X, Y + 1),
    "coordinates exchanged": at(Y, X),
    "x not reduced": at(X + MODULUS, Y),
    "y not reduced": at(X, Y + MODULUS),
    "infinity not reduced": at(MODULUS, MODULUS),
    "half of infinity": at(X, 0),
    "largest numbers": b"\xff" * 96,
    "another's with a bit flipped": GOOD[1][:-1] + bytes([GOOD[1][-1] ^ 1]),
}
"""What EIP-2537 tells BLS12_G1ADD to refuse."""

POINTS: Mapping[str, bytes] = {
    "infinity": INFINITY,
    "another's": GOOD[1],
    "another's negative": at(x_and_y(GOOD[1])[0], MODULUS - x_and_y(GOOD[1])[1]),
    "of order 3, outside of the subgroup": at(0, 2),
}
"""What it adds: EIP-2537 has no check of the subgroup for G1ADD."""


def tallied(
    rehearsal: Rehearsal, task: int, commitments: Sequence[bytes], scores: Mapping[int, Sequence[int]] = SEATS
) -> tuple[Round, Any]:
    """A round of these commitments, and the transaction that tallied it."""
    round_ = rehearsal.open(task)
    for shard, commitment in enumerate(commitments):
        submit_point(rehearsal, round_, shard, commitment)
    judge(rehearsal, round_, scores)
    return round_, rehearsal.tally(round_)


def test_sum_of_all_is_pythons_and_the_commitment_to_the_sum_of_the_vectors(rehearsal: Rehearsal, task: int) -> None:
    _, transaction = tallied(rehearsal, task, GOOD)
    [event] = logged(transaction, "RoundTallied")
    assert event["accepted"] == 5
    assert event["sum"] == points(add_all(GOOD))
    assert event["sum"] == points(commit(VECTORS.sum(axis=0)))


def test_sum_leaves_rejected_updates_out(rehearsal: Rehearsal, task: int) -> None:
    rejecting = [100, 0, 100, 0, 1]
    _, transaction = tallied(rehearsal, task, GOOD, {0: rejecting, 1: rejecting, 2: ALL})
    [event] = logged(transaction, "RoundTallied")
    assert event["accepted"] == 3
    assert event["sum"] == points(commit(VECTORS[[0, 2, 4]].sum(axis=0)))


def test_sum_of_vectors_that_cancel_out_is_infinity(rehearsal: Rehearsal, task: int) -> None:
    cancelling = [*GOOD[:4], commit(-VECTORS[:4].sum(axis=0))]
    _, transaction = tallied(rehearsal, task, cancelling)
    [event] = logged(transaction, "RoundTallied")
    assert (event["accepted"], event["sum"]) == (5, points(INFINITY))


def test_commitment_that_is_no_point_is_rejected_and_blocks_nothing(
    rehearsal: Rehearsal, hive: Any, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    bad = list(NO_POINTS.values())
    # First, last, alone and several in a row.
    commitments = [bad[0], GOOD[0], bad[1], bad[2], GOOD[1], *bad[3:5], GOOD[2], *bad[5:]]
    shards = len(commitments)
    changes = {"shards": shards, "update_quota": shards}
    task = staffed(rehearsal, [trainers[0]] * shards, validators, **changes)
    # The last seat sees what is wrong, as honest ones do; the others are paid for no such thing.
    honest = [100 * (commitment in GOOD) for commitment in commitments]
    scores = {0: [100] * shards, 1: [100] * shards, 2: honest}
    round_, transaction = tallied(rehearsal, task, commitments, scores)
    [event] = logged(transaction, "RoundTallied")
    assert (event["accepted"], event["worth"], event["paid"]) == (3, 300, 0b100)
    assert event["sum"] == points(add_all(GOOD[:3]))
    assert event == outcome_of(replace(BASE, **changes), round_).event(round_)
    assert [hive.medianOf(*round_.key, shard) for shard in range(shards)] == honest
    assert phase_of(hive, round_) is Phase.ATTEST


@pytest.mark.parametrize("kind", POINTS)
def test_commitment_that_is_any_point_of_the_curve_is_added(rehearsal: Rehearsal, task: int, kind: str) -> None:
    commitments = [*GOOD[:2], POINTS[kind], *GOOD[3:]]
    _, transaction = tallied(rehearsal, task, commitments)
    [event] = logged(transaction, "RoundTallied")
    assert (event["accepted"], event["sum"]) == (5, points(add_all(commitments)))


def test_sum_goes_on_over_slices_and_past_what_is_no_point(rehearsal: Rehearsal, hive: Any, task: int) -> None:
    commitments = [GOOD[0], NO_POINTS["x not reduced"], *GOOD[2:]]
    round_ = rehearsal.open(task)
    for shard, commitment in enumerate(commitments):
        submit_point(rehearsal, round_, shard, commitment)
    judge(rehearsal, round_, SEATS)
    for row in round_.rows:
        transaction = hive.tally(*round_.key, [row], round_.scores, {"from": rehearsal.sponsor})
    [event] = logged(transaction, "RoundTallied")
    assert event["sum"] == points(commit(VECTORS[[0, 2, 3, 4]].sum(axis=0)))


# A chain without the precompile


@pytest.fixture(scope="module")
def unverified(deployed: Rehearsal, HiveToken: Any, NodeRegistry: Any, Hive: Any, accounts: Any) -> Rehearsal:
    """A second hive, which adds nothing."""
    return Rehearsal((HiveToken, NodeRegistry, Hive), list(accounts), verify_sums=False)


def test_hive_that_verifies_no_sums_accepts_by_scores_alone_and_tells_no_sum(unverified: Rehearsal) -> None:
    nodes = [unverified.register() for _ in range(8)]
    task = staffed(unverified, nodes[:5], nodes[5:])
    commitments = [NO_POINTS["x not reduced"], *GOOD[1:]]
    scores = [200, 100, 0, 50, 1]
    round_, transaction = tallied(unverified, task, commitments, dict.fromkeys(range(3), scores))
    expected = outcome_of(BASE, round_, verify_sums=False)
    assert logged(transaction, "RoundTallied") == [expected.event(round_)]
    assert (expected.accepted, expected.worth, expected.sum) == (4, 351, INFINITY)
    assert [unverified.hive.medianOf(*round_.key, shard) for shard in range(5)] == scores
    assert view(unverified.hive, round_)["phase"] == Phase.ATTEST
    assert not unverified.hive.verifySums()
