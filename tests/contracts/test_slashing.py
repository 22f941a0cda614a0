"""The price of a verdict that was committed and not revealed: burned, once, from the stake of who committed."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import Any

import pytest
from logs import logged
from stages import SMALL, phase_of, run_out, staffed

from anomalyhive.chain.views import Phase
from rehearsal import BASE, STAKE, TOKEN, TRAIN, VALIDATE, Node, Rehearsal, Round


@pytest.fixture(scope="module")
def in_tally(deployed: Rehearsal, task: int) -> Round:
    """A round in TALLY: seat 0 revealed, seat 1 did too, seat 2 committed and did not."""
    round_ = deployed.reach(task, Phase.REVEAL)
    for seat in (0, 1):
        deployed.reveal(round_, seat)
    run_out(deployed.hive, round_)
    assert phase_of(deployed.hive, round_) is Phase.TALLY
    del round_.verdicts[2]
    return round_


@pytest.fixture
def round_(in_tally: Round) -> Round:
    """The test's own copy of the record."""
    return deepcopy(in_tally)


def stake_of(registry: Any, node: Node) -> int:
    """In units of 1e-18 tokens."""
    return int(registry.node(node.number)["stake"])


def test_tally_burns_the_stake_of_who_withheld_and_of_nobody_else(
    rehearsal: Rehearsal, registry: Any, token: Any, round_: Round, validators: Sequence[Node]
) -> None:
    supply, held = token.totalSupply(), token.balanceOf(registry)
    transaction = rehearsal.tally(round_)
    node, amount = validators[2], BASE.slash_amount
    assert logged(transaction, "SeatSlashed") == [
        {"task": round_.task, "round": 1, "node": node.number, "seat": 2, "burned": amount}
    ]
    assert logged(transaction, "NodeSlashed") == [{"node": node.number, "amount": amount, "stake": STAKE - amount}]
    assert token.totalSupply() == supply - amount
    assert token.balanceOf(registry) == held - amount
    assert [stake_of(registry, one) for one in validators] == [STAKE, STAKE, STAKE - amount]


def test_tally_in_slices_burns_once(
    rehearsal: Rehearsal, hive: Any, registry: Any, round_: Round, validators: Sequence[Node], stranger: Any
) -> None:
    burned = []
    for row in round_.rows:
        transaction = hive.tally(*round_.key, [row], round_.scores, {"from": stranger})
        burned.append(len(logged(transaction, "SeatSlashed")))
    assert burned == [1, 0, 0, 0, 0]
    assert stake_of(registry, validators[2]) == STAKE - BASE.slash_amount


def test_tally_of_a_round_that_everybody_revealed_burns_nothing(
    rehearsal: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    round_ = rehearsal.reach(staffed(rehearsal, trainers, validators), Phase.TALLY)
    assert set(rehearsal.tally(round_).events.keys()) == {"UpdatesTallied", "RoundTallied"}


def test_seat_that_never_committed_is_not_slashed(
    rehearsal: Rehearsal, registry: Any, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    round_ = rehearsal.reach(staffed(rehearsal, trainers, validators), Phase.JUDGE)
    for seat in (0, 1):
        rehearsal.commit(round_, seat, [9] * 5)
    run_out(rehearsal.hive, round_)
    for seat in (0, 1):
        rehearsal.reveal(round_, seat)
    assert not logged(rehearsal.tally(round_), "SeatSlashed")
    assert stake_of(registry, validators[2]) == STAKE


def test_slashed_seat_earns_nothing_and_may_still_name_the_model(
    rehearsal: Rehearsal, hive: Any, round_: Round
) -> None:
    rehearsal.tally(round_)
    assert hive.round(*round_.key)["paid"] == 0b011
    rehearsal.attest(round_, 2, rehearsal.model_of(round_))
    rehearsal.attest(round_, 0, rehearsal.model_of(round_))
    assert phase_of(hive, round_) is Phase.FINAL
    assert [hive.earned(*round_.key, 1, seat) for seat in (0, 1, 2)] == [150 * TOKEN, 150 * TOKEN, 0]


def test_stake_below_the_slash_burns_whole(rehearsal: Rehearsal, hive: Any, registry: Any, sponsor: Any) -> None:
    trainer, validator = rehearsal.register(TRAIN), rehearsal.register(VALIDATE, 70 * TOKEN)
    task = staffed(rehearsal, [trainer], [validator], **SMALL, slash_amount=50 * TOKEN)
    burned = []
    for _ in range(3):
        round_ = rehearsal.reach(task, Phase.REVEAL)
        run_out(hive, round_)
        transaction = hive.cancelRound(*round_.key, {"from": sponsor})
        burned += [event["burned"] for event in logged(transaction, "SeatSlashed")]
    assert burned == [50 * TOKEN, 20 * TOKEN, 0]
    assert stake_of(registry, validator) == 0


def test_slashed_seat_below_the_minimum_can_be_taken_from_its_holder(
    rehearsal: Rehearsal, hive: Any, registry: Any, sponsor: Any, stranger: Any
) -> None:
    trainer, validator = rehearsal.register(TRAIN), rehearsal.register(VALIDATE, BASE.min_stake)
    task = staffed(rehearsal, [trainer], [validator], **SMALL)
    round_ = rehearsal.reach(task, Phase.REVEAL)
    run_out(hive, round_)
    hive.cancelRound(*round_.key, {"from": sponsor})
    assert logged(hive.freeSeat(task, 0, {"from": stranger}), "SeatFreed") == [
        {"task": task, "seat": 0, "node": validator.number}
    ]
