"""Shards and seats: who takes them, gives them up, and acts in them after its keys changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from logs import logged, plain
from play import Play
from refusals import refused

from anomalyhive.chain.views import Phase
from rehearsal import BASE, TRAIN, VALIDATE, Node, Rehearsal

FREE = ("0x" + "0" * 40, 0, 0, 0)


@dataclass(frozen=True)
class Kind:
    """Shards or seats: the same rules under two names."""

    name: str
    count: int
    role: int

    def call(self, hive: Any, verb: str, task: int, index: int, sender: Any) -> Any:
        """takeShard, releaseSeat, and so on; the transaction."""
        return getattr(hive, f"{verb}{self.name.capitalize()}")(task, index, {"from": sender})

    def holder(self, hive: Any, task: int, index: int) -> tuple[str, int, int, int]:
        """Operator, node, since and how far it is paid."""
        return plain(getattr(hive, self.name)(task, index))


SHARD = Kind("shard", BASE.shards, TRAIN)
SEAT = Kind("seat", BASE.seats, VALIDATE)


@pytest.fixture(params=[SHARD, SEAT], ids=["shard", "seat"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Each test of it runs for shards and for seats."""
    return request.param


@pytest.fixture
def empty(rehearsal: Rehearsal) -> int:
    """A task of BASE in which nobody holds anything."""
    return rehearsal.create()


@pytest.fixture
def held(hive: Any, kind: Kind, empty: int, node: Node) -> int:
    """The task after the node took slot 0."""
    kind.call(hive, "take", empty, 0, node.operator)
    return empty


# Taking


def test_take_first_and_last_slot(hive: Any, kind: Kind, empty: int, node: Node, other: Node) -> None:
    for index, taker in ((0, node), (kind.count - 1, other)):
        transaction = kind.call(hive, "take", empty, index, taker.operator)
        assert kind.holder(hive, empty, index) == (taker.operator.address, taker.number, 0, 0)
        assert hive.held(taker.number) == 1
        expected = {"task": empty, kind.name: index, "node": taker.number, "operator": taker.operator.address}
        assert logged(transaction, f"{kind.name.capitalize()}Taken") == [expected]


def test_take_beyond_the_last_slot_reverts(hive: Any, kind: Kind, empty: int, node: Node) -> None:
    with refused("OutOfRange", kind.count, kind.count):
        kind.call(hive, "take", empty, kind.count, node.operator)


def test_take_in_an_unknown_task_reverts(hive: Any, kind: Kind, empty: int, node: Node) -> None:
    with refused("OutOfRange", 0, 0):
        kind.call(hive, "take", empty + 1, 0, node.operator)


def test_take_a_held_slot_reverts(hive: Any, kind: Kind, held: int, node: Node, other: Node) -> None:
    with refused("SlotHeld", 0, node.number):
        kind.call(hive, "take", held, 0, other.operator)


def test_take_by_anyone_but_an_operator_reverts(hive: Any, kind: Kind, empty: int, node: Node, stranger: Any) -> None:
    for caller in (stranger, node.owner):
        with refused("NotEligible", 0, kind.role, BASE.min_stake):
            kind.call(hive, "take", empty, 0, caller)


def test_take_without_the_role_reverts(hive: Any, kind: Kind, empty: int, rehearsal: Rehearsal) -> None:
    lacking = rehearsal.register(roles=15 & ~kind.role)
    with refused("NotEligible", lacking.number, kind.role, BASE.min_stake):
        kind.call(hive, "take", empty, 0, lacking.operator)


def test_take_with_just_the_least_stake(hive: Any, kind: Kind, empty: int, rehearsal: Rehearsal) -> None:
    enough, short = (rehearsal.register(stake=stake) for stake in (BASE.min_stake, BASE.min_stake - 1))
    with refused("NotEligible", short.number, kind.role, BASE.min_stake):
        kind.call(hive, "take", empty, 0, short.operator)
    kind.call(hive, "take", empty, 0, enough.operator)
    assert hive.held(enough.number) == 1


def test_take_while_exiting_reverts(hive: Any, registry: Any, kind: Kind, empty: int, node: Node) -> None:
    registry.requestExit(node.number, {"from": node.owner})
    with refused("NotEligible", node.number, kind.role, BASE.min_stake):
        kind.call(hive, "take", empty, 0, node.operator)


def test_take_by_an_operator_that_was_replaced_reverts(
    hive: Any, registry: Any, kind: Kind, empty: int, node: Node, fresh: Any
) -> None:
    registry.rotateOperator(node.number, fresh, {"from": node.owner})
    with refused("NotEligible", 0, kind.role, BASE.min_stake):
        kind.call(hive, "take", empty, 0, node.operator)
    kind.call(hive, "take", empty, 0, fresh)
    assert kind.holder(hive, empty, 0) == (fresh.address, node.number, 0, 0)


def test_take_notes_the_latest_round(hive: Any, kind: Kind, empty: int, node: Node, rehearsal: Rehearsal) -> None:
    rehearsal.open(empty)
    kind.call(hive, "take", empty, 0, node.operator)
    assert kind.holder(hive, empty, 0) == (node.operator.address, node.number, 1, 0)


def test_take_notes_the_last_final_round(
    hive: Any, kind: Kind, task: int, node: Node, rehearsal: Rehearsal, play: Play
) -> None:
    holder = (play.trainers if kind is SHARD else play.validators)[0]
    rehearsal.reach(task, Phase.FINAL)
    play.cancelled(task)
    kind.call(hive, "release", task, 0, holder.operator)
    kind.call(hive, "take", task, 0, node.operator)
    assert kind.holder(hive, task, 0) == (node.operator.address, node.number, 2, 1)


def test_take_several_shards_with_one_node(hive: Any, empty: int, node: Node) -> None:
    for shard in range(BASE.shards):
        hive.takeShard(empty, shard, {"from": node.operator})
    assert hive.held(node.number) == BASE.shards


def test_take_a_second_seat_of_the_task_reverts(hive: Any, empty: int, node: Node) -> None:
    hive.takeSeat(empty, 1, {"from": node.operator})
    assert (hive.seatOf(empty, node.number), hive.seatOf(empty, node.number + 1)) == (2, 0)
    with refused("AlreadySeated", node.number, 1):
        hive.takeSeat(empty, 2, {"from": node.operator})


def test_take_shard_and_seat_in_two_tasks_with_one_node(
    hive: Any, empty: int, node: Node, rehearsal: Rehearsal
) -> None:
    for task in (empty, rehearsal.create()):
        hive.takeShard(task, 0, {"from": node.operator})
        hive.takeSeat(task, 0, {"from": node.operator})
        assert hive.seatOf(task, node.number) == 1
    assert hive.held(node.number) == 4


# Releasing


@pytest.mark.parametrize("key", ["operator", "owner"])
def test_release_by_operator_or_owner(hive: Any, kind: Kind, held: int, node: Node, key: str) -> None:
    transaction = kind.call(hive, "release", held, 0, getattr(node, key))
    assert kind.holder(hive, held, 0) == FREE
    assert (hive.held(node.number), hive.seatOf(held, node.number)) == (0, 0)
    expected = {"task": held, kind.name: 0, "node": node.number}
    assert logged(transaction, f"{kind.name.capitalize()}Released") == [expected]


def test_release_lets_others_in_and_the_holder_back(hive: Any, kind: Kind, held: int, node: Node, other: Node) -> None:
    kind.call(hive, "release", held, 0, node.operator)
    kind.call(hive, "take", held, 0, other.operator)
    kind.call(hive, "take", held, 1, node.operator)
    assert [kind.holder(hive, held, index)[1] for index in (0, 1)] == [other.number, node.number]


def test_release_by_anyone_else_reverts(
    hive: Any, kind: Kind, held: int, node: Node, other: Node, sponsor: Any
) -> None:
    for caller in (other.operator, other.owner, sponsor):
        with refused("NotHolder", caller, node.number):
            kind.call(hive, "release", held, 0, caller)


@pytest.mark.parametrize("verb", ["release", "refresh", "free"])
def test_a_slot_that_nobody_holds_can_only_be_taken(hive: Any, kind: Kind, held: int, node: Node, verb: str) -> None:
    for task, index in ((held, 1), (held, kind.count), (held + 1, 0)):
        with refused("SlotFree", index):
            kind.call(hive, verb, task, index, node.operator)


def test_release_after_a_rotation_by_the_new_operator_alone(
    hive: Any, registry: Any, kind: Kind, held: int, node: Node, fresh: Any
) -> None:
    registry.rotateOperator(node.number, fresh, {"from": node.owner})
    with refused("NotHolder", node.operator, node.number):
        kind.call(hive, "release", held, 0, node.operator)
    kind.call(hive, "release", held, 0, fresh)
    assert kind.holder(hive, held, 0) == FREE


# Rotated keys


def test_refresh_after_a_rotation_by_anyone(
    hive: Any, registry: Any, kind: Kind, held: int, node: Node, fresh: Any, stranger: Any
) -> None:
    registry.rotateOperator(node.number, fresh, {"from": node.owner})
    assert kind.holder(hive, held, 0) == (node.operator.address, node.number, 0, 0)
    transaction = kind.call(hive, "refresh", held, 0, stranger)
    assert kind.holder(hive, held, 0) == (fresh.address, node.number, 0, 0)
    expected = {"task": held, kind.name: 0, "node": node.number, "operator": fresh.address}
    assert logged(transaction, f"{kind.name.capitalize()}Refreshed") == [expected]


def test_refresh_without_a_rotation_changes_nothing(
    hive: Any, kind: Kind, held: int, node: Node, rehearsal: Rehearsal, stranger: Any
) -> None:
    rehearsal.open(held)
    kind.call(hive, "refresh", held, 0, stranger)
    assert kind.holder(hive, held, 0) == (node.operator.address, node.number, 0, 0)
    assert hive.held(node.number) == 1
