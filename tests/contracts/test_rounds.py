"""openRound: its number, seed, base model and deadline; what it locks; when there can be no next round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import brownie
import pytest
from clock import Clock
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from logs import logged
from refusals import refused
from stages import SMALL, one_in_each_phase, phase_of, run_out, staffed, standing, task_view, view

from anomalyhive.chain.views import Phase
from anomalyhive.protocol import round_seed
from rehearsal import BASE, Node, Rehearsal, Round

OPEN = (Phase.TRAIN, Phase.JUDGE, Phase.REVEAL, Phase.TALLY, Phase.ATTEST, Phase.STALLED)


@pytest.fixture(scope="module")
def gallery(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> Mapping[Phase, Round]:
    """A round in each phase."""
    return one_in_each_phase(deployed, trainers[0], validators[0])


@pytest.fixture(scope="module")
def small(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> int:
    """A task of one trainer and one validator, limited to two rounds."""
    return staffed(deployed, trainers[:1], validators[:1], **SMALL, rounds=2)


def stall(rehearsal: Rehearsal, task: int) -> Round:
    """A new round that nobody joins, after its deadline."""
    round_ = rehearsal.open(task)
    run_out(rehearsal.hive, round_)
    return round_


# What a round starts from


def test_open_round_fixes_number_seed_base_and_deadline_and_tells(
    hive: Any, task: int, stranger: Any, clock: Clock
) -> None:
    clock.next(at := clock.now + 5)
    transaction = hive.openRound(task, {"from": stranger})
    seed, deadline = round_seed(BASE.seed, 1), at + BASE.train_seconds
    assert transaction.return_value == 1
    assert logged(transaction, "RoundOpened") == [
        {"task": task, "round": 1, "seed": seed, "base": bytes(32), "deadline": deadline}
    ]
    assert len(transaction.events) == 1
    found = view(hive, Round(task, 1))
    assert (found["phase"], found["deadline"], found["seed"]) == (Phase.TRAIN, deadline, seed)
    assert not any(value for name, value in found.items() if name not in ("phase", "deadline", "seed") and any_(value))


def any_(value: Any) -> bool:
    """Whether a field is anything but zeros."""
    return any(value) if isinstance(value, bytes) else bool(value)


def test_round_that_was_never_opened_is_all_zeros(hive: Any, task: int) -> None:
    assert not any(any_(value) for value in view(hive, Round(task, 7)).values())
    assert standing(hive, Round(task, 7)) == (Phase.NONE, 0)
    assert standing(hive, Round(99, 1)) == (Phase.NONE, 0)


def test_open_round_after_a_final_one_starts_from_its_model(rehearsal: Rehearsal, hive: Any, small: int) -> None:
    first = rehearsal.reach(small, Phase.FINAL)
    assert task_view(hive, small)["head"] == rehearsal.model_of(first)
    transaction = hive.openRound(small, {"from": rehearsal.sponsor})
    [event] = logged(transaction, "RoundOpened")
    assert (event["round"], event["base"]) == (2, rehearsal.model_of(first))
    assert event["seed"] == round_seed(BASE.seed, 2)
    found = view(hive, Round(small, 2))
    assert (found["base"], found["baseRound"]) == (rehearsal.model_of(first), 1)


def test_open_round_after_a_cancelled_one_keeps_the_last_final_model(
    rehearsal: Rehearsal, hive: Any, small: int
) -> None:
    first = rehearsal.reach(small, Phase.FINAL)
    stalled = stall(rehearsal, small)
    hive.cancelRound(*stalled.key, {"from": rehearsal.sponsor})
    third = rehearsal.open(small)
    assert third.number == 3
    found = view(hive, third)
    assert (found["base"], found["baseRound"]) == (rehearsal.model_of(first), 1)
    # The seed goes by the number: what a cancelled round drew is not drawn again.
    assert found["seed"] == round_seed(BASE.seed, 3)


def test_open_round_of_two_tasks_with_one_seed_draws_the_same(rehearsal: Rehearsal, hive: Any) -> None:
    seeds = [view(hive, rehearsal.open(rehearsal.create(seed=b"\x01" * 32)))["seed"] for _ in range(2)]
    assert seeds[0] == seeds[1] == round_seed(b"\x01" * 32, 1)


def test_open_round_without_a_seed_draws_from_the_chain(rehearsal: Rehearsal, hive: Any) -> None:
    seeds = []
    for _ in range(2):
        round_ = rehearsal.open(rehearsal.create(seed=bytes(32)))
        block = brownie.web3.eth.get_block("latest")
        values = [block["mixHash"], block["parentHash"], *round_.key]
        seeds.append(keccak(encode(["bytes32", "bytes32", "uint256", "uint256"], values)))
        assert view(hive, round_)["seed"] == seeds[-1]
    assert seeds[0] != seeds[1]


# What a round locks


def test_open_round_locks_its_reward(rehearsal: Rehearsal, hive: Any, sponsor: Any) -> None:
    task = rehearsal.create(escrow=2)
    rehearsal.open(task)
    assert task_view(hive, task)["escrow"] == BASE.reward
    with refused("EscrowTooSmall", BASE.reward, BASE.reward + 1):
        hive.withdrawEscrow(task, BASE.reward + 1, {"from": sponsor})
    hive.withdrawEscrow(task, BASE.reward, {"from": sponsor})
    assert phase_of(hive, Round(task, 1)) is Phase.TRAIN


def test_open_round_with_one_unit_too_little_in_escrow_reverts(rehearsal: Rehearsal, hive: Any, sponsor: Any) -> None:
    task = rehearsal.create(escrow=0)
    hive.fund(task, BASE.reward - 1, {"from": sponsor})
    with refused("EscrowTooSmall", BASE.reward - 1, BASE.reward):
        hive.openRound(task, {"from": sponsor})
    hive.fund(task, 1, {"from": sponsor})
    hive.openRound(task, {"from": sponsor})
    assert task_view(hive, task)["escrow"] == 0


def test_open_round_without_a_reward_needs_no_escrow(rehearsal: Rehearsal, hive: Any) -> None:
    task = rehearsal.create(escrow=0, reward=0)
    assert phase_of(hive, rehearsal.open(task)) is Phase.TRAIN


# When there can be no next round


def test_open_round_of_a_task_that_does_not_exist_reverts(hive: Any, stranger: Any) -> None:
    with refused("UnknownTask", 99):
        hive.openRound(99, {"from": stranger})


@pytest.mark.parametrize("phase", OPEN, ids=lambda phase: phase.name)
def test_open_round_while_the_last_is_open_reverts(
    hive: Any, gallery: Mapping[Phase, Round], stranger: Any, phase: Phase
) -> None:
    with refused("RoundOpen", 1, phase):
        hive.openRound(gallery[phase].task, {"from": stranger})


@pytest.mark.parametrize("phase", [Phase.FINAL, Phase.CANCELLED], ids=lambda phase: phase.name)
def test_open_round_once_the_last_is_over_succeeds(
    hive: Any, gallery: Mapping[Phase, Round], stranger: Any, phase: Phase
) -> None:
    assert hive.openRound(gallery[phase].task, {"from": stranger}).return_value == 2


def test_open_round_beyond_the_limit_reverts_and_cancelled_rounds_do_not_count(
    rehearsal: Rehearsal, hive: Any, small: int, stranger: Any
) -> None:
    rehearsal.reach(small, Phase.FINAL)
    hive.cancelRound(*stall(rehearsal, small).key, {"from": stranger})
    rehearsal.reach(small, Phase.FINAL)
    found = task_view(hive, small)
    assert (found["latestRound"], found["lastFinal"], found["finals"]) == (3, 3, 2)
    with refused("NoRoundsLeft", 2):
        hive.openRound(small, {"from": stranger})
