"""A contract that acts on alerts: it refuses deposits of who is flagged, and lets everybody out."""

from __future__ import annotations

from typing import Any

import brownie
import pytest
from logs import logged
from refusals import refused
from watch import Watch

from rehearsal import TOKEN

THRESHOLD = 8000
AMOUNT = 10 * TOKEN


@pytest.fixture(scope="module")
def saver(accounts: Any) -> Any:
    """Who has tokens and wants them kept."""
    return accounts[58]


@pytest.fixture(scope="module")
def vault(manned: Watch, saver: Any, GuardedVault: Any) -> Any:
    """A vault that goes by the feed, with a deposit of the saver's in it."""
    made = GuardedVault.deploy(manned.token, manned.feed, THRESHOLD, manned.anyone)
    manned.token.transfer(saver, 10 * AMOUNT, manned.anyone)
    manned.token.approve(made, 2**255, {"from": saver})
    made.deposit(AMOUNT, {"from": saver})
    return made


def accuse(watch: Watch, saver: Any, probability: int) -> None:
    for post in (0, 1):
        watch.say(post, saver.address, probability=probability, category=2)


def test_deposit_of_whom_nobody_has_flagged(watch: Watch, vault: Any, saver: Any) -> None:
    done = vault.deposit(AMOUNT, {"from": saver})
    assert logged(done, "Deposited") == [{"owner": saver.address, "amount": AMOUNT}]
    assert (vault.balanceOf(saver), watch.token.balanceOf(vault)) == (2 * AMOUNT, 2 * AMOUNT)


def test_deposit_below_the_quorum_is_taken(watch: Watch, vault: Any, saver: Any) -> None:
    watch.say(0, saver.address, probability=10_000)
    vault.deposit(AMOUNT, {"from": saver})


@pytest.mark.parametrize("probability", [THRESHOLD, THRESHOLD - 1])
def test_deposit_of_who_is_flagged_on_both_sides_of_the_threshold(
    watch: Watch, vault: Any, saver: Any, probability: int
) -> None:
    accuse(watch, saver, probability)
    if probability < THRESHOLD:
        vault.deposit(AMOUNT, {"from": saver})
        return
    with refused("Flagged", saver, THRESHOLD, 2):
        vault.deposit(AMOUNT, {"from": saver})


def test_deposit_after_an_appeal_that_took_the_alerts_down(watch: Watch, vault: Any, saver: Any) -> None:
    accuse(watch, saver, 10_000)
    number = watch.appeal(saver.address)
    with refused("Flagged", saver, 10_000, 2):
        vault.deposit(AMOUNT, {"from": saver})
    watch.decide(number, {0: False, 1: False})
    vault.deposit(AMOUNT, {"from": saver})


def test_withdraw_by_who_is_flagged(watch: Watch, vault: Any, saver: Any) -> None:
    accuse(watch, saver, 10_000)
    before = watch.token.balanceOf(saver)
    done = vault.withdraw(AMOUNT, {"from": saver})
    assert logged(done, "Withdrawn") == [{"owner": saver.address, "amount": AMOUNT}]
    assert (vault.balanceOf(saver), watch.token.balanceOf(saver)) == (0, before + AMOUNT)


def test_withdraw_more_than_one_has_reverts(vault: Any, saver: Any, stranger: Any) -> None:
    with refused("BalanceTooSmall", AMOUNT, AMOUNT + 1):
        vault.withdraw(AMOUNT + 1, {"from": saver})
    with refused("BalanceTooSmall", 0, 1):
        vault.withdraw(1, {"from": stranger})


def silence(vault: Any, code: str) -> None:
    """Put another code in the place of the feed."""
    answer = brownie.web3.provider.make_request("anvil_setCode", [vault.feed(), code])
    assert "error" not in answer


# No code; reverts; stops, and answers nothing.
@pytest.mark.parametrize("code", ["0x", "0x5f5ffd", "0x00"], ids=["gone", "reverts", "mute"])
def test_feed_that_does_not_answer_holds_deposits_back_and_no_withdrawal(
    manned: Watch, vault: Any, saver: Any, code: str
) -> None:
    silence(vault, code)
    with brownie.reverts():
        vault.deposit(AMOUNT, {"from": saver})
    vault.withdraw(AMOUNT, {"from": saver})
    assert vault.balanceOf(saver) == 0
