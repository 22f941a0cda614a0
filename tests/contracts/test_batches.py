"""submitUpdates: a signed update counts as if its operator had called, once; what cannot count harms no other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import pytest
from clock import Clock
from logs import logged, plain
from play import Play
from refusals import refused
from signing import Desk, shards_of
from stages import deadline_of, one_in_each_phase, phase_of, points, staffed, standing, view
from words import NOTHING, word_of

from anomalyhive.chain.views import Phase
from rehearsal import BASE, Node, Rehearsal, Round


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


# What counts


def test_submit_updates_of_several_operators_stores_and_tells_what_direct_calls_do(
    rehearsal: Rehearsal, hive: Any, trainers: Sequence[Node], validators: Sequence[Node], desk: Desk
) -> None:
    direct, batch = (rehearsal.open(staffed(rehearsal, trainers, validators)) for _ in range(2))
    order = (3, 0, 2)
    updates = {shard: desk.update(shard) for shard in order}
    events = []
    for shard in order:
        one = updates[shard]
        by = {"from": trainers[shard].operator}
        transaction = hive.submitUpdate(*direct.key, shard, one.digest, one.point, by)
        events += logged(transaction, "UpdateSubmitted")
    transaction = desk.submit([desk.sign(shard, batch) for shard in order], batch)
    assert logged(transaction, "UpdateSubmitted") == [{**event, "task": batch.task} for event in events]
    assert len(transaction.events) == len(order)
    assert transaction.return_value == len(order)

    def stored(round_: Round) -> list[Any]:
        holders = [plain(hive.shard(round_.task, shard)) for shard in range(BASE.shards)]
        words = [bytes(hive.updateHash(*round_.key, shard)) for shard in range(BASE.shards)]
        return [holders, words, {**view(hive, round_), "deadline": None}]

    assert stored(batch) == stored(direct)
    assert [bytes(hive.updateHash(*batch.key, shard)) for shard in (0, 1)] == [word_of(batch, updates[0]), NOTHING]


def test_submit_updates_tells_the_node_of_the_shard_and_not_who_called(
    round_: Round, trainers: Sequence[Node], desk: Desk
) -> None:
    update = desk.update(1)
    desk.sender = trainers[2].operator
    transaction = desk.submit([desk.sign(1)])
    assert logged(transaction, "UpdateSubmitted") == [
        {
            "task": round_.task,
            "round": round_.number,
            "node": trainers[1].number,
            "shard": 1,
            "digest": update.digest,
            "commitment": points(update.commitment),
        }
    ]


def test_submit_updates_of_one_operator_for_two_shards_counts_both(
    hive: Any, round_: Round, trainers: Sequence[Node], desk: Desk
) -> None:
    hive.releaseShard(round_.task, 1, {"from": trainers[1].operator})
    hive.takeShard(round_.task, 1, {"from": trainers[0].operator})
    items = [desk.sign(0), desk.sign(1, by=trainers[0].operator)]
    assert shards_of(desk.submit(items)) == [0, 1]


def test_submitted_batch_is_tallied_and_paid_as_any(
    rehearsal: Rehearsal, hive: Any, round_: Round, trainers: Sequence[Node], desk: Desk, stranger: Any
) -> None:
    desk.submit([desk.sign(shard) for shard in range(BASE.shards)])
    round_.updates = {shard: desk.update(shard) for shard in range(BASE.shards)}
    for seat in range(BASE.seats):
        rehearsal.commit(round_, seat, [100] * BASE.shards)
    for seat in range(BASE.seats):
        rehearsal.reveal(round_, seat)
    rehearsal.tally(round_)
    for seat in range(BASE.quorum):
        rehearsal.attest(round_, seat, rehearsal.model_of(round_))
    hive.claim(trainers[0].number, [(round_.task, 0, 0, 0, 0)], {"from": stranger})
    assert rehearsal.token.balanceOf(trainers[0].owner) == hive.earned(*round_.key, 0, 0) == 140 * 10**18


# The quota, in the middle of a batch


def test_submit_updates_up_to_the_quota_ends_the_phase_and_skips_the_rest(
    rehearsal: Rehearsal,
    hive: Any,
    trainers: Sequence[Node],
    validators: Sequence[Node],
    desk: Desk,
    clock: Clock,
    stranger: Any,
) -> None:
    round_ = rehearsal.open(staffed(rehearsal, trainers, validators, update_quota=3))
    items = [
        desk.sign(0, round_),
        desk.sign(1, round_, by=stranger),
        *(desk.sign(shard, round_) for shard in (2, 4, 3, 1)),
    ]
    clock.next(at := clock.now + 5)
    transaction = desk.submit(items, round_)
    # What was not signed by the operator fills no quota.
    assert shards_of(transaction) == [0, 2, 4]
    assert transaction.return_value == view(hive, round_)["submitted"] == 3
    assert standing(hive, round_) == (Phase.JUDGE, at + BASE.judge_seconds)
    assert bytes(hive.updateHash(*round_.key, 3)) == bytes(hive.updateHash(*round_.key, 1)) == NOTHING


def test_submit_updates_just_below_the_quota_leaves_the_phase_and_its_deadline(
    hive: Any, round_: Round, desk: Desk
) -> None:
    before = standing(hive, round_)
    desk.submit([desk.sign(shard) for shard in range(BASE.update_quota - 1)])
    assert standing(hive, round_) == before
    desk.submit([desk.sign(BASE.update_quota - 1)])
    assert phase_of(hive, round_) is Phase.JUDGE


def test_submit_updates_without_a_quota_counts_all_shards(
    rehearsal: Rehearsal, hive: Any, trainers: Sequence[Node], validators: Sequence[Node], desk: Desk
) -> None:
    round_ = rehearsal.open(staffed(rehearsal, trainers, validators, update_quota=0))
    desk.submit([desk.sign(shard, round_) for shard in range(BASE.shards)], round_)
    assert (view(hive, round_)["submitted"], phase_of(hive, round_)) == (BASE.shards, Phase.TRAIN)


# Once


def test_submit_updates_again_in_the_same_round_reverts_alone_and_is_skipped_beside_others(
    hive: Any, round_: Round, desk: Desk
) -> None:
    desk.submit([desk.sign(0)])
    word = bytes(hive.updateHash(*round_.key, 0))
    with refused("NothingSubmitted", 1):
        desk.submit([desk.sign(0)])
    assert shards_of(desk.submit([desk.sign(0), desk.sign(1)])) == [1]
    # Nor is another update of the shard, however well signed.
    assert shards_of(desk.submit([desk.sign(0, value=8), desk.sign(2)])) == [2]
    assert view(hive, round_)["submitted"] == 3
    assert bytes(hive.updateHash(*round_.key, 0)) == word


def test_submit_updates_with_two_of_one_shard_counts_the_first(hive: Any, round_: Round, desk: Desk) -> None:
    transaction = desk.submit([desk.sign(0, value=8), desk.sign(0), desk.sign(0, value=8)])
    assert shards_of(transaction) == [0]
    assert bytes(hive.updateHash(*round_.key, 0)) == word_of(round_, desk.update(0, 8))
    assert view(hive, round_)["submitted"] == 1


def test_submit_updates_that_their_operator_submitted_first_are_skipped(
    hive: Any, round_: Round, trainers: Sequence[Node], desk: Desk
) -> None:
    first = desk.update(1, 9)
    hive.submitUpdate(*round_.key, 1, first.digest, first.point, {"from": trainers[1].operator})
    with refused("NothingSubmitted", 1):
        desk.submit([desk.sign(1)])
    assert shards_of(desk.submit([desk.sign(0), desk.sign(1), desk.sign(2)])) == [0, 2]
    assert bytes(hive.updateHash(*round_.key, 1)) == word_of(round_, first)
    assert view(hive, round_)["submitted"] == 3


def test_submit_update_after_a_batch_with_it_reverts(
    hive: Any, round_: Round, trainers: Sequence[Node], desk: Desk
) -> None:
    desk.submit([desk.sign(0)])
    one = desk.update(0)
    with refused("AlreadySubmitted", 0):
        hive.submitUpdate(*round_.key, 0, one.digest, one.point, {"from": trainers[0].operator})


def test_submit_updates_of_the_round_before_reverts_and_those_of_the_next_wait_for_it(
    rehearsal: Rehearsal, hive: Any, round_: Round, play: Play, desk: Desk, stranger: Any
) -> None:
    following = Round(round_.task, round_.number + 1)
    items = [desk.sign(0), desk.sign(0, following)]
    with refused("NothingSubmitted", 1):
        desk.submit(items[1:])
    desk.submit(items[:1])
    play.end(round_, Phase.TRAIN)
    hive.cancelRound(*round_.key, {"from": stranger})
    rehearsal.open(round_.task)
    with refused("NothingSubmitted", 1):
        desk.submit(items[:1], following)
    assert shards_of(desk.submit(items, following)) == [0]


def test_shard_with_an_update_from_a_batch_is_bound(
    hive: Any, round_: Round, trainers: Sequence[Node], desk: Desk
) -> None:
    desk.submit([desk.sign(0)])
    with refused("ShardBound", round_.number, 0):
        hive.releaseShard(round_.task, 0, {"from": trainers[0].operator})


# Nothing


def test_submit_updates_of_nothing_reverts(desk: Desk) -> None:
    with refused("NothingSubmitted", 0):
        desk.submit([])


def test_submit_updates_of_bad_ones_alone_reverts(hive: Any, round_: Round, desk: Desk, stranger: Any) -> None:
    with refused("NothingSubmitted", 3):
        desk.submit([desk.sign(shard, by=stranger) for shard in range(3)])
    assert view(hive, round_)["submitted"] == 0


# When


@pytest.mark.parametrize("phase", [one for one in Phase if one is not Phase.TRAIN], ids=lambda phase: phase.name)
def test_submit_updates_in_another_phase_reverts(gallery: Mapping[Phase, Round], desk: Desk, phase: Phase) -> None:
    with refused("WrongPhase", phase, Phase.TRAIN):
        desk.submit([desk.sign(0, gallery[phase])], gallery[phase])


def test_submit_updates_until_the_last_second_of_the_phase(hive: Any, round_: Round, desk: Desk, clock: Clock) -> None:
    deadline = deadline_of(hive, round_)
    clock.next(deadline - 1)
    desk.submit([desk.sign(0), desk.sign(1)])
    clock.next(deadline)
    with refused("WrongPhase", Phase.JUDGE, Phase.TRAIN):
        desk.submit([desk.sign(2)])
    assert view(hive, round_)["submitted"] == 2


def test_submit_updates_to_what_does_not_exist_reverts(desk: Desk) -> None:
    for nowhere in (Round(99, 1), Round(0, 0), Round(1, 0)):
        with refused("WrongPhase", Phase.NONE, Phase.TRAIN):
            desk.submit([desk.sign(0, nowhere)], nowhere)
