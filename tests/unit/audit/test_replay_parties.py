"""Nodes, escrow and tokens replayed, and who takes which slot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from anomalyhive.audit.replay.tokens import UNLIMITED
from audit.logs import (
    CONFIG,
    HIVE,
    REGISTRY,
    SPONSOR,
    ZERO,
    Log,
    approval,
    digest,
    faults,
    operator,
    owner,
    replayed,
    slot,
    transfer,
)

WEEK = 7 * 24 * 3600


def founded() -> Log:
    return Log().found()


def leave(log: Log, node: int, late: int = 0) -> Log:
    """A node asks to leave and withdraws ``late`` seconds after it may."""
    log.transaction(("ExitRequested", {"node": node, "exitAt": log.now + 1 + WEEK}))
    gone = ("StakeWithdrawn", {"node": node, "owner": owner(node), "amount": 50})
    log.transaction(gone, transfer(REGISTRY, owner(node), 50), at=log.now + WEEK + late)
    return log


def test_replay_of_a_node_that_leaves_gives_its_stake_back_after_its_delay() -> None:
    log = founded()
    log.transaction(slot("ShardReleased", "shard", 1, 2))
    hive, report = replayed(leave(log, 2).record())
    assert [str(one) for _, one in report.failures] == []
    assert (hive.nodes[2].stake, hive.nodes[2].operator) == (0, ZERO)
    assert hive.balances[owner(2)] == 50


def test_replay_of_a_node_that_leaves_too_early_or_with_a_slot_is_a_fault() -> None:
    log = founded()
    assert any("still holds 1 shards and seats" in what for _, what in faults(leave(log, 2).record()))
    log = founded()
    log.transaction(slot("ShardReleased", "shard", 1, 2))
    assert any("the node may withdraw once" in what for _, what in faults(leave(log, 2, late=-1).record()))


def test_replay_of_a_rotation_and_its_refresh_holds_and_of_a_wrong_refresh_does_not() -> None:
    log = founded()
    rotated = {"node": 1, "previous": operator(1), "operator": operator(9)}
    log.transaction(("OperatorRotated", rotated))
    log.transaction(slot("ShardRefreshed", "shard", 0, 1, operator(9)))
    hive, report = replayed(log.record())
    assert report.holds
    assert hive.tasks[1].shards[0].operator == operator(9)
    assert faults(log.change("ShardRefreshed", operator=operator(1)))
    assert faults(log.change("OperatorRotated", previous=operator(2)))
    assert faults(log.change("OperatorRotated", operator=operator(3)))


def test_replay_of_more_stake_and_other_roles_holds() -> None:
    log = founded()
    log.transaction(approval(owner(1), REGISTRY, UNLIMITED))
    log.transaction(transfer(SPONSOR, owner(1), 7))
    added = ("StakeAdded", {"node": 1, "amount": 7, "stake": 57})
    log.transaction(added, transfer(owner(1), REGISTRY, 7))
    log.transaction(("RolesSet", {"node": 1, "roles": 3}))
    hive, report = replayed(log.record())
    assert report.holds
    assert (hive.nodes[1].stake, hive.nodes[1].roles) == (57, 3)
    assert hive.allowances[owner(1), REGISTRY] == UNLIMITED
    assert faults(log.change("StakeAdded", stake=58))
    assert faults(log.change("RolesSet", roles=16))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("NodeRegistered", {"node": 2}),
        ("NodeRegistered", {"operator": ZERO}),
        ("NodeRegistered", {"operator": operator(2)}),
        ("NodeRegistered", {"roles": 0}),
        ("NodeRegistered", {"roles": 2}),
        ("NodeRegistered", {"stake": 49}),
        ("NodeRegistered", {"owner": SPONSOR}),
        ("ShardTaken", {"shard": 2}),
        ("ShardTaken", {"shard": 1}),
        ("ShardTaken", {"node": 3}),
        ("ShardTaken", {"operator": operator(2)}),
        ("ShardTaken", {"task": 2}),
        ("SeatTaken", {"seat": 3}),
        ("SeatTaken", {"node": 1}),
        ("SeatTaken", {"node": 4}),
        ("TaskCreated", {"task": 2}),
        ("TaskCreated", {"spec": bytes(32)}),
        ("TaskFunded", {"amount": 2999}),
        ("TaskFunded", {"amount": 0}),
        ("TaskFunded", {"from": owner(1)}),
    ],
)
def test_replay_of_a_founding_with_one_value_changed_finds_it(name: str, values: dict[str, Any]) -> None:
    assert faults(founded().change(name, **values))


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("shards", 0),
        ("shards", 1025),
        ("seats", 21),
        ("quorum", 1),
        ("quorum", 4),
        ("min_updates", 0),
        ("min_updates", 3),
        ("update_quota", 3),
        ("verdict_quota", 1),
        ("verdict_quota", 4),
        ("trainer_bps", 10_001),
        ("reward", 1 << 88),
        ("slash_amount", 51),
        ("train_seconds", 0),
        ("attest_seconds", 30 * 24 * 3600 + 1),
    ],
)
def test_replay_of_a_task_that_the_hive_refuses_names_the_setting(setting: str, value: int) -> None:
    record = founded().change("TaskCreated", config=replace(CONFIG, **{setting: value}).as_tuple())
    assert any(what.endswith(f"{setting} is {value}, which the hive does not take") for _, what in faults(record))


def test_replay_of_an_escrow_that_goes_back_pays_the_sponsor_alone() -> None:
    def withdrawn(amount: int, to: str) -> Log:
        log = founded()
        log.transaction(("EscrowWithdrawn", {"task": 1, "amount": amount}), transfer(HIVE, to, amount))
        return log

    hive, report = replayed(withdrawn(3000, SPONSOR).record())
    assert report.holds
    assert hive.tasks[1].escrow == 0
    assert faults(withdrawn(3001, SPONSOR).record())
    assert faults(withdrawn(3000, owner(1)).record())


@pytest.mark.parametrize(
    "movement",
    [
        transfer(HIVE, owner(1), 1),
        transfer(REGISTRY, ZERO, 1),
        transfer(ZERO, SPONSOR, 1),
        transfer(owner(1), SPONSOR, 51),
        ("NodeSlashed", {"node": 3, "amount": 1, "stake": 49}),
    ],
)
def test_replay_of_a_movement_without_a_cause_is_a_fault(movement: tuple[str, dict[str, Any]]) -> None:
    log = founded()
    log.transaction(movement)
    assert faults(log.record())


def test_replay_of_tokens_sent_to_a_contract_counts_them_as_given() -> None:
    log = founded()
    log.transaction(transfer(SPONSOR, HIVE, 5))
    hive, report = replayed(log.record())
    assert report.holds
    assert hive.given[HIVE] == 5


def test_replay_of_a_pull_without_an_allowance_is_a_fault() -> None:
    assert any("who allows 0" in what for _, what in faults(founded().without("Approval")))


def test_replay_of_a_head_follows_the_last_final_round() -> None:
    hive, _ = replayed(founded().final_round().open().record())
    assert hive.tasks[1].head == digest("model 1")
    assert hive.tasks[1].rounds[2].base_round == 1
