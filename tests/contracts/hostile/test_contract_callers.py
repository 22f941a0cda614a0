"""A contract as owner, operator and sponsor: what an account can do it can, and no more (P2, P5, P11, P15)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import brownie
import pytest
from actor import Actor, Call, call
from books import stake_of, surplus
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from logs import logged
from refusals import refused
from sources import sources
from stages import SMALL, phase_of, run_out, task_view, view

from anomalyhive.chain.views import Phase
from anomalyhive.commitments.curve import INFINITY
from rehearsal import BASE, STAKE, TOKEN, TRAIN, VALIDATE, Rehearsal, Round, Update, Verdict, as_row

CONFIG = as_row(replace(BASE, **SMALL))
SPEC = keccak(text="spec")
MODEL = keccak(text="model")
REWARD, PAID = BASE.reward, BASE.reward // 100 * 100
WEEK = 7 * 86400


def script(hive: Any, task: int, number: int, node: int) -> dict[str, Call]:
    """A whole round of one node with both slots of a small task, call by call."""
    round_ = Round(task, number)
    update = Update(0, node, keccak(text="digest"), INFINITY)
    verdict = Verdict(0, node, bytes([100]), keccak(text="verdict"), keccak(text="salt"))
    return {
        "open": call(hive.openRound, task),
        "submit": call(hive.submitUpdate, task, number, 0, update.digest, update.point),
        "commit": call(hive.commitVerdict, task, number, 0, verdict.hidden(*round_.key)),
        "reveal": call(hive.revealVerdict, task, number, 0, verdict.scores, verdict.digest, verdict.salt),
        "tally": call(hive.tally, task, number, [update.row], [verdict.scores]),
        "attest": call(hive.attestModel, task, number, 0, MODEL),
        "claim": call(hive.claim, node, [(task, 0, 0, 0, 0), (task, 1, 0, 0, 0)]),
    }


@pytest.fixture
def own_task(puppet: Actor, rehearsal: Rehearsal, hive: Any, token: Any) -> int:
    """A small task that the puppet sponsors, with escrow for ten rounds."""
    token.transfer(puppet.address, 10 * REWARD, {"from": rehearsal.sponsor})
    puppet.act_all([call(token.approve, hive, 10 * REWARD), call(hive.createTask, CONFIG, SPEC)])
    puppet.act(hive.fund, hive.taskCount(), 10 * REWARD)
    return int(hive.taskCount())


# A contract that has all keys


def test_contract_can_be_everybody_from_registration_to_exit(
    puppet: Actor, rehearsal: Rehearsal, hive: Any, token: Any, registry: Any, own_task: int
) -> None:
    node = puppet.register(rehearsal)
    assert (registry.ownerOf(node), registry.operatorOf(node)) == (puppet.address, puppet.address)
    puppet.act(hive.takeShard, own_task, 0)
    puppet.act(hive.takeSeat, own_task, 0)
    for name, step in script(hive, own_task, 1, node).items():
        before = token.balanceOf(puppet.address)
        puppet.act_all([step])
        gained = token.balanceOf(puppet.address) - before
        # Nobody judges their own update: with nobody else its median is 0, and nothing is accepted.
        if name == "tally":
            assert view(hive, Round(own_task, 1))["phase"] == Phase.STALLED
            break
        assert gained == 0
    puppet.act(hive.cancelRound, own_task, 1)
    puppet.act(hive.releaseShard, own_task, 0)
    puppet.act(hive.releaseSeat, own_task, 0)
    puppet.act(registry.requestExit, node)
    brownie.chain.sleep(WEEK)
    puppet.act(registry.withdraw, node)
    puppet.act(hive.withdrawEscrow, own_task, 10 * REWARD)
    assert token.balanceOf(puppet.address) == STAKE + 10 * REWARD
    assert surplus(rehearsal) == (0, 0)


@pytest.fixture
def pair(puppet: Actor, rehearsal: Rehearsal, hive: Any, own_task: int) -> tuple[int, Actor, int]:
    """The puppet holds the shard of its task, a second one the seat: both nodes, and the second puppet between."""
    second = Actor.born(rehearsal.sponsor)
    trainer, validator = puppet.register(rehearsal), second.register(rehearsal)
    puppet.act(hive.takeShard, own_task, 0)
    second.act(hive.takeSeat, own_task, 0)
    return trainer, second, validator


def with_seat_of(hive: Any, task: int, number: int, trainer: int, validator: int) -> tuple[dict[str, Call], Call]:
    """The script of a round in which another node judges; and the claim of that node."""
    steps = script(hive, task, number, trainer)
    judge = script(hive, task, number, validator)
    steps |= {name: judge[name] for name in ("commit", "reveal", "attest")}
    steps["claim"] = call(hive.claim, trainer, [(task, 0, 0, 0, 0)])
    return steps, call(hive.claim, validator, [(task, 1, 0, 0, 0)])


def test_contracts_as_trainer_and_validator_are_paid_as_others_are(
    puppet: Actor, rehearsal: Rehearsal, hive: Any, token: Any, own_task: int, pair: tuple[int, Actor, int]
) -> None:
    trainer, second, validator = pair
    steps, claim = with_seat_of(hive, own_task, 1, trainer, validator)
    for name, step in steps.items():
        (second if name in ("commit", "reveal", "attest") else puppet).act_all([step])
    second.act_all([claim])
    assert hive.task(own_task)[2].hex() == MODEL.hex()
    assert token.balanceOf(puppet.address) == REWARD * 7 // 10 == PAID * 7 // 10
    assert token.balanceOf(second.address) == REWARD * 3 // 10
    assert surplus(rehearsal) == (0, 0)


def test_round_from_opening_to_claims_in_one_transaction_pays_as_in_many(
    puppet: Actor, rehearsal: Rehearsal, hive: Any, token: Any, own_task: int, pair: tuple[int, Actor, int]
) -> None:
    trainer, second, validator = pair
    actions: list[Call] = []
    for number in (1, 2):
        steps, claim = with_seat_of(hive, own_task, number, trainer, validator)
        for name, step in steps.items():
            theirs = name in ("commit", "reveal", "attest")
            # The one contract has the other act, in the middle of its own transaction.
            actions.append(call(second.puppet.act, *step) if theirs else step)
        actions.append(claim)
    transaction = puppet.act_all(actions)
    assert [one["round"] for one in logged(transaction, "RoundFinalized")] == [1, 2]
    assert token.balanceOf(puppet.address) == 2 * REWARD * 7 // 10
    assert token.balanceOf(second.address) == 2 * REWARD * 3 // 10
    assert task_view(hive, own_task)["escrow"] == 8 * REWARD
    assert surplus(rehearsal) == (0, 0)


# Several calls in one transaction


def test_transaction_of_opening_and_submitting_is_as_two(
    puppet: Actor, hive: Any, own_task: int, pair: tuple[int, Actor, int]
) -> None:
    steps = script(hive, own_task, 1, pair[0])
    puppet.act_all([steps["open"], steps["submit"]])
    assert phase_of(hive, Round(own_task, 1)) is Phase.JUDGE
    # One update a shard and round, in one transaction as in two.
    with refused("WrongPhase", Phase.JUDGE, Phase.TRAIN):
        puppet.act_all([steps["submit"]])


def test_transaction_that_fails_in_its_last_call_undoes_the_first(
    puppet: Actor, rehearsal: Rehearsal, hive: Any, own_task: int, pair: tuple[int, Actor, int]
) -> None:
    steps = script(hive, own_task, 1, pair[0])
    with refused("WrongPhase", Phase.TRAIN, Phase.TALLY):
        puppet.act_all([steps["open"], steps["tally"]])
    assert view(hive, Round(own_task, 1))["phase"] == Phase.NONE
    assert surplus(rehearsal) == (0, 0)


def test_cancelling_and_opening_in_one_transaction_locks_one_reward(
    puppet: Actor, rehearsal: Rehearsal, hive: Any, own_task: int
) -> None:
    puppet.act(hive.openRound, own_task)
    run_out(hive, Round(own_task, 1))
    puppet.act_all([call(hive.cancelRound, own_task, 1), call(hive.openRound, own_task)])
    assert task_view(hive, own_task)["escrow"] == 9 * REWARD
    assert phase_of(hive, Round(own_task, 2)) is Phase.TRAIN
    assert surplus(rehearsal) == (0, 0)


def test_slot_that_is_given_up_and_taken_again_in_one_transaction_is_a_new_term(
    puppet: Actor, rehearsal: Rehearsal, hive: Any, token: Any, own_task: int, pair: tuple[int, Actor, int]
) -> None:
    trainer, second, validator = pair
    steps, _ = with_seat_of(hive, own_task, 1, trainer, validator)
    for name in ("open", "submit", "commit", "reveal", "tally", "attest"):
        (second if name in ("commit", "reveal", "attest") else puppet).act_all([steps[name]])
    ended = call(hive.claim, trainer, [(own_task, 0, 0, 1, 0)])
    puppet.act_all([call(hive.releaseShard, own_task, 0), call(hive.takeShard, own_task, 0), ended])
    assert token.balanceOf(puppet.address) == REWARD * 7 // 10
    # The new term begins with nothing, and the old one is paid.
    for item in ((own_task, 0, 0, 0, 0), (own_task, 0, 0, 1, 0)):
        with refused("NothingToClaim", trainer):
            puppet.act(hive.claim, trainer, [item])
    assert surplus(rehearsal) == (0, 0)


# Who is a contract, and who is not yet one


def test_operator_that_is_its_owner_acts_as_both(rehearsal: Rehearsal, hive: Any, token: Any, registry: Any) -> None:
    task = rehearsal.create(**SMALL)
    key = next(rehearsal.spare)
    token.transfer(key, STAKE, {"from": rehearsal.sponsor})
    token.approve(registry, STAKE, {"from": key})
    registry.register(key, TRAIN | VALIDATE, STAKE, {"from": key})
    node = registry.nodeCount()
    hive.takeShard(task, 0, {"from": key})
    hive.releaseShard(task, 0, {"from": key})
    registry.requestExit(node, {"from": key})
    brownie.chain.sleep(WEEK)
    registry.withdraw(node, {"from": key})
    assert (token.balanceOf(key), registry.nodeOf(key)) == (STAKE, 0)


def test_contract_owner_with_an_account_for_operator_and_the_other_way_round(
    puppet: Actor, rehearsal: Rehearsal, hive: Any, own_task: int, registry: Any
) -> None:
    key = next(rehearsal.spare)
    puppet.register(rehearsal, operator=key)
    second = Actor.born(rehearsal.sponsor)
    other = rehearsal.register(operator=second.address)
    hive.takeShard(own_task, 0, {"from": key})
    second.act(hive.takeSeat, own_task, 0)
    # The owner may give up what its operator took, and nobody for another.
    with refused("NotHolder", second.address, registry.nodeOf(key)):
        second.act(hive.releaseShard, own_task, 0)
    puppet.act(hive.releaseShard, own_task, 0)
    hive.releaseSeat(own_task, 0, {"from": other.owner})
    with refused("OperatorInUse", second.address, other.number):
        puppet.act(registry.register, second.address, TRAIN, 0)


def newborn(hand: Any, calls: list[Call], money: int, token: Any) -> str:
    """A contract that makes these calls in its constructor, with this money; its address."""
    place = to_checksum_address(hand.get_deployment_address(hand.nonce + 1))
    token.transfer(place, money, {"from": hand})
    made = sources()["Newborn"].deploy([one[0] for one in calls], [one[1] for one in calls], {"from": hand})
    assert made.address == place
    return str(place)


def test_constructor_registers_and_sponsors_as_any_caller(
    rehearsal: Rehearsal, hive: Any, token: Any, registry: Any, stranger: Any
) -> None:
    task = hive.taskCount() + 1
    calls = [
        call(token.approve, registry, STAKE),
        call(registry.register, stranger, TRAIN, STAKE),
        call(token.approve, hive, REWARD),
        call(hive.createTask, CONFIG, SPEC),
        call(hive.fund, task, REWARD),
        call(hive.openRound, task),
    ]
    address = newborn(rehearsal.sponsor, calls, STAKE + REWARD, token)
    node = registry.nodeOf(stranger)
    assert registry.ownerOf(node) == task_view(hive, task)["sponsor"] == address
    assert (stake_of(registry, node), phase_of(hive, Round(task, 1))) == (STAKE, Phase.TRAIN)
    assert surplus(rehearsal) == (0, 0)


def test_node_of_a_contract_that_answers_nothing_is_paid(
    rehearsal: Rehearsal, hive: Any, token: Any, registry: Any
) -> None:
    key = next(rehearsal.spare)
    calls = [call(token.approve, registry, STAKE), call(registry.register, key, TRAIN, STAKE)]
    address = newborn(rehearsal.sponsor, calls, STAKE, token)
    with brownie.reverts():
        rehearsal.sponsor.transfer(address, 1)
    task = rehearsal.create(**SMALL)
    hive.takeShard(task, 0, {"from": key})
    hive.takeSeat(task, 0, {"from": rehearsal.register(VALIDATE).operator})
    rehearsal.reach(task, Phase.FINAL)
    # A plain token asks nobody to receive it.
    hive.claim(registry.nodeOf(key), [(task, 0, 0, 0, 0)], {"from": rehearsal.sponsor})
    assert token.balanceOf(address) == REWARD * 7 // 10
    assert surplus(rehearsal) == (0, 0)


def test_contract_without_the_key_does_nothing_of_anothers(
    puppet: Actor, rehearsal: Rehearsal, hive: Any, registry: Any, task: int, trainers: Any, validators: Any
) -> None:
    round_ = rehearsal.open(task)
    step = script(hive, task, round_.number, 1)
    with refused("NotOperator", puppet.address, trainers[0].operator):
        puppet.act_all([step["submit"]])
    with refused("NotOperator", puppet.address, validators[0].operator):
        puppet.act_all([step["commit"]])
    with refused("NotHolder", puppet.address, trainers[0].number):
        puppet.act(hive.releaseShard, task, 0)
    with refused("NotSponsor", task, puppet.address):
        puppet.act(hive.withdrawEscrow, task, 1)
    with refused("NotOwner", 1, puppet.address):
        puppet.act(registry.requestExit, 1)
    with refused("NotHive", puppet.address):
        puppet.act(registry.slash, 1, TOKEN)
