"""cancelRound: a round that cannot finish ends from every phase, and its whole reward is in the escrow again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from logs import logged
from refusals import refused
from stages import one_in_each_phase, phase_of, run_out, staffed, standing, task_view

from anomalyhive.chain.views import Phase
from rehearsal import BASE, STAKE, Node, Rehearsal, Round

GOOD = [100] * BASE.shards


@pytest.fixture(scope="module")
def gallery(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Mapping[Phase, Round]:
    """A round in each phase."""
    return one_in_each_phase(deployed, trainers[0], validators[0])


# How a round comes to a halt in each phase: everything up to its deadline


def in_train(rehearsal: Rehearsal, round_: Round) -> None:
    """One update of the two that are needed."""
    rehearsal.submit(round_, 0)


def in_judge(rehearsal: Rehearsal, round_: Round) -> None:
    """One commit of the two that are needed."""
    for shard in range(BASE.shards):
        rehearsal.submit(round_, shard)
    rehearsal.commit(round_, 0, GOOD)


def in_reveal(rehearsal: Rehearsal, round_: Round) -> None:
    """Three commits, of which one is revealed; two are needed."""
    in_judge(rehearsal, round_)
    for seat in (1, 2):
        rehearsal.commit(round_, seat, GOOD)
    rehearsal.reveal(round_, 0)


def in_attest(rehearsal: Rehearsal, round_: Round) -> None:
    """Three seats name three models."""
    in_judge(rehearsal, round_)
    for seat in (1, 2):
        rehearsal.commit(round_, seat, GOOD)
    for seat in range(3):
        rehearsal.reveal(round_, seat)
    rehearsal.tally(round_)
    for seat in range(3):
        rehearsal.attest(round_, seat, bytes([seat + 1]) * 32)


@dataclass(frozen=True)
class Halt:
    """What leads to a halt in ``phase``, and the seats that have withheld a verdict by then."""

    phase: Phase
    lead: Callable[[Rehearsal, Round], None]
    slashed: tuple[int, ...] = ()


HALTS = [
    Halt(Phase.TRAIN, in_train),
    Halt(Phase.JUDGE, in_judge),
    Halt(Phase.REVEAL, in_reveal, (1, 2)),
    Halt(Phase.ATTEST, in_attest),
]


@pytest.mark.parametrize("halt", HALTS, ids=lambda halt: halt.phase.name)
def test_cancel_round_returns_the_reward_and_slashes_who_withheld(
    rehearsal: Rehearsal,
    hive: Any,
    registry: Any,
    task: int,
    stranger: Any,
    validators: Sequence[Node],
    halt: Halt,
) -> None:
    escrow = task_view(hive, task)["escrow"]
    round_ = rehearsal.open(task)
    halt.lead(rehearsal, round_)
    assert phase_of(hive, round_) is halt.phase
    run_out(hive, round_)
    assert standing(hive, round_) == (Phase.STALLED, 0)
    assert task_view(hive, task)["escrow"] == escrow - BASE.reward
    transaction = hive.cancelRound(*round_.key, {"from": stranger})
    assert logged(transaction, "RoundCancelled") == [
        {"task": task, "round": 1, "reached": halt.phase, "returned": BASE.reward}
    ]
    assert [event["seat"] for event in logged(transaction, "SeatSlashed")] == list(halt.slashed)
    for seat, node in enumerate(validators):
        expected = STAKE - BASE.slash_amount if seat in halt.slashed else STAKE
        assert registry.node(node.number)["stake"] == expected
    assert standing(hive, round_) == (Phase.CANCELLED, 0)
    assert task_view(hive, task)["escrow"] == escrow


@pytest.fixture(scope="module")
def withheld(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Round:
    """A round whose seats 0 and 1 revealed and whose seat 2 is still expected to."""
    round_ = deployed.reach(staffed(deployed, trainers, validators), Phase.REVEAL)
    for seat in (0, 1):
        deployed.reveal(round_, seat)
    del round_.verdicts[2]
    return round_


def test_cancel_round_that_nobody_tallied_slashes(
    hive: Any, withheld: Round, stranger: Any, validators: Sequence[Node]
) -> None:
    run_out(hive, withheld)
    assert phase_of(hive, withheld) is Phase.TALLY
    run_out(hive, withheld)
    transaction = hive.cancelRound(*withheld.key, {"from": stranger})
    assert logged(transaction, "RoundCancelled")[0]["reached"] == Phase.TALLY
    assert [event["node"] for event in logged(transaction, "SeatSlashed")] == [validators[2].number]


def test_cancel_round_in_the_middle_of_its_tally_slashes_no_second_time(
    hive: Any, registry: Any, withheld: Round, stranger: Any, validators: Sequence[Node]
) -> None:
    escrow = task_view(hive, withheld.task)["escrow"]
    run_out(hive, withheld)
    first = hive.tally(*withheld.key, withheld.rows[:2], withheld.scores, {"from": stranger})
    assert len(logged(first, "SeatSlashed")) == 1
    run_out(hive, withheld)
    transaction = hive.cancelRound(*withheld.key, {"from": stranger})
    assert logged(transaction, "RoundCancelled")[0]["reached"] == Phase.TALLY
    assert not logged(transaction, "SeatSlashed")
    assert registry.node(validators[2].number)["stake"] == STAKE - BASE.slash_amount
    assert task_view(hive, withheld.task)["escrow"] == escrow + BASE.reward


def test_cancel_round_that_accepted_too_few_is_possible_at_once(
    rehearsal: Rehearsal, hive: Any, task: int, stranger: Any
) -> None:
    escrow = task_view(hive, task)["escrow"]
    one_good = [0, 0, 90, 0, 0]
    round_ = rehearsal.reach(task, Phase.TALLY, dict.fromkeys(range(3), one_good))
    tallied = rehearsal.tally(round_)
    assert logged(tallied, "RoundTallied")[0]["accepted"] == 1
    assert standing(hive, round_) == (Phase.STALLED, 0)
    transaction = hive.cancelRound(*round_.key, {"from": stranger})
    assert logged(transaction, "RoundCancelled")[0]["reached"] == Phase.TALLY
    assert not logged(transaction, "SeatSlashed")
    assert task_view(hive, task)["escrow"] == escrow


# When not


@pytest.mark.parametrize("phase", [one for one in Phase if one is not Phase.STALLED], ids=lambda phase: phase.name)
def test_cancel_round_that_is_not_stalled_reverts(
    hive: Any, gallery: Mapping[Phase, Round], sponsor: Any, phase: Phase
) -> None:
    with refused("WrongPhase", phase, Phase.STALLED):
        hive.cancelRound(*gallery[phase].key, {"from": sponsor})


def test_cancel_round_twice_reverts_and_returns_the_reward_once(
    hive: Any, gallery: Mapping[Phase, Round], sponsor: Any
) -> None:
    round_ = gallery[Phase.STALLED]
    escrow = task_view(hive, round_.task)["escrow"]
    hive.cancelRound(*round_.key, {"from": sponsor})
    with refused("WrongPhase", Phase.CANCELLED, Phase.STALLED):
        hive.cancelRound(*round_.key, {"from": sponsor})
    assert task_view(hive, round_.task)["escrow"] == escrow + BASE.reward


def test_cancelled_round_leaves_its_reward_to_the_sponsor(
    hive: Any, token: Any, gallery: Mapping[Phase, Round], sponsor: Any
) -> None:
    round_ = gallery[Phase.CANCELLED]
    before = token.balanceOf(sponsor)
    hive.withdrawEscrow(round_.task, 10 * BASE.reward, {"from": sponsor})
    assert token.balanceOf(sponsor) - before == 10 * BASE.reward
    assert task_view(hive, round_.task)["escrow"] == 0
