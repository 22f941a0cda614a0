"""attestModel: who may, when, once; a quorum for one digest makes it final, and nothing changes it afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import pytest
from logs import logged
from refusals import refused
from stages import one_in_each_phase, phase_of, run_out, staffed, standing, task_view, view

from anomalyhive.chain.views import Phase
from rehearsal import TOKEN, VALIDATE, Node, Rehearsal, Round

NOBODY = "0x" + 40 * "0"
MODEL, OTHER, THIRD = (bytes([byte]) * 32 for byte in (1, 2, 3))


@pytest.fixture(scope="module")
def in_attest(deployed: Rehearsal, task: int) -> Round:
    """A round in ATTEST: five updates of worth 100, three paid seats; 700 for trainers, 300 for validators."""
    return deployed.reach(task, Phase.ATTEST)


@pytest.fixture
def round_(in_attest: Round) -> Round:
    """The test's own copy of the record."""
    return deepcopy(in_attest)


@pytest.fixture(scope="module")
def of_five(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Round:
    """A round in ATTEST of five seats and a quorum of three."""
    more = [deployed.register(VALIDATE) for _ in range(2)]
    changes = {"seats": 5, "quorum": 3, "verdict_quota": 5}
    return deployed.reach(staffed(deployed, trainers, [*validators, *more], **changes), Phase.ATTEST)


@pytest.fixture(scope="module")
def gallery(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Mapping[Phase, Round]:
    """A round in each phase."""
    return one_in_each_phase(deployed, trainers[0], validators[0])


# What is stored and told


def test_attest_model_below_the_quorum_is_counted_and_told(
    rehearsal: Rehearsal, hive: Any, round_: Round, validators: Sequence[Node]
) -> None:
    transaction = rehearsal.attest(round_, 1, MODEL)
    assert logged(transaction, "ModelAttested") == [
        {"task": round_.task, "round": 1, "node": validators[1].number, "seat": 1, "model": MODEL}
    ]
    assert len(transaction.events) == 1
    found = view(hive, round_)
    assert (found["phase"], found["attested"], found["model"]) == (Phase.ATTEST, 0b010, bytes(32))
    assert hive.attestations(*round_.key, MODEL) == 0b010
    assert hive.attestations(*round_.key, OTHER) == 0


def test_attest_model_by_a_quorum_is_final_at_once(rehearsal: Rehearsal, hive: Any, round_: Round) -> None:
    escrow = task_view(hive, round_.task)["escrow"]
    rehearsal.attest(round_, 0, MODEL)
    transaction = rehearsal.attest(round_, 2, MODEL)
    # Who has named no model yet did nothing wrong: it stays paid.
    assert logged(transaction, "RoundFinalized") == [
        {"task": round_.task, "round": 1, "model": MODEL, "paid": 0b111, "returned": 0}
    ]
    assert standing(hive, round_) == (Phase.FINAL, 0)
    assert view(hive, round_)["model"] == MODEL
    found = task_view(hive, round_.task)
    assert (found["head"], found["lastFinal"], found["finals"]) == (MODEL, 1, 1)
    assert found["escrow"] == escrow


def test_final_model_is_the_base_of_the_next_round(rehearsal: Rehearsal, hive: Any, round_: Round) -> None:
    for seat in (0, 1):
        rehearsal.attest(round_, seat, MODEL)
    following = rehearsal.open(round_.task)
    found = view(hive, following)
    assert (found["base"], found["baseRound"], found["model"]) == (MODEL, 1, bytes(32))


# A digest that is not the majority's


def test_seat_that_named_another_model_loses_its_share_to_the_escrow(
    rehearsal: Rehearsal, hive: Any, round_: Round
) -> None:
    escrow = task_view(hive, round_.task)["escrow"]
    rehearsal.attest(round_, 0, OTHER)
    rehearsal.attest(round_, 1, MODEL)
    assert phase_of(hive, round_) is Phase.ATTEST
    [event] = logged(rehearsal.attest(round_, 2, MODEL), "RoundFinalized")
    assert (event["model"], event["paid"], event["returned"]) == (MODEL, 0b110, 100 * TOKEN)
    assert task_view(hive, round_.task)["escrow"] == escrow + 100 * TOKEN
    assert view(hive, round_)["paid"] == 0b110
    assert [hive.earned(*round_.key, 1, seat) for seat in range(3)] == [0, 100 * TOKEN, 100 * TOKEN]


def test_seats_add_up_for_one_digest_and_not_over_several(rehearsal: Rehearsal, hive: Any, of_five: Round) -> None:
    for seat, model in enumerate((OTHER, MODEL, MODEL, OTHER)):
        rehearsal.attest(of_five, seat, model)
    assert phase_of(hive, of_five) is Phase.ATTEST
    assert hive.attestations(*of_five.key, OTHER) == 0b01001
    assert hive.attestations(*of_five.key, MODEL) == 0b00110
    [event] = logged(rehearsal.attest(of_five, 4, OTHER), "RoundFinalized")
    assert (event["model"], event["paid"]) == (OTHER, 0b11001)
    assert event["returned"] == 2 * 60 * TOKEN


def test_seats_that_all_name_different_models_stall_the_round(rehearsal: Rehearsal, hive: Any, round_: Round) -> None:
    for seat, model in enumerate((MODEL, OTHER, THIRD)):
        rehearsal.attest(round_, seat, model)
    assert phase_of(hive, round_) is Phase.ATTEST
    run_out(hive, round_)
    assert phase_of(hive, round_) is Phase.STALLED
    assert task_view(hive, round_.task)["head"] == bytes(32)


# Who may


def test_attest_model_by_anyone_but_the_operator_reverts(
    hive: Any, round_: Round, trainers: Sequence[Node], validators: Sequence[Node], sponsor: Any, stranger: Any
) -> None:
    for caller in (validators[0].owner, validators[1].operator, trainers[0].operator, sponsor, stranger):
        with refused("NotOperator", caller, validators[0].operator):
            hive.attestModel(*round_.key, 0, MODEL, {"from": caller})


@pytest.mark.parametrize("seat", [3, 255])
def test_attest_model_of_a_seat_that_does_not_exist_reverts(
    hive: Any, round_: Round, validators: Sequence[Node], seat: int
) -> None:
    with refused("NotOperator", validators[0].operator, NOBODY):
        hive.attestModel(*round_.key, seat, MODEL, {"from": validators[0].operator})


def test_attest_model_of_zero_reverts(hive: Any, round_: Round, validators: Sequence[Node]) -> None:
    with refused("ZeroDigest"):
        hive.attestModel(*round_.key, 0, bytes(32), {"from": validators[0].operator})


@pytest.mark.parametrize("model", [MODEL, OTHER], ids=["the same", "another"])
def test_attest_model_twice_reverts_and_counts_once(
    rehearsal: Rehearsal, hive: Any, round_: Round, model: bytes
) -> None:
    rehearsal.attest(round_, 0, MODEL)
    with refused("AlreadyAttested", 0):
        rehearsal.attest(round_, 0, model)
    assert hive.attestations(*round_.key, MODEL) == 0b001
    assert hive.attestations(*round_.key, OTHER) == 0
    assert phase_of(hive, round_) is Phase.ATTEST


def test_attest_model_by_who_left_the_seat_reverts(
    rehearsal: Rehearsal, hive: Any, trainers: Sequence[Node], validators: Sequence[Node]
) -> None:
    task = staffed(rehearsal, trainers, validators, verdict_quota=2)
    round_ = rehearsal.reach(task, Phase.JUDGE)
    for seat in (0, 1):
        rehearsal.commit(round_, seat, [100] * 5)
    for seat in (0, 1):
        rehearsal.reveal(round_, seat)
    rehearsal.tally(round_)
    # Who judged stays; who did not may leave, and whoever follows may name the model.
    with refused("SeatBound", 1, 0):
        hive.releaseSeat(task, 0, {"from": validators[0].operator})
    hive.releaseSeat(task, 2, {"from": validators[2].operator})
    with refused("NotOperator", validators[2].operator, NOBODY):
        hive.attestModel(*round_.key, 2, MODEL, {"from": validators[2].operator})
    heir = rehearsal.register(VALIDATE)
    hive.takeSeat(task, 2, {"from": heir.operator})
    rehearsal.attest(round_, 2, MODEL)
    [event] = logged(rehearsal.attest(round_, 0, MODEL), "RoundFinalized")
    assert event["paid"] == 0b011


# When


@pytest.mark.parametrize("phase", [one for one in Phase if one is not Phase.ATTEST], ids=lambda phase: phase.name)
def test_attest_model_in_another_phase_reverts(
    hive: Any, gallery: Mapping[Phase, Round], validators: Sequence[Node], phase: Phase
) -> None:
    with refused("WrongPhase", phase, Phase.ATTEST):
        hive.attestModel(*gallery[phase].key, 0, MODEL, {"from": validators[0].operator})


def test_final_model_never_changes(rehearsal: Rehearsal, hive: Any, round_: Round) -> None:
    for seat in (0, 1):
        rehearsal.attest(round_, seat, MODEL)
    with refused("WrongPhase", Phase.FINAL, Phase.ATTEST):
        rehearsal.attest(round_, 2, OTHER)
    with refused("WrongPhase", Phase.FINAL, Phase.STALLED):
        hive.cancelRound(*round_.key, {"from": rehearsal.sponsor})
    later = rehearsal.reach(round_.task, Phase.FINAL)
    assert view(hive, round_)["model"] == MODEL
    assert task_view(hive, round_.task)["head"] == rehearsal.model_of(later)
