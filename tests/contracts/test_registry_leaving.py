"""NodeRegistry: leaving, being slashed, and who may do what."""

from __future__ import annotations

from typing import Any

import pytest
from clock import Clock
from logs import logged
from refusals import refused

from rehearsal import STAKE, SUPPLY, TOKEN, TRAIN, Node, Rehearsal

ZERO_ADDRESS = "0x" + "0" * 40
WEEK = 7 * 24 * 3600


# Leaving


def test_request_exit_ends_activity_at_once(registry: Any, node: Node, clock: Clock) -> None:
    assert registry.EXIT_DELAY() == WEEK
    at = clock.now + 10
    clock.next(at)
    transaction = registry.requestExit(node.number, {"from": node.owner})
    assert logged(transaction, "ExitRequested") == [{"node": node.number, "exitAt": at + WEEK}]
    assert registry.node(node.number)[4] == at + WEEK
    assert not registry.isActive(node.number, TRAIN, 0)
    assert registry.nodeOf(node.operator) == node.number


def test_withdraw_at_the_end_of_the_delay_but_not_a_second_earlier(
    registry: Any, token: Any, node: Node, clock: Clock
) -> None:
    registry.requestExit(node.number, {"from": node.owner})
    exit_at = clock.now + WEEK
    clock.next(exit_at - 1)
    with refused("ExitTooEarly", node.number, exit_at):
        registry.withdraw(node.number, {"from": node.owner})
    clock.next(exit_at)
    transaction = registry.withdraw(node.number, {"from": node.owner})
    assert transaction.timestamp == exit_at
    assert token.balanceOf(node.owner) == STAKE
    expected = {"node": node.number, "owner": node.owner.address, "amount": STAKE}
    assert logged(transaction, "StakeWithdrawn") == [expected]


@pytest.fixture
def gone(registry: Any, node: Node, clock: Clock) -> Node:
    """The node after its stake was withdrawn."""
    registry.requestExit(node.number, {"from": node.owner})
    clock.next(clock.now + WEEK)
    registry.withdraw(node.number, {"from": node.owner})
    return node


def test_withdraw_frees_the_operator_and_keeps_the_owner(registry: Any, gone: Node, stranger: Any) -> None:
    assert registry.ownerOf(gone.number) == gone.owner.address
    assert (registry.operatorOf(gone.number), registry.nodeOf(gone.operator)) == (ZERO_ADDRESS, 0)
    assert registry.node(gone.number)[1] == 0
    registry.register(gone.operator, TRAIN, 0, {"from": stranger})
    assert registry.nodeOf(gone.operator) == registry.nodeCount()


def test_withdraw_twice_reverts(registry: Any, gone: Node) -> None:
    with refused("AlreadyWithdrawn", gone.number):
        registry.withdraw(gone.number, {"from": gone.owner})


def test_withdraw_without_a_request_reverts(registry: Any, node: Node) -> None:
    with refused("NotExiting", node.number):
        registry.withdraw(node.number, {"from": node.owner})


def test_withdraw_while_a_slot_is_held_reverts(
    registry: Any, hive: Any, token: Any, rehearsal: Rehearsal, node: Node, clock: Clock
) -> None:
    task = rehearsal.create(escrow=0)
    hive.takeShard(task, 0, {"from": node.operator})
    hive.takeSeat(task, 0, {"from": node.operator})
    registry.requestExit(node.number, {"from": node.owner})
    clock.reach(clock.now + WEEK)
    for slots, give_up in ((2, hive.releaseShard), (1, hive.releaseSeat)):
        with refused("StillHolding", node.number, slots):
            registry.withdraw(node.number, {"from": node.owner})
        give_up(task, 0, {"from": node.owner})
    registry.withdraw(node.number, {"from": node.owner})
    assert token.balanceOf(node.owner) == STAKE


# Who may


OWNERS_CALLS = [
    ("addStake", (5,)),
    ("setRoles", (TRAIN,)),
    ("rotateOperator", ("0x" + "77" * 20,)),
    ("requestExit", ()),
    ("withdraw", ()),
]


@pytest.mark.parametrize(("function", "arguments"), OWNERS_CALLS)
def test_owners_calls_by_the_operator_or_another_owner_revert(
    registry: Any, node: Node, other: Node, function: str, arguments: tuple[Any, ...]
) -> None:
    for caller in (node.operator, other.owner):
        with refused("NotOwner", node.number, caller):
            getattr(registry, function)(node.number, *arguments, {"from": caller})


@pytest.mark.parametrize(("function", "arguments"), OWNERS_CALLS)
def test_owners_calls_for_an_unknown_node_revert(
    registry: Any, node: Node, function: str, arguments: tuple[Any, ...]
) -> None:
    for number in (0, node.number + 1):
        with refused("UnknownNode", number):
            getattr(registry, function)(number, *arguments, {"from": node.owner})


@pytest.mark.parametrize(("function", "arguments"), OWNERS_CALLS[:-1])
def test_owners_calls_after_the_exit_was_requested_revert(
    registry: Any, node: Node, clock: Clock, function: str, arguments: tuple[Any, ...]
) -> None:
    registry.requestExit(node.number, {"from": node.owner})
    with refused("Exiting", node.number, clock.now + WEEK):
        getattr(registry, function)(node.number, *arguments, {"from": node.owner})


# Slashing


def test_slash_burns_what_is_taken(registry: Any, token: Any, node: Node, hive_caller: Any) -> None:
    transaction = registry.slash(node.number, 30 * TOKEN, {"from": hive_caller})
    assert transaction.return_value == 30 * TOKEN
    assert registry.node(node.number)[1] == token.balanceOf(registry) == STAKE - 30 * TOKEN
    assert token.totalSupply() == SUPPLY - 30 * TOKEN
    assert token.balanceOf(hive_caller) == 0
    expected = {"node": node.number, "amount": 30 * TOKEN, "stake": STAKE - 30 * TOKEN}
    assert logged(transaction, "NodeSlashed") == [expected]


@pytest.mark.parametrize("excess", [0, 1])
def test_slash_takes_at_most_the_stake(
    registry: Any, token: Any, node: Node, other: Node, hive_caller: Any, excess: int
) -> None:
    transaction = registry.slash(node.number, STAKE + excess, {"from": hive_caller})
    assert transaction.return_value == STAKE
    assert (registry.node(node.number)[1], registry.node(other.number)[1]) == (0, STAKE)
    assert token.balanceOf(registry) == STAKE


def test_slash_of_nothing_logs_all_the_same(registry: Any, node: Node, hive_caller: Any) -> None:
    transaction = registry.slash(node.number, 0, {"from": hive_caller})
    assert logged(transaction, "NodeSlashed") == [{"node": node.number, "amount": 0, "stake": STAKE}]


def test_slash_reaches_a_node_that_is_exiting(registry: Any, node: Node, hive_caller: Any) -> None:
    registry.requestExit(node.number, {"from": node.owner})
    registry.slash(node.number, 1, {"from": hive_caller})
    assert registry.node(node.number)[1] == STAKE - 1


def test_slash_by_anyone_but_the_hive_reverts(registry: Any, node: Node, sponsor: Any) -> None:
    for caller in (sponsor, node.owner, node.operator):
        with refused("NotHive", caller):
            registry.slash(node.number, 1, {"from": caller})


def test_slash_of_an_unknown_node_reverts(registry: Any, node: Node, hive_caller: Any) -> None:
    for number in (0, node.number + 1):
        with refused("UnknownNode", number):
            registry.slash(number, 1, {"from": hive_caller})
