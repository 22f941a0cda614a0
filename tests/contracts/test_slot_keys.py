"""Which key acts in a slot: the copy that the slot keeps, until anyone has it read anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from logs import logged
from refusals import refused

from rehearsal import BASE, TRAIN, Node, Rehearsal


def test_shard_obeys_the_old_key_until_it_is_refreshed(
    hive: Any, registry: Any, task: int, rehearsal: Rehearsal, trainers: Sequence[Node], fresh: Any, stranger: Any
) -> None:
    old = trainers[0]
    registry.rotateOperator(old.number, fresh, {"from": old.owner})
    round_ = rehearsal.open(task)
    arguments = (*round_.key, 0, b"\x01" * 32, (bytes(32), bytes(32), bytes(32)))
    with refused("NotOperator", fresh, old.operator):
        hive.submitUpdate(*arguments, {"from": fresh})
    # Anvil answers the call from the present state: that the old key would still be heard leaves no trace.
    hive.submitUpdate.call(*arguments, {"from": old.operator})
    hive.refreshShard(task, 0, {"from": stranger})
    with refused("NotOperator", old.operator, fresh):
        hive.submitUpdate(*arguments, {"from": old.operator})
    hive.submitUpdate(*arguments, {"from": fresh})
    assert hive.round(*round_.key)[6] == 1


def test_seat_obeys_the_old_key_until_it_is_refreshed(
    hive: Any, registry: Any, task: int, rehearsal: Rehearsal, validators: Sequence[Node], fresh: Any, stranger: Any
) -> None:
    old = validators[0]
    registry.rotateOperator(old.number, fresh, {"from": old.owner})
    round_ = rehearsal.open(task)
    for shard in range(BASE.shards):
        rehearsal.submit(round_, shard)
    arguments = (*round_.key, 0, b"\x01" * 32)
    with refused("NotOperator", fresh, old.operator):
        hive.commitVerdict(*arguments, {"from": fresh})
    hive.commitVerdict.call(*arguments, {"from": old.operator})
    hive.refreshSeat(task, 0, {"from": stranger})
    with refused("NotOperator", old.operator, fresh):
        hive.commitVerdict(*arguments, {"from": old.operator})
    hive.commitVerdict(*arguments, {"from": fresh})
    assert hive.round(*round_.key)[10] == 1


def test_holder_on_its_way_out_may_still_finish_its_work(
    hive: Any, registry: Any, task: int, rehearsal: Rehearsal, trainers: Sequence[Node]
) -> None:
    round_ = rehearsal.open(task)
    registry.requestExit(trainers[0].number, {"from": trainers[0].owner})
    rehearsal.submit(round_, 0)
    assert hive.round(*round_.key)[6] == 1


def test_key_that_moved_on_to_another_node_acts_in_a_stale_shard_for_the_old_one(
    hive: Any, registry: Any, task: int, rehearsal: Rehearsal, trainers: Sequence[Node], fresh: Any, stranger: Any
) -> None:
    old = trainers[0]
    registry.rotateOperator(old.number, fresh, {"from": old.owner})
    registry.register(old.operator, TRAIN, 0, {"from": stranger})
    round_ = rehearsal.open(task)
    zeros = (bytes(32), bytes(32), bytes(32))
    transaction = hive.submitUpdate(*round_.key, 0, b"\x01" * 32, zeros, {"from": old.operator})
    assert [one["node"] for one in logged(transaction, "UpdateSubmitted")] == [old.number]
