"""NodeRegistry: joining, stake, roles, keys, and what it shows."""

from __future__ import annotations

from typing import Any

import brownie
import pytest
from logs import logged, plain
from refusals import refused

from rehearsal import STAKE, SUPPLY, TRAIN, VALIDATE, Node, Rehearsal

ZERO_ADDRESS = "0x" + "0" * 40
LARGEST_STAKE = 2**96 - 1
MONITOR, AUDIT = 4, 8


# Joining


def test_register_first_node_stores_logs_and_pulls_the_stake(
    registry: Any, token: Any, rehearsal: Rehearsal, sponsor: Any, fresh: Any
) -> None:
    token.approve(registry, 7, {"from": sponsor})
    transaction = registry.register(fresh, TRAIN | AUDIT, 7, {"from": sponsor})
    assert registry.nodeCount() == registry.nodeOf(fresh) == 1
    assert plain(registry.node(1)) == (sponsor.address, 7, fresh.address, TRAIN | AUDIT, 0)
    assert (registry.ownerOf(1), registry.operatorOf(1)) == (sponsor.address, fresh.address)
    assert (token.balanceOf(registry), token.balanceOf(sponsor)) == (7, SUPPLY - 7)
    expected = {"node": 1, "owner": sponsor.address, "operator": fresh.address, "roles": TRAIN | AUDIT, "stake": 7}
    assert logged(transaction, "NodeRegistered") == [expected]


def test_register_numbers_rise_and_an_owner_may_have_several_nodes(
    registry: Any, rehearsal: Rehearsal, sponsor: Any
) -> None:
    for number in (1, 2, 3):
        registry.register(next(rehearsal.spare), TRAIN, 0, {"from": sponsor})
        assert registry.nodeCount() == number
        assert registry.ownerOf(number) == sponsor.address


def test_register_owner_may_be_its_own_operator(registry: Any, fresh: Any) -> None:
    registry.register(fresh, TRAIN, 0, {"from": fresh})
    assert registry.ownerOf(1) == registry.operatorOf(1) == fresh.address


def test_register_without_stake_needs_no_allowance(registry: Any, fresh: Any, stranger: Any) -> None:
    registry.register(fresh, TRAIN, 0, {"from": stranger})
    assert registry.isActive(1, TRAIN, 0)


@pytest.mark.parametrize("roles", [1, 15])
def test_register_any_of_the_four_roles(registry: Any, fresh: Any, stranger: Any, roles: int) -> None:
    registry.register(fresh, roles, 0, {"from": stranger})
    assert registry.node(1)[3] == roles


@pytest.mark.parametrize("roles", [0, 16, 17, 255])
def test_register_no_role_or_an_unknown_one_reverts(registry: Any, fresh: Any, stranger: Any, roles: int) -> None:
    with refused("InvalidRoles", roles):
        registry.register(fresh, roles, 0, {"from": stranger})


def test_register_zero_operator_reverts(registry: Any, stranger: Any) -> None:
    with refused("ZeroOperator"):
        registry.register(ZERO_ADDRESS, TRAIN, 0, {"from": stranger})


def test_register_operator_of_another_node_reverts(registry: Any, node: Node, stranger: Any) -> None:
    with refused("OperatorInUse", node.operator, node.number):
        registry.register(node.operator, TRAIN, 0, {"from": stranger})


def test_register_more_stake_than_allowed_reverts(registry: Any, token: Any, fresh: Any, sponsor: Any) -> None:
    token.approve(registry, 7, {"from": sponsor})
    with refused("ERC20InsufficientAllowance", registry, 7, 8):
        registry.register(fresh, TRAIN, 8, {"from": sponsor})
    assert registry.nodeOf(fresh) == 0


def test_register_more_stake_than_owned_reverts(registry: Any, token: Any, fresh: Any, stranger: Any) -> None:
    token.approve(registry, 8, {"from": stranger})
    with refused("ERC20InsufficientBalance", stranger, 0, 8):
        registry.register(fresh, TRAIN, 8, {"from": stranger})


# Adding stake


def test_add_stake_stores_logs_and_pulls(registry: Any, token: Any, node: Node, sponsor: Any) -> None:
    token.transfer(node.owner, 5, {"from": sponsor})
    token.approve(registry, 5, {"from": node.owner})
    transaction = registry.addStake(node.number, 5, {"from": node.owner})
    assert registry.node(node.number)[1] == token.balanceOf(registry) == STAKE + 5
    assert token.balanceOf(node.owner) == 0
    assert logged(transaction, "StakeAdded") == [{"node": node.number, "amount": 5, "stake": STAKE + 5}]


def test_add_stake_of_nothing_reverts(registry: Any, node: Node) -> None:
    with refused("ZeroAmount"):
        registry.addStake(node.number, 0, {"from": node.owner})


def test_add_stake_more_than_allowed_reverts(registry: Any, node: Node) -> None:
    with refused("ERC20InsufficientAllowance", registry, 0, 5):
        registry.addStake(node.number, 5, {"from": node.owner})


def test_add_stake_up_to_96_bits_but_not_beyond(HiveToken: Any, NodeRegistry: Any, sponsor: Any, fresh: Any) -> None:
    token = HiveToken.deploy(sponsor, 2**100, {"from": sponsor})
    registry = NodeRegistry.deploy(token, {"from": sponsor})
    token.approve(registry, 2**100, {"from": sponsor})
    registry.register(fresh, TRAIN, 1, {"from": sponsor})
    with refused("StakeTooLarge", LARGEST_STAKE + 1):
        registry.addStake(1, LARGEST_STAKE, {"from": sponsor})
    registry.addStake(1, LARGEST_STAKE - 1, {"from": sponsor})
    assert registry.node(1)[1] == LARGEST_STAKE


def test_add_stake_sum_beyond_256_bits_reverts(registry: Any, node: Node) -> None:
    with brownie.reverts("Integer overflow"):
        registry.addStake(node.number, 2**256 - 1, {"from": node.owner})


# Roles


def test_set_roles_stores_and_logs(registry: Any, node: Node) -> None:
    transaction = registry.setRoles(node.number, MONITOR, {"from": node.owner})
    assert registry.node(node.number)[3] == MONITOR
    assert logged(transaction, "RolesSet") == [{"node": node.number, "roles": MONITOR}]


@pytest.mark.parametrize("roles", [0, 16])
def test_set_roles_none_or_an_unknown_one_reverts(registry: Any, node: Node, roles: int) -> None:
    with refused("InvalidRoles", roles):
        registry.setRoles(node.number, roles, {"from": node.owner})


# Operators


def test_rotate_operator_hands_the_node_over(registry: Any, node: Node, fresh: Any) -> None:
    transaction = registry.rotateOperator(node.number, fresh, {"from": node.owner})
    assert registry.operatorOf(node.number) == fresh.address
    assert (registry.nodeOf(fresh), registry.nodeOf(node.operator)) == (node.number, 0)
    expected = {"node": node.number, "previous": node.operator.address, "operator": fresh.address}
    assert logged(transaction, "OperatorRotated") == [expected]


def test_rotate_operator_frees_the_old_one_for_another_node(registry: Any, node: Node, other: Node, fresh: Any) -> None:
    registry.rotateOperator(node.number, fresh, {"from": node.owner})
    registry.rotateOperator(other.number, node.operator, {"from": other.owner})
    assert registry.nodeOf(node.operator) == other.number


def test_rotate_operator_to_zero_reverts(registry: Any, node: Node) -> None:
    with refused("ZeroOperator"):
        registry.rotateOperator(node.number, ZERO_ADDRESS, {"from": node.owner})


def test_rotate_operator_to_one_in_use_reverts(registry: Any, node: Node, other: Node) -> None:
    with refused("OperatorInUse", other.operator, other.number):
        registry.rotateOperator(node.number, other.operator, {"from": node.owner})
    with refused("OperatorInUse", node.operator, node.number):
        registry.rotateOperator(node.number, node.operator, {"from": node.owner})


# Views


def test_is_active_needs_every_role_and_the_stake(registry: Any, node: Node) -> None:
    assert registry.isActive(node.number, TRAIN, 0)
    assert registry.isActive(node.number, TRAIN | VALIDATE, STAKE)
    assert not registry.isActive(node.number, TRAIN, STAKE + 1)
    assert not registry.isActive(node.number, MONITOR, 0)
    assert not registry.isActive(node.number, TRAIN | MONITOR, 0)


def test_is_active_unknown_node_is_false_even_if_nothing_is_asked(registry: Any, node: Node) -> None:
    assert not registry.isActive(0, 0, 0)
    assert not registry.isActive(node.number + 1, 0, 0)


def test_acts_for_a_node_its_owner_and_its_present_operator(
    registry: Any, node: Node, other: Node, fresh: Any, stranger: Any
) -> None:
    def acting() -> list[Any]:
        keys = (node.owner, node.operator, fresh, other.owner, other.operator, stranger, ZERO_ADDRESS)
        return [key for key in keys if registry.actsFor(node.number, key)]

    assert acting() == [node.owner, node.operator]
    registry.rotateOperator(node.number, fresh, {"from": node.owner})
    assert acting() == [node.owner, fresh]


def test_acts_for_an_unknown_node_reverts(registry: Any, node: Node) -> None:
    for number in (0, node.number + 1):
        with refused("UnknownNode", number):
            registry.actsFor(number, ZERO_ADDRESS)


@pytest.mark.parametrize("view", ["node", "ownerOf", "operatorOf"])
def test_views_of_an_unknown_node_revert(registry: Any, node: Node, view: str) -> None:
    for number in (0, node.number + 1):
        with refused("UnknownNode", number):
            getattr(registry, view)(number)


def test_node_of_an_address_that_operates_none_is_zero(registry: Any, node: Node) -> None:
    assert registry.nodeOf(node.owner) == 0
    assert registry.nodeOf(node.operator) == node.number


def test_immutables_name_the_token_and_who_deployed_it(
    NodeRegistry: Any, registry: Any, token: Any, hive: Any, stranger: Any
) -> None:
    assert (registry.token(), registry.hive()) == (token.address, hive.address)
    assert NodeRegistry.deploy(token, {"from": stranger}).hive() == stranger.address
