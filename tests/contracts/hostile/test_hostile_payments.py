"""A token that turns hostile once money is in harms those whom it does not pay, and nobody else (P1, P2, P5)."""

from __future__ import annotations

from typing import Any

import brownie
import pytest
from books import surplus
from bystanders import Bystanders, Founding
from refusals import refused
from stages import task_view

from rehearsal import BASE, STAKE, TOKEN, TRAIN, Rehearsal

REWARD = BASE.reward
TRAINED, JUDGED = REWARD * 7 // 10 // 100 * 100, REWARD * 3 // 10
"""What the only trainer and the only validator of a round earn, at a score of 100."""

WEEK = 7 * 86400

Scene = tuple[Rehearsal, Bystanders]


def settled(found: Founding, token: str) -> Scene:
    """A hive with a final round in which nothing was claimed yet."""
    rehearsal = found(token)
    if token == "Liar":
        rehearsal.token.set(100, {"from": rehearsal.sponsor})
    others = Bystanders.settled(rehearsal)
    others.play(rehearsal)
    return rehearsal, others


@pytest.fixture(scope="module")
def levy(found: Founding) -> Scene:
    """Its token can take a fee."""
    return settled(found, "Levy")


@pytest.fixture(scope="module")
def bouncer(found: Founding) -> Scene:
    """Its token can bar anyone."""
    return settled(found, "Bouncer")


def leave(rehearsal: Rehearsal, others: Bystanders) -> None:
    """The trainer gives its shard up and may withdraw from now on."""
    node = others.trainer
    rehearsal.hive.releaseShard(others.task, 0, {"from": node.operator})
    rehearsal.registry.requestExit(node.number, {"from": node.owner})
    brownie.chain.sleep(WEEK)


# A fee


def test_fee_that_comes_later_is_paid_by_the_receiver_alone(levy: Scene) -> None:
    rehearsal, others = levy
    token, hive = rehearsal.token, rehearsal.hive
    token.set(1000, False, {"from": rehearsal.sponsor})
    escrow = task_view(hive, others.task)["escrow"]
    assert others.claim(rehearsal) == (TRAINED * 9 // 10, JUDGED * 9 // 10)
    assert surplus(rehearsal) == (0, 0)
    before = token.balanceOf(rehearsal.sponsor)
    hive.withdrawEscrow(others.task, REWARD, {"from": rehearsal.sponsor})
    assert token.balanceOf(rehearsal.sponsor) - before == REWARD * 9 // 10
    assert task_view(hive, others.task)["escrow"] == escrow - REWARD
    assert surplus(rehearsal) == (0, 0)


def test_fee_that_comes_later_is_paid_by_who_withdraws_stake(levy: Scene) -> None:
    rehearsal, others = levy
    rehearsal.token.set(1000, False, {"from": rehearsal.sponsor})
    leave(rehearsal, others)
    rehearsal.registry.withdraw(others.trainer.number, {"from": others.trainer.owner})
    assert rehearsal.token.balanceOf(others.trainer.owner) == STAKE * 9 // 10
    assert rehearsal.token.balanceOf(rehearsal.registry) == STAKE
    # The other's stake is there in full.
    assert rehearsal.registry.node(others.validator.number)[1] == STAKE


def test_fee_that_comes_later_holds_up_no_round(levy: Scene) -> None:
    rehearsal, others = levy
    rehearsal.token.set(1000, False, {"from": rehearsal.sponsor})
    others.play(rehearsal)
    assert others.claim(rehearsal) == (2 * TRAINED * 9 // 10, 2 * JUDGED * 9 // 10)
    assert surplus(rehearsal) == (0, 0)


# A token that reverts for one address


def test_claim_of_a_barred_owner_waits_and_holds_up_nobody(bouncer: Scene) -> None:
    rehearsal, others = bouncer
    token, owner = rehearsal.token, others.trainer.owner
    token.set(owner, True, {"from": rehearsal.sponsor})
    with refused("Barred", owner):
        others.claim_of(rehearsal, others.trainer, 0)
    assert others.claim_of(rehearsal, others.validator, 1) == JUDGED
    others.play(rehearsal)
    assert surplus(rehearsal) == (0, 0)
    token.set(owner, False, {"from": rehearsal.sponsor})
    assert others.claim_of(rehearsal, others.trainer, 0) == 2 * TRAINED
    assert surplus(rehearsal) == (0, 0)


def test_escrow_of_a_barred_sponsor_pays_rounds_still(bouncer: Scene) -> None:
    rehearsal, others = bouncer
    rehearsal.token.set(rehearsal.sponsor, True, {"from": rehearsal.sponsor})
    with refused("Barred", rehearsal.sponsor):
        rehearsal.hive.withdrawEscrow(others.task, 1, {"from": rehearsal.sponsor})
    others.play(rehearsal)
    assert others.claim(rehearsal) == (2 * TRAINED, 2 * JUDGED)
    assert surplus(rehearsal) == (0, 0)


def test_hive_that_is_barred_goes_on_and_pays_once_it_can(bouncer: Scene) -> None:
    rehearsal, others = bouncer
    token, hive = rehearsal.token, rehearsal.hive
    token.set(hive, True, {"from": rehearsal.sponsor})
    for kind, node in enumerate((others.trainer, others.validator)):
        with refused("Barred", hive.address):
            others.claim_of(rehearsal, node, kind)
    others.play(rehearsal)
    # Stakes are the registry's.
    leave(rehearsal, others)
    rehearsal.registry.withdraw(others.trainer.number, {"from": others.trainer.owner})
    assert token.balanceOf(others.trainer.owner) == STAKE
    token.set(hive, False, {"from": rehearsal.sponsor})
    assert others.claim_of(rehearsal, others.validator, 1) == 2 * JUDGED


def test_registry_that_is_barred_keeps_stakes_and_holds_up_no_reward(bouncer: Scene, stranger: Any) -> None:
    rehearsal, others = bouncer
    token, registry = rehearsal.token, rehearsal.registry
    token.set(registry, True, {"from": rehearsal.sponsor})
    with refused("Barred", registry.address):
        registry.register(stranger, TRAIN, 0, {"from": stranger})
    others.play(rehearsal)
    assert others.claim(rehearsal) == (2 * TRAINED, 2 * JUDGED)
    leave(rehearsal, others)
    with refused("Barred", registry.address):
        registry.withdraw(others.trainer.number, {"from": others.trainer.owner})
    assert surplus(rehearsal) == (0, 0)
    token.set(registry, False, {"from": rehearsal.sponsor})
    registry.withdraw(others.trainer.number, {"from": others.trainer.owner})
    assert surplus(rehearsal) == (0, 0)


# A token that does not say what it does


def test_payment_for_which_the_token_returns_false_is_not_booked(found: Founding) -> None:
    rehearsal, others = settled(found, "Nay")
    token = rehearsal.token
    token.set(True, {"from": rehearsal.sponsor})
    with refused("SafeERC20FailedOperation", token.address):
        others.claim_of(rehearsal, others.trainer, 0)
    with refused("SafeERC20FailedOperation", token.address):
        rehearsal.hive.withdrawEscrow(others.task, 1, {"from": rehearsal.sponsor})
    leave(rehearsal, others)
    with refused("SafeERC20FailedOperation", token.address):
        rehearsal.registry.withdraw(others.trainer.number, {"from": others.trainer.owner})
    assert surplus(rehearsal) == (TRAINED, 0)  # of the term that ended just now, which `surplus` does not know
    token.set(False, {"from": rehearsal.sponsor})
    rehearsal.hive.claim(others.trainer.number, [(others.task, 0, 0, 1, 0)], {"from": rehearsal.sponsor})
    rehearsal.registry.withdraw(others.trainer.number, {"from": others.trainer.owner})
    assert token.balanceOf(others.trainer.owner) == TRAINED + STAKE
    assert surplus(rehearsal) == (0, 0)


def test_payment_that_is_a_lie_harms_the_receiver_alone(found: Founding) -> None:
    rehearsal, others = settled(found, "Liar")
    rehearsal.token.set(0, {"from": rehearsal.sponsor})
    assert others.claim_of(rehearsal, others.trainer, 0) == 0
    # What was not moved is still here, and nobody's: nobody else is paid less for it, nor more.
    assert surplus(rehearsal) == (TRAINED, 0)
    rehearsal.token.set(100, {"from": rehearsal.sponsor})
    assert others.claim_of(rehearsal, others.validator, 1) == JUDGED


def test_token_that_returns_nothing_serves_as_any_other(found: Founding) -> None:
    rehearsal, others = settled(found, "Mute")
    assert others.claim(rehearsal) == (TRAINED, JUDGED)
    escrow = task_view(rehearsal.hive, others.task)["escrow"]
    rehearsal.hive.withdrawEscrow(others.task, escrow, {"from": rehearsal.sponsor})
    leave(rehearsal, others)
    rehearsal.registry.withdraw(others.trainer.number, {"from": others.trainer.owner})
    assert rehearsal.token.balanceOf(others.trainer.owner) == TRAINED + STAKE
    assert rehearsal.token.balanceOf(rehearsal.hive) == 0
    assert surplus(rehearsal) == (0, 0)


# A token whose balances move by themselves
#
# Promised: nobody is paid more than is theirs, and no round is held up. Not promised: that all are paid where the token
# took something away. Who asks first is paid in full; the last waits until somebody makes it good by a plain transfer.


def test_balance_that_shrinks_pays_in_order_and_the_rest_once_it_is_made_good(found: Founding) -> None:
    rehearsal, others = settled(found, "Elastic")
    token, hive, sponsor = rehearsal.token, rehearsal.hive, rehearsal.sponsor
    escrow = task_view(hive, others.task)["escrow"]
    token.set(50, {"from": sponsor})
    missing = -surplus(rehearsal)[0]
    assert missing == 10 * REWARD // 2
    hive.withdrawEscrow(others.task, escrow - missing, {"from": sponsor})
    assert others.claim(rehearsal) == (TRAINED, JUDGED)
    with brownie.reverts():
        hive.withdrawEscrow(others.task, missing, {"from": sponsor})
    others.play(rehearsal)
    with brownie.reverts():
        others.claim(rehearsal)
    token.transfer(hive, missing, {"from": sponsor})
    assert others.claim(rehearsal) == (TRAINED, JUDGED)
    assert surplus(rehearsal)[0] == 0


def test_balance_that_grows_is_nobodys(found: Founding) -> None:
    rehearsal, others = settled(found, "Elastic")
    token, hive, sponsor = rehearsal.token, rehearsal.hive, rehearsal.sponsor
    token.set(200, {"from": sponsor})
    assert others.claim(rehearsal) == (TRAINED, JUDGED)
    escrow = task_view(hive, others.task)["escrow"]
    with refused("EscrowTooSmall", escrow, escrow + 1):
        hive.withdrawEscrow(others.task, escrow + 1, {"from": sponsor})
    hive.withdrawEscrow(others.task, escrow, {"from": sponsor})
    assert surplus(rehearsal) == (10 * REWARD, 2 * STAKE)
    hive.fund(others.task, TOKEN, {"from": sponsor})
    assert surplus(rehearsal) == (10 * REWARD, 2 * STAKE)
