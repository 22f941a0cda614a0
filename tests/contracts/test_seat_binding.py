"""From its commit until the round is over a seat stays with its holder, who could else leave before a slash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from clock import Clock
from logs import logged, plain
from play import Play
from refusals import refused

from anomalyhive.chain.views import Phase
from rehearsal import BASE, STAKE, Node, Rehearsal, Round

FREE = ("0x" + "0" * 40, 0, 0, 0)
SCORES = [100] * BASE.shards
WEEK = 7 * 24 * 3600


def committed_up_to(rehearsal: Rehearsal, task: int, phase: Phase) -> Round:
    """A round at the beginning of a phase, after seat 0 (and in later phases all others) committed."""
    round_ = rehearsal.reach(task, phase)
    if phase == Phase.JUDGE:
        rehearsal.commit(round_, 0, SCORES)
    return round_


def assert_bound(hive: Any, round_: Round, holder: Node) -> None:
    """Neither the holder, here inactive, nor anyone else ends the tenure of seat 0."""
    for caller in (holder.operator, holder.owner):
        with refused("SeatBound", round_.number, 0):
            hive.releaseSeat(round_.task, 0, {"from": caller})
    with refused("SeatBound", round_.number, 0):
        hive.freeSeat(round_.task, 0, {"from": holder.owner})
    assert (hive.seat(round_.task, 0)[1], hive.seatOf(round_.task, holder.number)) == (holder.number, 1)


@pytest.fixture
def leaving(registry: Any, validators: Sequence[Node], task: int) -> Node:
    """The holder of seat 0, who has requested its exit: anyone could free the seat, were it not bound."""
    registry.requestExit(validators[0].number, {"from": validators[0].owner})
    return validators[0]


@pytest.mark.parametrize("phase", [Phase.JUDGE, Phase.REVEAL, Phase.TALLY, Phase.ATTEST])
def test_seat_is_bound_in_every_phase_after_its_commit(
    hive: Any, task: int, rehearsal: Rehearsal, leaving: Node, phase: Phase
) -> None:
    round_ = committed_up_to(rehearsal, task, phase)
    assert hive.phaseOf(*round_.key)[0] == phase
    assert_bound(hive, round_, leaving)


@pytest.mark.parametrize("verb", ["releaseSeat", "freeSeat"])
@pytest.mark.parametrize("phase", [Phase.TRAIN, Phase.JUDGE])
def test_seat_without_a_commit_is_not_bound(
    hive: Any, task: int, rehearsal: Rehearsal, leaving: Node, phase: Phase, verb: str
) -> None:
    round_ = rehearsal.reach(task, phase)
    if phase == Phase.JUDGE:
        rehearsal.commit(round_, 1, SCORES)
    getattr(hive, verb)(task, 0, {"from": leaving.owner})
    assert plain(hive.seat(task, 0)) == FREE


@pytest.mark.parametrize("verb", ["releaseSeat", "freeSeat"])
def test_seat_is_not_bound_once_the_round_is_final(
    hive: Any, task: int, rehearsal: Rehearsal, leaving: Node, verb: str
) -> None:
    rehearsal.reach(task, Phase.FINAL)
    getattr(hive, verb)(task, 0, {"from": leaving.owner})
    assert plain(hive.seat(task, 0)) == FREE


def test_seat_stays_bound_in_a_stalled_round_until_it_is_cancelled(
    hive: Any, task: int, rehearsal: Rehearsal, leaving: Node, play: Play
) -> None:
    round_ = committed_up_to(rehearsal, task, Phase.JUDGE)
    play.end(round_, Phase.JUDGE)
    assert hive.phaseOf(*round_.key)[0] == Phase.STALLED
    assert_bound(hive, round_, leaving)
    hive.cancelRound(*round_.key)
    hive.releaseSeat(task, 0, {"from": leaving.operator})
    assert plain(hive.seat(task, 0)) == FREE


def test_exit_after_a_commit_does_not_escape_the_slash(
    hive: Any, registry: Any, task: int, rehearsal: Rehearsal, leaving: Node, clock: Clock
) -> None:
    round_ = rehearsal.reach(task, Phase.REVEAL)
    rehearsal.reveal(round_, 1)
    clock.reach(clock.now + WEEK)
    with refused("StillHolding", leaving.number, 1):
        registry.withdraw(leaving.number, {"from": leaving.owner})
    transaction = hive.cancelRound(*round_.key, {"from": leaving.owner})
    slashed = [(one["seat"], one["node"], one["burned"]) for one in logged(transaction, "SeatSlashed")]
    assert slashed == [(0, leaving.number, BASE.slash_amount), (2, leaving.number + 2, BASE.slash_amount)]
    hive.releaseSeat(task, 0, {"from": leaving.owner})
    registry.withdraw(leaving.number, {"from": leaving.owner})
    assert rehearsal.token.balanceOf(leaving.owner) == STAKE - BASE.slash_amount


def test_node_cannot_name_a_model_from_one_seat_after_another(
    hive: Any, rehearsal: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node], node: Node
) -> None:
    # A quorum counts nodes: who leaves a seat after it named a model could else do it again from the next free one.
    task = rehearsal.create(seats=5, quorum=3, verdict_quota=3)
    rehearsal.settle_in(task, trainers, validators)
    round_ = rehearsal.open(task)
    for shard in range(BASE.shards):
        rehearsal.submit(round_, shard)
    for seat in range(3):
        rehearsal.commit(round_, seat, SCORES)
    for seat in range(3):
        rehearsal.reveal(round_, seat)
    rehearsal.tally(round_)
    hive.takeSeat(task, 3, {"from": node.operator})
    rehearsal.attest(round_, 3, rehearsal.model_of(round_))
    with refused("SeatBound", round_.number, 3):
        hive.releaseSeat(task, 3, {"from": node.operator})
    with refused("AlreadySeated", node.number, 3):
        hive.takeSeat(task, 4, {"from": node.operator})
    for seat in (0, 1):
        rehearsal.attest(round_, seat, rehearsal.model_of(round_))
    hive.releaseSeat(task, 3, {"from": node.operator})
