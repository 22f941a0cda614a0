"""A token that does not bring what it says is refused when it first comes in (P1, P15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import brownie
import pytest
from books import surplus
from bystanders import Bystanders, Founding
from refusals import refused
from stages import task_view

from rehearsal import BASE, STAKE, TOKEN, TRAIN, Rehearsal, as_row

AMOUNT = 1000 * TOKEN

SHORT: Mapping[str, tuple[str, tuple[Any, ...], int]] = {
    "a fee of what arrives": ("Levy", (100, False), 990 * TOKEN),
    "a fee of all that arrives": ("Levy", (10_000, False), 0),
    "a lie": ("Liar", (0,), 0),
    "half a lie": ("Liar", (50,), 500 * TOKEN),
    "more than was asked for": ("Liar", (200,), 2000 * TOKEN),
}
"""The token, how it is set, and what arrives of AMOUNT."""


@pytest.fixture(scope="module", params=SHORT)
def short(found: Founding, request: pytest.FixtureRequest) -> tuple[Rehearsal, Bystanders, int]:
    """A hive with money in it whose token begins to cheat then, and what arrives of AMOUNT from now on."""
    name, setting, received = SHORT[request.param]
    rehearsal = found(name)
    if name == "Liar":
        rehearsal.token.set(100, {"from": rehearsal.sponsor})
    others = Bystanders.settled(rehearsal)
    rehearsal.token.transfer(others.trainer.owner, 2 * AMOUNT, {"from": rehearsal.sponsor})
    rehearsal.token.set(*setting, {"from": rehearsal.sponsor})
    return rehearsal, others, received


def test_fund_in_which_another_amount_arrives_is_refused(short: tuple[Rehearsal, Bystanders, int]) -> None:
    rehearsal, others, received = short
    before = task_view(rehearsal.hive, others.task)["escrow"]
    with refused("WrongTransfer", received, AMOUNT):
        rehearsal.hive.fund(others.task, AMOUNT, {"from": rehearsal.sponsor})
    assert task_view(rehearsal.hive, others.task)["escrow"] == before
    assert surplus(rehearsal) == (0, 0)


def test_stake_in_which_another_amount_arrives_is_refused(
    short: tuple[Rehearsal, Bystanders, int], stranger: Any
) -> None:
    rehearsal, others, received = short
    registry, owner = rehearsal.registry, others.trainer.owner
    rehearsal.token.approve(registry, AMOUNT, {"from": rehearsal.sponsor})
    with refused("WrongTransfer", received, AMOUNT):
        registry.register(stranger, TRAIN, AMOUNT, {"from": rehearsal.sponsor})
    rehearsal.token.approve(registry, AMOUNT, {"from": owner})
    with refused("WrongTransfer", received, AMOUNT):
        registry.addStake(others.trainer.number, AMOUNT, {"from": owner})
    assert (registry.nodeCount(), registry.nodeOf(stranger)) == (2, 0)
    assert surplus(rehearsal) == (0, 0)


@pytest.fixture(scope="module")
def nay(found: Founding) -> tuple[Rehearsal, Bystanders]:
    """A hive whose token returns false where it should revert."""
    rehearsal = found("Nay")
    return rehearsal, Bystanders.settled(rehearsal)


def test_deposit_for_which_the_token_returns_false_is_refused(nay: tuple[Rehearsal, Bystanders], stranger: Any) -> None:
    rehearsal, others = nay
    # No allowance, no balance: the token says so by false alone.
    with refused("SafeERC20FailedOperation", rehearsal.token.address):
        rehearsal.hive.fund(others.task, 1, {"from": stranger})
    with refused("SafeERC20FailedOperation", rehearsal.token.address):
        rehearsal.registry.register(stranger, TRAIN, STAKE, {"from": stranger})
    assert surplus(rehearsal) == (0, 0)


def test_token_without_code_lets_nobody_in(NodeRegistry: Any, Hive: Any, deployed: Rehearsal, stranger: Any) -> None:
    hive = Hive.deploy(stranger, True, {"from": deployed.sponsor})
    registry = NodeRegistry.at(hive.registry())
    hive.createTask(as_row(replace(BASE, reward=0)), b"\x01" * 32, {"from": stranger})
    with brownie.reverts():
        hive.fund(1, 1, {"from": stranger})
    for stake in (0, STAKE):
        with brownie.reverts():
            registry.register(stranger, TRAIN, stake, {"from": stranger})
    # What costs nothing works, and is worth nothing.
    hive.openRound(1, {"from": stranger})
    assert (hive.task(1)[3], registry.nodeCount()) == (0, 0)
