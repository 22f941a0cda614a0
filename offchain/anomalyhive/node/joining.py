"""Making a node: approval, registration and stake, and what of it is there already."""

from __future__ import annotations

from collections.abc import Callable

from anomalyhive.chain.views import Role
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.node.amounts import tokens
from anomalyhive.node.hands import Hand
from anomalyhive.node.place import Place

MOST_STAKE = (1 << 96) - 1
"""1e-18 tokens: the registry keeps no more."""


def needed_stake(place: Place) -> int:
    """The largest stake that one of the node's tasks asks for, in 1e-18 tokens."""
    return max((place.contracts.hive.task(task).config.min_stake for task in place.config.tasks), default=0)


def role_bits(roles: frozenset[Role]) -> int:
    """Roles as the registry has them."""
    return sum(roles)


def join(place: Place, owner: Hand, stake: int, tell: Callable[[str], None]) -> None:
    """Register the node with a stake, or bring roles and stake of a registered one up to what is wanted.

    What is so already is left alone, so that the same command goes on where it stopped. Raises Failure where the owner
    has too few tokens, BadSetting for another owner's node.
    """
    registry, operator = place.contracts.registry, place.operator
    if not 0 <= stake <= MOST_STAKE:
        raise BadSetting(f"a stake of {stake} is outside 0 to {MOST_STAKE}, in 1e-18 tokens")
    number, roles = registry.node_of(operator), role_bits(place.config.roles)
    if not number:
        if operator == owner.address:
            tell("operator and owner are one address: whoever gets the running node's key has the stake as well")
        _allow(place, owner, stake)
        words = f"register a node with the operator {operator}, the roles {named(roles)} and {tokens(stake)} of stake"
        owner.do(registry.call("register", operator, roles, stake), words)
        return
    node = registry.node(number)
    if node.owner != owner.address:
        raise BadSetting(f"node {number} belongs to {node.owner}, and the owner here is {owner.address}")
    if node.exit_at:
        raise Failure(f"node {number} is on its way out and cannot come back: make another one with `node init`")
    if node.roles != roles:
        owner.do(registry.call("setRoles", number, roles), f"let node {number} have the roles {named(roles)}")
    if node.stake < stake:
        _allow(place, owner, stake - node.stake)
        words = f"add {tokens(stake - node.stake)} to the stake of node {number}"
        owner.do(registry.call("addStake", number, stake - node.stake), words)
    elif node.roles == roles:
        tell(f"node {number} is registered with the roles {named(roles)} and {tokens(node.stake)} of stake")


def named(roles: int) -> str:
    """Roles in words."""
    return ", ".join(role.name.lower() for role in Role if roles & role) or "none"


def _allow(place: Place, owner: Hand, amount: int) -> None:
    """See to it that the registry may pull so much from the owner, who must have it."""
    token, registry = place.contracts.token, place.contracts.registry
    balance = token.balance(owner.address)
    if balance < amount:
        raise Failure(f"owner {owner.address} has {tokens(balance)} and needs {tokens(amount)}: send it the rest")
    if int(token.read("allowance", owner.address, registry.address)) < amount:
        words = f"let the registry {registry.address} take {tokens(amount)} as stake"
        owner.do(token.call("approve", registry.address, amount), words)
