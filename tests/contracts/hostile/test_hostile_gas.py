"""Under no gas limit does a caller get half of a call: no point rejected for want of gas, no burn left out (P6, P9)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from actor import Call, call
from bystanders import Founding
from play import Play
from probing import Prober, Sight
from stages import SMALL, run_out, staffed

from anomalyhive.chain.views import Phase
from rehearsal import BASE, STAKE, TRAIN, VALIDATE, Node, Rehearsal, Round, Update

SLASH = BASE.slash_amount

STEP = 97
"""A failing G1ADD leaves a window of 381 gas limits, a failing burn a larger one: no step misses one."""


def seen(prober: Prober, made: Call, looks: Sequence[Call]) -> list[Sight]:
    """From far too little gas to plenty, and each limit around the least that suffices; those that succeeded."""
    least = prober.least(made)
    coarse = range(21_000, least + 60_000, STEP)
    fine = range(least - 400, least + 100)
    sights = [one for limits in (coarse, fine) for one in prober.sweep(made, looks, limits)]
    done = [one for one in sights if one.answers is not None]
    assert 100 < len(done) < len(sights) - 100
    assert min(one.gas for one in done) == least
    return done


@pytest.fixture
def prober(accounts: Any) -> Prober:
    """Who gives too little gas."""
    return Prober(accounts[0])


# Sums


def test_tally_under_any_gas_limit_accepts_every_point(
    rehearsal: Rehearsal, hive: Any, task: int, prober: Prober
) -> None:
    round_ = rehearsal.reach(task, Phase.TALLY)
    tally = call(hive.tally, *round_.key, round_.rows, round_.scores)
    done = seen(prober, tally, [call(hive.round, *round_.key)])
    assert {(one.word(0, 8), one.word(0, 14)) for one in done} == {(5, 500)}


def test_slice_under_any_gas_limit_accepts_every_point_and_only_points(
    rehearsal: Rehearsal, hive: Any, trainers: Sequence[Node], validators: Sequence[Node], prober: Prober
) -> None:
    task = staffed(rehearsal, trainers, validators)
    round_ = rehearsal.open(task)
    for shard in (0, 1, 3, 4):
        rehearsal.submit(round_, shard)
    bad = Update(2, trainers[2].number, b"\x01" * 32, b"\x01" * 96)
    hive.submitUpdate(*round_.key, 2, bad.digest, bad.point, {"from": trainers[2].operator})
    round_.updates[2] = bad
    for seat in range(3):
        rehearsal.commit(round_, seat, [100] * 5)
    for seat in range(3):
        rehearsal.reveal(round_, seat)
    tally = call(hive.tally, *round_.key, round_.rows[:4], round_.scores)
    done = seen(prober, tally, [call(hive.round, *round_.key)])
    assert {(one.word(0, 7), one.word(0, 8), one.word(0, 14)) for one in done} == {(4, 3, 300)}


# Slashes


def withheld(rehearsal: Rehearsal, task: int, seats: Sequence[int]) -> Round:
    """A round in which all commit and these seats do not reveal, at the end of the reveal phase."""
    round_ = rehearsal.reach(task, Phase.REVEAL)
    for seat in seats:
        del round_.verdicts[seat]
    for seat in round_.verdicts:
        rehearsal.reveal(round_, seat)
    run_out(rehearsal.hive, round_)
    return round_


def slashes(rehearsal: Rehearsal, sights: Sequence[Sight], nodes: Sequence[Node]) -> set[tuple[int, int]]:
    """What was slashed and what was burned of it, in all these sights, whose looks are those of `looks`."""
    held = rehearsal.token.balanceOf(rehearsal.registry)
    return {(sum(STAKE - one.word(i, 1) for i in range(len(nodes))), held - one.word(len(nodes), 0)) for one in sights}


def looks(rehearsal: Rehearsal, nodes: Sequence[Node]) -> list[Call]:
    """At the nodes' stakes, and at what the registry has."""
    stakes = [call(rehearsal.registry.node, node.number) for node in nodes]
    return [*stakes, call(rehearsal.token.balanceOf, rehearsal.registry)]


def test_tally_under_any_gas_limit_burns_what_it_slashes(
    rehearsal: Rehearsal, hive: Any, task: int, validators: Sequence[Node], prober: Prober
) -> None:
    round_ = withheld(rehearsal, task, (1,))
    tally = call(hive.tally, *round_.key, round_.rows, round_.scores)
    done = seen(prober, tally, looks(rehearsal, validators))
    assert slashes(rehearsal, done, validators) == {(SLASH, SLASH)}


@pytest.mark.parametrize("seats", [(0, 2), (0, 1, 2)], ids=["two", "three"])
def test_cancel_under_any_gas_limit_burns_what_it_slashes(
    rehearsal: Rehearsal, hive: Any, task: int, validators: Sequence[Node], prober: Prober, seats: Sequence[int]
) -> None:
    round_ = withheld(rehearsal, task, seats)
    cancel = call(hive.cancelRound, *round_.key)
    done = seen(prober, cancel, looks(rehearsal, validators))
    assert slashes(rehearsal, done, validators) == {(len(seats) * SLASH, len(seats) * SLASH)}


def test_cancel_under_any_gas_limit_burns_one_slash(
    rehearsal: Rehearsal, hive: Any, trainers: Sequence[Node], validators: Sequence[Node], prober: Prober
) -> None:
    task = staffed(rehearsal, trainers[:1], validators[:1], **SMALL)
    round_ = withheld(rehearsal, task, (0,))
    done = seen(prober, call(hive.cancelRound, *round_.key), looks(rehearsal, validators[:1]))
    assert slashes(rehearsal, done, validators[:1]) == {(SLASH, SLASH)}


def test_burn_that_costs_thrice_as_much_cannot_be_left_out(found: Founding, prober: Prober) -> None:
    # HiveToken's needs about 12,000.
    rehearsal = found("Cinder")
    nodes = [rehearsal.register(TRAIN), rehearsal.register(VALIDATE)]
    round_ = withheld(rehearsal, staffed(rehearsal, nodes[:1], nodes[1:], **SMALL), (0,))
    rehearsal.token.set(6, 30_000, {"from": rehearsal.sponsor})
    done = seen(prober, call(rehearsal.hive.cancelRound, *round_.key), looks(rehearsal, nodes[1:]))
    assert slashes(rehearsal, done, nodes[1:]) == {(SLASH, SLASH)}


# Claims


def test_claim_under_any_gas_limit_pays_in_full_or_not_at_all(
    rehearsal: Rehearsal, hive: Any, token: Any, play: Play, trainers: Sequence[Node], prober: Prober
) -> None:
    task = play.task()
    for _ in range(2):
        play.final(task)
    node = trainers[0]
    earned = hive.earned(task, 1, 0, 0) + hive.earned(task, 2, 0, 0)
    claim = call(hive.claim, node.number, [(task, 0, 0, 0, 0)])
    done = seen(prober, claim, [call(token.balanceOf, node.owner), call(hive.shard, task, 0)])
    assert {(one.word(0, 0), one.word(1, 3)) for one in done} == {(token.balanceOf(node.owner) + earned, 2)}
