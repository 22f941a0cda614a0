"""submitUpdate: who may, when, once; what is stored and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
from logs import logged
from play import Play
from refusals import refused
from stages import judge, one_in_each_phase, phase_of, points, staffed, view
from words import NOTHING, update_word, word_of

from anomalyhive.chain.views import Phase
from anomalyhive.commitments import commit
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
    assert bytes(hive.updateHash(*round_.key, 3)) == NOTHING
    transaction = submit(hive, round_, 3, trainers[3].operator)
    node = trainers[3].number
    assert bytes(hive.updateHash(*round_.key, 3)) == update_word(1, 3, node, DIGEST, COMMITMENT)
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


def test_submit_update_with_one_thing_changed_is_another_word(
    hive: Any, round_: Round, trainers: Sequence[Node]
) -> None:
    # A shard more, so that shard and node are exchanged one at a time.
    hive.releaseShard(round_.task, 4, {"from": trainers[4].operator})
    hive.takeShard(round_.task, 4, {"from": trainers[0].operator})
    submit(hive, round_, 0, trainers[0].operator)
    submit(hive, round_, 1, trainers[1].operator)
    submit(hive, round_, 2, trainers[2].operator, digest=DIGEST[::-1])
    submit(hive, round_, 3, trainers[3].operator, commitment=COMMITMENT[::-1])
    submit(hive, round_, 4, trainers[0].operator)
    expected = [
        update_word(1, shard, node.number, digest, commitment)
        for shard, node, digest, commitment in (
            (0, trainers[0], DIGEST, COMMITMENT),
            (1, trainers[1], DIGEST, COMMITMENT),
            (2, trainers[2], DIGEST[::-1], COMMITMENT),
            (3, trainers[3], DIGEST, COMMITMENT[::-1]),
            (4, trainers[0], DIGEST, COMMITMENT),
        )
    ]
    assert [bytes(hive.updateHash(*round_.key, shard)) for shard in range(5)] == expected
    assert len(set(expected)) == 5


@pytest.mark.parametrize("commitment", [bytes(96), b"\xff" * 96, DIGEST * 3], ids=["infinity", "ones", "noise"])
def test_submit_update_takes_any_96_bytes_as_commitment(
    hive: Any, round_: Round, trainers: Sequence[Node], commitment: bytes
) -> None:
    submit(hive, round_, 0, trainers[0].operator, commitment=commitment)
    assert bytes(hive.updateHash(*round_.key, 0)) == update_word(1, 0, trainers[0].number, DIGEST, commitment)


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
    assert bytes(hive.updateHash(*round_.key, 0)) == update_word(1, 0, node.number, DIGEST, COMMITMENT)


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
    assert bytes(hive.updateHash(*round_.key, 0)) == update_word(1, 0, trainers[0].number, DIGEST, COMMITMENT)
    assert view(hive, round_)["submitted"] == 1


def test_submit_update_leaves_no_way_to_a_second_by_another_holder_in_the_same_round(
    rehearsal: Rehearsal, hive: Any, round_: Round, trainers: Sequence[Node]
) -> None:
    submit(hive, round_, 0, trainers[0].operator)
    heir = rehearsal.register(TRAIN)
    with refused("ShardBound", 1, 0):
        hive.releaseShard(round_.task, 0, {"from": trainers[0].operator})
    with refused("SlotHeld", 0, trainers[0].number):
        hive.takeShard(round_.task, 0, {"from": heir.operator})
    with refused("NotOperator", heir.operator, trainers[0].operator):
        submit(hive, round_, 0, heir.operator)
    assert bytes(hive.updateHash(*round_.key, 0)) == update_word(1, 0, trainers[0].number, DIGEST, COMMITMENT)


def test_submit_update_stays_in_its_task_round_and_shard(
    hive: Any, task: int, trainers: Sequence[Node], round_: Round
) -> None:
    submit(hive, round_, 0, trainers[0].operator)
    for place in ((task, 2, 0), (task, 0, 0), (task, 2**32 - 1, 0), (task + 1, 1, 0), (task, 1, 1), (task, 1, 65535)):
        assert bytes(hive.updateHash(*place)) == NOTHING


# The word is used again in the next round


def test_update_hash_of_the_round_before_is_there_until_the_shard_submits_again(
    rehearsal: Rehearsal, hive: Any, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    task = staffed(rehearsal, trainers, validators)
    first = rehearsal.reach(task, Phase.FINAL)
    second = rehearsal.open(task)
    assert bytes(hive.updateHash(*first.key, 0)) == word_of(first, first.updates[0])
    assert bytes(hive.updateHash(*second.key, 0)) == NOTHING
    update = rehearsal.submit(second, 0)
    assert bytes(hive.updateHash(*first.key, 0)) == NOTHING
    assert bytes(hive.updateHash(*second.key, 0)) == word_of(second, update)
    assert bytes(hive.updateHash(*first.key, 1)) == word_of(first, first.updates[1])


def test_submit_update_that_is_the_same_in_the_next_round_counts_again(
    rehearsal: Rehearsal, hive: Any, play: Play, round_: Round, trainers: Sequence[Node]
) -> None:
    # The only update of a round that is cancelled: the word stays, its round tells that it is none of the next.
    submit(hive, round_, 0, trainers[0].operator)
    play.end(round_, Phase.TRAIN)
    hive.cancelRound(*round_.key, {"from": rehearsal.sponsor})
    following = rehearsal.open(round_.task)
    assert view(hive, following)["submitted"] == 0
    submit(hive, following, 0, trainers[0].operator)
    assert view(hive, following)["submitted"] == 1
    words = [update_word(number, 0, trainers[0].number, DIGEST, COMMITMENT) for number in (1, 2)]
    assert words[0][:28] == words[1][:28]
    assert [bytes(hive.updateHash(round_.task, number, 0)) for number in (1, 2)] == [NOTHING, words[1]]


def test_update_of_the_round_before_is_none_to_be_tallied(rehearsal: Rehearsal, hive: Any, play: Play) -> None:
    task = play.task()
    first = rehearsal.reach(task, Phase.FINAL)
    second = rehearsal.open(task)
    for shard in range(1, 5):
        rehearsal.submit(second, shard)
    play.end(second, Phase.TRAIN)
    judge(rehearsal, second, dict.fromkeys(range(3), [100] * 5))
    with refused("WrongUpdate", 0):
        hive.tally(*second.key, [first.updates[0].row, *second.rows], second.scores, {"from": rehearsal.sponsor})
    # Nor is it one that a slice leaves out.
    for rows in (second.rows[:2], second.rows[2:]):
        hive.tally(*second.key, rows, second.scores, {"from": rehearsal.sponsor})
    assert (view(hive, second)["tallied"], phase_of(hive, second)) == (4, Phase.ATTEST)
    assert hive.medianOf(*second.key, 0) == 0
