"""Another key for a node's daily work: made, named in the registry, and read anew by every slot.

A kill leaves the new key in its own file, and the same command goes on from there.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from anomalyhive.chain.signer import new_key
from anomalyhive.chain.views import Kind
from anomalyhive.errors import Failure
from anomalyhive.node.hands import Hand
from anomalyhive.node.keystore import address_in, read_key, write_key
from anomalyhive.node.leaving import held_slots
from anomalyhive.node.passwords import Passwords
from anomalyhive.node.place import Place

REFRESH = {Kind.UPDATE: "refreshShard", Kind.VERDICT: "refreshSeat"}


def rotate(
    place: Place, owner: Hand, passwords: Passwords, tell: Callable[[str], None], lost: int | None = None
) -> bool:
    """Put a new key in charge; True once it is, False while another wallet has yet to sign.

    ``lost`` is the number of a node whose operator's key is not there any more.
    """
    home, registry, hive = place.home, place.contracts.registry, place.contracts.hive
    fresh = home.keys / "operator.new.json"
    number = _number(place, fresh) if lost is None else lost
    former = registry.node(number).operator
    if not fresh.exists():
        write_key(fresh, new_key(), _password(place, passwords, lost is not None))
    operator = address_in(fresh)
    if registry.node_of(operator) != number:
        owner.do(registry.call("rotateOperator", number, operator), f"let {operator} act for node {number}")
    for slot in held_slots(place, number):
        if _knows(place, slot.task, slot.kind, slot.index) != operator:
            owner.do(hive.call(REFRESH[slot.kind], slot.task, slot.index), f"let {slot} know the new operator")
    if registry.node_of(operator) != number:
        tell("sign these in their order, then call the command again: until then the former key stays in charge")
        return False
    if home.operator.exists():
        home.operator.replace(home.keys / f"operator.{int(time.time())}.former.json")
    fresh.replace(home.operator)
    tell(f"operator {operator} acts for node {number}: send it coin for gas")
    if former != operator:
        tell(f"what coin {former} has is still its own")
    return True


def _number(place: Place, fresh: Path) -> int:
    """The node that the operator's key or its successor acts for. Raises Failure where neither does."""
    former = place.operator
    number = place.number or (place.contracts.registry.node_of(address_in(fresh)) if fresh.exists() else 0)
    if not number:
        raise Failure(f"operator {former} acts for no node: register it first")
    return number


def _password(place: Place, passwords: Passwords, lost: bool) -> str:
    """The password that the salts have too; a mistyped one is found out now, not after the change."""
    proof = place.home.salt if lost else place.home.operator
    password = passwords.known(proof)
    read_key(proof, password)
    return password


def _knows(place: Place, task: int, kind: Kind, index: int) -> str:
    """The operator that a slot has noted."""
    return str(place.contracts.hive.read("shard" if kind is Kind.UPDATE else "seat", task, index)[0])
