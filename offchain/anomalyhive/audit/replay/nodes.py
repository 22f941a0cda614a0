"""The registry: nodes, their stakes, roles and keys."""

from __future__ import annotations

from anomalyhive.audit.replay.context import Replay, Values
from anomalyhive.audit.replay.state import ZERO_ADDRESS, Node

ALL_ROLES = 15
EXIT_SECONDS = 7 * 24 * 3600
"""`NodeRegistry.EXIT_DELAY`."""


def registered(at: Replay, v: Values) -> None:
    """A node exists from now on."""
    at.expect("node", v["node"], len(at.state.nodes) + 1)
    _check_operator(at, v["operator"])
    _check_roles(at, v["roles"])
    at.state.nodes[v["node"]] = Node(v["owner"], v["operator"], v["roles"], v["stake"])
    at.owe(v["owner"], at.registry, v["stake"])


def stake_added(at: Replay, v: Values) -> None:
    """A node has more stake."""
    node = _staying(at, v["node"])
    if not v["amount"]:
        at.fault("adds nothing")
    node.stake += v["amount"]
    at.expect("stake", v["stake"], node.stake)
    at.owe(node.owner, at.registry, v["amount"])


def roles_set(at: Replay, v: Values) -> None:
    """A node offers other roles."""
    _check_roles(at, v["roles"])
    _staying(at, v["node"]).roles = v["roles"]


def rotated(at: Replay, v: Values) -> None:
    """Another key acts for a node."""
    node = _staying(at, v["node"])
    at.expect("previous", v["previous"], node.operator)
    _check_operator(at, v["operator"])
    node.operator = v["operator"]


def exit_requested(at: Replay, v: Values) -> None:
    """A node is on its way out."""
    node = _staying(at, v["node"])
    at.expect("exitAt", v["exitAt"], at.now + EXIT_SECONDS)
    node.exit_at = v["exitAt"]


def withdrawn(at: Replay, v: Values) -> None:
    """The stake of a node went back to its owner."""
    node = at.node(v["node"])
    at.expect("owner", v["owner"], node.owner)
    at.expect("amount", v["amount"], node.stake)
    if not node.exit_at or at.now < node.exit_at or node.operator == ZERO_ADDRESS:
        at.fault(f"comes at {at.now}: the node may withdraw once, from {node.exit_at or 'its exit'} on")
    if node.held:
        at.fault(f"node {v['node']} still holds {node.held} shards and seats")
    at.owe(at.registry, node.owner, node.stake)
    node.stake, node.operator = 0, ZERO_ADDRESS


def slashed(at: Replay, v: Values) -> None:
    """Stake of a node was burned; the hive's own event, which says why, stands in the same transaction."""
    node = at.node(v["node"])
    burned = v["amount"]
    if burned > node.stake:
        at.fault(f"burns {burned} of a stake of {node.stake}", "rewards")
    node.stake = max(node.stake - burned, 0)
    at.expect("stake", v["stake"], node.stake, "rewards")
    at.owe(at.registry, ZERO_ADDRESS, burned)
    at.burned[v["node"], burned] += 1


def _staying(at: Replay, number: int) -> Node:
    node = at.node(number)
    if node.exit_at:
        at.fault(f"node {number} asked to leave before")
    return node


def _check_operator(at: Replay, operator: str) -> None:
    other = next((number for number, node in at.state.nodes.items() if node.operator == operator), None)
    if operator == ZERO_ADDRESS or other is not None:
        at.fault(f"operator {operator} is no address or acts for node {other} already")


def _check_roles(at: Replay, roles: int) -> None:
    if not 1 <= roles <= ALL_ROLES:
        at.fault(f"roles are {roles}, not one or more of the four bits")
