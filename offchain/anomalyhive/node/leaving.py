"""Leaving for good: exit, slots, and the stake when its time has come. Each call does what can be done by now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from anomalyhive.chain.views import Kind
from anomalyhive.errors import Reverted
from anomalyhive.node.amounts import tokens
from anomalyhive.node.hands import Hand
from anomalyhive.node.place import Place
from anomalyhive.node.slots import Slot, events_of_terms, slots_of, tasks_of

RELEASE = {Kind.UPDATE: "releaseShard", Kind.VERDICT: "releaseSeat"}
BOUND = ("ShardBound", "SeatBound")


def held_slots(place: Place, node: int) -> list[Slot]:
    """All slots of a node, in whatever task."""
    contracts = place.contracts
    tasks = tasks_of(contracts, node)
    return [slot for task in tasks for slot in slots_of(events_of_terms(contracts, task), task, node)]


def leave(place: Place, owner: Hand, number: int) -> list[str]:
    """Take the next steps out; what is left to do, and when, in words.

    The exit is requested first: a node that is on its way out cannot take the slots again that it gives up.
    """
    registry = place.contracts.registry
    node = registry.node(number)
    if not int(node.operator, 16):
        return [f"node {number} has left: its stake was withdrawn"]
    if not node.exit_at:
        owner.do(registry.call("requestExit", number), f"request the exit of node {number}; there is no way back")
    bound = [slot for slot in held_slots(place, number) if not _release(place, owner, slot)]
    node = registry.node(number)
    if bound:
        return _about_bound(place, bound)
    if not node.exit_at:  # another wallet has not signed yet
        return ["sign these in their order, then call `anomalyhive node exit` again"]
    if place.contracts.hive.now() < node.exit_at:
        return [
            f"the stake of {tokens(node.stake)} can be withdrawn from {utc(node.exit_at)} on: call `anomalyhive node "
            "exit` again then"
        ]
    if place.contracts.hive.read("held", number):
        return ["sign these in their order, then call `anomalyhive node exit` again"]
    words = f"withdraw {tokens(node.stake)} to {node.owner}"
    mined = owner.do(registry.call("withdraw", number), words)
    return [f"node {number} has left; what it earned can still be claimed" if mined else "sign this, and it has left"]


def _release(place: Place, owner: Hand, slot: Slot) -> bool:
    """Give a slot up; False while a round binds it."""
    call = place.contracts.hive.call(RELEASE[slot.kind], slot.task, slot.index)
    try:
        # Asked first, so that a wallet elsewhere is not given what would fail.
        place.contracts.hive.read(RELEASE[slot.kind], slot.task, slot.index, sender=owner.address)
    except Reverted as refusal:
        if refusal.error in BOUND:
            return False
        raise
    owner.do(call, f"give up {slot}")
    return True


def _about_bound(place: Place, bound: Sequence[Slot]) -> list[str]:
    hive = place.contracts.hive
    told = []
    for slot in bound:
        round_ = hive.task(slot.task).latest_round
        phase, ends_at = hive.phase(slot.task, round_)
        told.append(
            f"{slot} is bound until round {round_} is over: it is in phase {phase.name}"
            + (f" until {utc(ends_at)} at the latest" if ends_at else "")
        )
    return [*told, "let the node run until then, so that it loses neither reward nor stake, and repeat the command"]


def utc(seconds: int) -> str:
    """A time of the chain for a person."""
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def lasting(seconds: int) -> str:
    """A length of time for a person.

    >>> [lasting(seconds) for seconds in (604_800, 90_000, 20_000)]
    ['7 days', '1 day, 1:00:00', '5:33:20']
    """
    return str(timedelta(seconds=seconds)).removesuffix(", 0:00:00")
