"""From its update until the round is over a shard stays with its holder, so that whose an update is never moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from logs import logged, plain
from play import Play
from refusals import refused

from anomalyhive.chain.views import Phase
from rehearsal import BASE, Node, Rehearsal, Round

FREE = ("0x" + "0" * 40, 0, 0, 0)
SCORES = [100] * BASE.shards

OPEN = [Phase.TRAIN, Phase.JUDGE, Phase.REVEAL, Phase.TALLY, Phase.ATTEST]


def submitted_up_to(rehearsal: Rehearsal, task: int, phase: Phase) -> Round:
    """A round at the beginning of a phase, after shard 0 (and in later phases all others) submitted."""
    round_ = rehearsal.reach(task, phase)
    if phase == Phase.TRAIN:
        rehearsal.submit(round_, 0)
    return round_


def assert_bound(hive: Any, round_: Round, holder: Node) -> None:
    """Neither the holder, here inactive, nor anyone else ends the term of shard 0."""
    before = plain(hive.shard(round_.task, 0))
    for caller in (holder.operator, holder.owner):
        with refused("ShardBound", round_.number, 0):
            hive.releaseShard(round_.task, 0, {"from": caller})
    with refused("ShardBound", round_.number, 0):
        hive.freeShard(round_.task, 0, {"from": holder.owner})
    assert plain(hive.shard(round_.task, 0)) == before
    assert before[1] == holder.number


@pytest.fixture
def leaving(registry: Any, trainers: Sequence[Node], task: int) -> Node:
    """The holder of shard 0, who has requested its exit: anyone could free the shard, were it not bound."""
    registry.requestExit(trainers[0].number, {"from": trainers[0].owner})
    return trainers[0]


@pytest.mark.parametrize("phase", OPEN, ids=lambda phase: phase.name)
def test_shard_is_bound_in_every_phase_from_its_update_on(
    hive: Any, task: int, rehearsal: Rehearsal, leaving: Node, phase: Phase
) -> None:
    round_ = submitted_up_to(rehearsal, task, phase)
    assert hive.phaseOf(*round_.key)[0] == phase
    assert_bound(hive, round_, leaving)


@pytest.mark.parametrize("verb", ["releaseShard", "freeShard"])
def test_shard_is_not_bound_before_the_first_round(hive: Any, task: int, leaving: Node, verb: str) -> None:
    getattr(hive, verb)(task, 0, {"from": leaving.owner})
    assert plain(hive.shard(task, 0)) == FREE


@pytest.mark.parametrize("verb", ["releaseShard", "freeShard"])
@pytest.mark.parametrize("phase", [Phase.TRAIN, Phase.JUDGE, Phase.ATTEST], ids=lambda phase: phase.name)
def test_shard_without_an_update_is_not_bound(
    hive: Any, task: int, rehearsal: Rehearsal, leaving: Node, play: Play, verb: str, phase: Phase
) -> None:
    round_ = rehearsal.open(task)
    for shard in range(1, BASE.shards):
        rehearsal.submit(round_, shard)
    if phase >= Phase.JUDGE:
        play.end(round_, Phase.TRAIN)
    if phase >= Phase.ATTEST:
        for seat in range(BASE.seats):
            rehearsal.commit(round_, seat, SCORES)
        for seat in range(BASE.seats):
            rehearsal.reveal(round_, seat)
        rehearsal.tally(round_)
    assert hive.phaseOf(*round_.key)[0] == phase
    getattr(hive, verb)(task, 0, {"from": leaving.owner})
    assert plain(hive.shard(task, 0)) == FREE


@pytest.mark.parametrize("verb", ["releaseShard", "freeShard"])
@pytest.mark.parametrize("end", ["final", "cancelled"])
def test_shard_is_not_bound_in_a_round_that_follows_one_with_its_update(
    hive: Any, task: int, rehearsal: Rehearsal, leaving: Node, play: Play, verb: str, end: str
) -> None:
    if end == "final":
        rehearsal.reach(task, Phase.FINAL)
    else:
        play.cancelled(task, shards=[0])
    rehearsal.open(task)
    getattr(hive, verb)(task, 0, {"from": leaving.owner})
    assert plain(hive.shard(task, 0)) == FREE


@pytest.mark.parametrize("verb", ["releaseShard", "freeShard"])
def test_shard_is_not_bound_once_the_round_is_final(
    hive: Any, task: int, rehearsal: Rehearsal, leaving: Node, verb: str
) -> None:
    rehearsal.reach(task, Phase.FINAL)
    getattr(hive, verb)(task, 0, {"from": leaving.owner})
    assert plain(hive.shard(task, 0)) == FREE


@pytest.mark.parametrize("verb", ["releaseShard", "freeShard"])
def test_shard_stays_bound_in_a_stalled_round_until_it_is_cancelled(
    hive: Any, task: int, rehearsal: Rehearsal, leaving: Node, play: Play, verb: str
) -> None:
    round_ = submitted_up_to(rehearsal, task, Phase.TRAIN)
    play.end(round_, Phase.TRAIN)
    assert hive.phaseOf(*round_.key)[0] == Phase.STALLED
    assert_bound(hive, round_, leaving)
    hive.cancelRound(*round_.key, {"from": leaving.operator})
    getattr(hive, verb)(task, 0, {"from": leaving.owner})
    assert plain(hive.shard(task, 0)) == FREE


def test_shard_stays_bound_in_a_round_that_its_tally_stalled_until_it_is_cancelled(
    hive: Any, task: int, rehearsal: Rehearsal, leaving: Node
) -> None:
    round_ = rehearsal.reach(task, Phase.ATTEST, dict.fromkeys(range(BASE.seats), [0] * BASE.shards))
    assert hive.phaseOf(*round_.key)[0] == Phase.STALLED
    assert_bound(hive, round_, leaving)
    hive.cancelRound(*round_.key, {"from": leaving.operator})
    hive.releaseShard(task, 0, {"from": leaving.owner})
    assert plain(hive.shard(task, 0)) == FREE


def test_shard_bound_in_one_task_is_free_to_leave_in_another(
    hive: Any, task: int, rehearsal: Rehearsal, trainers: Sequence[Node]
) -> None:
    elsewhere = rehearsal.create()
    hive.takeShard(elsewhere, 0, {"from": trainers[0].operator})
    round_ = rehearsal.open(task)
    rehearsal.submit(round_, 0)
    rehearsal.open(elsewhere)
    hive.releaseShard(elsewhere, 0, {"from": trainers[0].operator})
    with refused("ShardBound", round_.number, 0):
        hive.releaseShard(task, 0, {"from": trainers[0].operator})


def test_bound_shard_may_still_be_refreshed(
    hive: Any, registry: Any, task: int, rehearsal: Rehearsal, trainers: Sequence[Node], fresh: Any, stranger: Any
) -> None:
    round_, node = rehearsal.open(task), trainers[0]
    rehearsal.submit(round_, 0)
    registry.rotateOperator(node.number, fresh, {"from": node.owner})
    transaction = hive.refreshShard(task, 0, {"from": stranger})
    expected = {"task": task, "shard": 0, "node": node.number, "operator": fresh.address}
    assert logged(transaction, "ShardRefreshed") == [expected]
    with refused("ShardBound", round_.number, 0):
        hive.releaseShard(task, 0, {"from": fresh})


def test_exit_after_an_update_waits_for_the_end_of_the_round(
    hive: Any, registry: Any, task: int, rehearsal: Rehearsal, leaving: Node, play: Play
) -> None:
    round_ = submitted_up_to(rehearsal, task, Phase.TRAIN)
    play.clock.reach(registry.node(leaving.number)[4])
    with refused("StillHolding", leaving.number, 1):
        registry.withdraw(leaving.number, {"from": leaving.owner})
    assert_bound(hive, round_, leaving)
    # Nobody can keep it in for longer: anyone may cancel what has stalled by then.
    hive.cancelRound(*round_.key, {"from": leaving.owner})
    hive.releaseShard(task, 0, {"from": leaving.owner})
    registry.withdraw(leaving.number, {"from": leaving.owner})
    assert registry.node(leaving.number)[1] == 0


def test_who_may_not_release_is_told_so_whether_or_not_the_shard_is_bound(
    hive: Any, task: int, rehearsal: Rehearsal, trainers: Sequence[Node], stranger: Any
) -> None:
    rehearsal.submit(rehearsal.open(task), 0)
    with refused("NotHolder", stranger, trainers[0].number):
        hive.releaseShard(task, 0, {"from": stranger})
    with refused("NotFreeable", 0, trainers[0].number):
        hive.freeShard(task, 0, {"from": stranger})
