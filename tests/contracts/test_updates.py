"""submitUpdate: who may, when, once; what is stored and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from logs import logged
from refusals import refused
from stages import one_in_each_phase, phase_of, points, view

from anomalyhive.chain.views import Phase
from anomalyhive.commitments import commit
from anomalyhive.protocol import update_hash
from rehearsal import TRAIN, Node, Rehearsal, Round

NOBODY = "0x" + 40 * "0"
DIGEST = bytes(range(32))
COMMITMENT = commit(np.array([1, -2, 3], dtype=np.int64))


@pytest.fixture(scope="module")
def opened(deployed: Rehearsal, task: int) -> Round:
    """A round in TRAIN without updates."""
    return deployed.open(task)


@pytest.fixture
def round_(opened: Round) -> Round:
    """The test's own copy of the record."""
    return deepcopy(opened)


@pytest.fixture(scope="module")
def gallery(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Mapping[Phase, Round]:
    """A round in each phase."""
    return one_in_each_phase(deployed, trainers[0], validators[0])


def submit(
    hive: Any, round_: Round, shard: int, by: Any, digest: bytes = DIGEST, commitment: bytes = COMMITMENT
) -> Any:
    """The transaction of a submission."""
    return hive.submitUpdate(*round_.key, shard, digest, points(commitment), {"from": by})


# What is stored and told


def test_submit_update_by_the_operator_stores_its_hash_and_tells(
    hive: Any, round_: Round, trainers: Sequence[Node]
) -> None:
    assert bytes(hive.updateHash(*round_.key, 3)) == bytes(32)
    transaction = submit(hive, round_, 3, trainers[3].operator)
    node = trainers[3].number
    assert bytes(hive.updateHash(*round_.key, 3)) == update_hash(node, DIGEST, COMMITMENT)
    assert logged(transaction, "UpdateSubmitted") == [
        {
            "task": round_.task,
            "round": round_.number,
            "node": node,
            "shard": 3,
            "digest": DIGEST,
            "commitment": points(COMMITMENT),
        }
    ]
    assert len(transaction.events) == 1


def test_submit_update_counts_up_to_the_quota_and_ends_the_phase(
    hive: Any, round_: Round, trainers: Sequence[Node]
) -> None:
    for shard, node in enumerate(trainers):
        assert (view(hive, round_)["submitted"], phase_of(hive, round_)) == (shard, Phase.TRAIN)
        submit(hive, round_, shard, node.operator)
    assert (view(hive, round_)["submitted"], phase_of(hive, round_)) == (5, Phase.JUDGE)


def test_submit_update_of_two_nodes_with_one_digest_are_two_hashes(
    hive: Any, round_: Round, trainers: Sequence[Node]
) -> None:
    submit(hive, round_, 0, trainers[0].operator)
    submit(hive, round_, 1, trainers[1].operator)
    assert bytes(hive.updateHash(*round_.key, 0)) != bytes(hive.updateHash(*round_.key, 1))


@pytest.mark.parametrize("commitment", [bytes(96), b"\xff" * 96, DIGEST * 3], ids=["infinity", "ones", "noise"])
def test_submit_update_takes_any_96_bytes_as_commitment(
    hive: Any, round_: Round, trainers: Sequence[Node], commitment: bytes
) -> None:
    submit(hive, round_, 0, trainers[0].operator, commitment=commitment)
    assert bytes(hive.updateHash(*round_.key, 0)) == update_hash(trainers[0].number, DIGEST, commitment)


def test_submit_update_of_one_node_for_two_shards_counts_both(
    rehearsal: Rehearsal, hive: Any, round_: Round, trainers: Sequence[Node]
) -> None:
    hive.releaseShard(round_.task, 1, {"from": trainers[1].operator})
    hive.takeShard(round_.task, 1, {"from": trainers[0].operator})
    first, second = (rehearsal.submit(round_, shard) for shard in (0, 1))
    assert first.node == second.node == trainers[0].number
    assert view(hive, round_)["submitted"] == 2


# Who may


def test_submit_update_by_anyone_but_the_operator_reverts(
    hive: Any, round_: Round, trainers: Sequence[Node], validators: Sequence[Node], sponsor: Any, stranger: Any
) -> None:
    operator = trainers[0].operator
    for caller in (trainers[0].owner, trainers[1].operator, validators[0].operator, sponsor, stranger):
        with refused("NotOperator", caller, operator):
            submit(hive, round_, 0, caller)


def test_submit_update_for_a_shard_that_nobody_holds_reverts(
    hive: Any, round_: Round, trainers: Sequence[Node]
) -> None:
    hive.releaseShard(round_.task, 0, {"from": trainers[0].operator})
    with refused("NotOperator", trainers[0].operator, NOBODY):
        submit(hive, round_, 0, trainers[0].operator)


@pytest.mark.parametrize("shard", [5, 65535])
def test_submit_update_for_a_shard_that_does_not_exist_reverts(
    hive: Any, round_: Round, trainers: Sequence[Node], shard: int
) -> None:
    with refused("NotOperator", trainers[0].operator, NOBODY):
        submit(hive, round_, shard, trainers[0].operator)


def test_submit_update_to_a_task_that_does_not_exist_reverts(
    hive: Any, round_: Round, trainers: Sequence[Node]
) -> None:
    with refused("NotOperator", trainers[0].operator, NOBODY):
        submit(hive, Round(99, 1), 0, trainers[0].operator)


def test_submit_update_after_a_rotation_needs_the_old_key_until_the_shard_is_refreshed(
    hive: Any, registry: Any, round_: Round, trainers: Sequence[Node], stranger: Any
) -> None:
    node = trainers[0]
    registry.rotateOperator(node.number, stranger, {"from": node.owner})
    with refused("NotOperator", stranger, node.operator):
        submit(hive, round_, 0, stranger)
    hive.refreshShard(round_.task, 0, {"from": stranger})
    with refused("NotOperator", node.operator, stranger):
        submit(hive, round_, 0, node.operator)
    submit(hive, round_, 0, stranger)
    assert bytes(hive.updateHash(*round_.key, 0)) == update_hash(node.number, DIGEST, COMMITMENT)


# When, and how often


@pytest.mark.parametrize("phase", [one for one in Phase if one is not Phase.TRAIN], ids=lambda phase: phase.name)
def test_submit_update_in_another_phase_reverts(
    hive: Any, gallery: Mapping[Phase, Round], trainers: Sequence[Node], phase: Phase
) -> None:
    with refused("WrongPhase", phase, Phase.TRAIN):
        submit(hive, gallery[phase], 0, trainers[0].operator)


def test_submit_update_twice_reverts_and_keeps_the_first(hive: Any, round_: Round, trainers: Sequence[Node]) -> None:
    submit(hive, round_, 0, trainers[0].operator)
    with refused("AlreadySubmitted", 0):
        submit(hive, round_, 0, trainers[0].operator, digest=DIGEST[::-1])
    assert bytes(hive.updateHash(*round_.key, 0)) == update_hash(trainers[0].number, DIGEST, COMMITMENT)
    assert view(hive, round_)["submitted"] == 1


def test_submit_update_by_the_next_holder_of_the_shard_in_the_same_round_reverts(
    rehearsal: Rehearsal, hive: Any, round_: Round, trainers: Sequence[Node]
) -> None:
    submit(hive, round_, 0, trainers[0].operator)
    hive.releaseShard(round_.task, 0, {"from": trainers[0].operator})
    heir = rehearsal.register(TRAIN)
    hive.takeShard(round_.task, 0, {"from": heir.operator})
    with refused("AlreadySubmitted", 0):
        submit(hive, round_, 0, heir.operator)
    assert bytes(hive.updateHash(*round_.key, 0)) == update_hash(trainers[0].number, DIGEST, COMMITMENT)


def test_submit_update_stays_in_its_round(
    rehearsal: Rehearsal, hive: Any, task: int, trainers: Sequence[Node], round_: Round
) -> None:
    submit(hive, round_, 0, trainers[0].operator)
    assert bytes(hive.updateHash(task, 2, 0)) == bytes(32)
    assert bytes(hive.updateHash(task + 1, 1, 0)) == bytes(32)
