"""Tasks: every bound of a configuration on both sides, and what goes into an escrow and out of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import brownie
import pytest
from clock import Clock
from logs import logged, plain
from refusals import refused

from anomalyhive.chain.views import TaskConfig
from rehearsal import BASE, SUPPLY, TOKEN, Rehearsal, as_row

SPEC = b"\x07" * 32
NONE = bytes(32)
DAYS = 24 * 3600
LENGTHS = ("train_seconds", "judge_seconds", "reveal_seconds", "tally_seconds", "attest_seconds")

# The setting, the values at its bounds that are taken and those beyond that are not, and what else must differ from
# BASE (5 shards, 3 seats, quorum 2, at least 2 updates, both quotas full) so that only this setting is at fault.
BOUNDS: list[tuple[str, tuple[int, ...], tuple[int, ...], dict[str, int]]] = [
    ("shards", (1,), (0,), {"min_updates": 1, "update_quota": 0}),
    ("shards", (1024,), (1025,), {}),
    ("seats", (1,), (0,), {"quorum": 1, "verdict_quota": 0}),
    ("seats", (20,), (21,), {"quorum": 11, "verdict_quota": 0}),
    ("quorum", (2, 3), (0, 1, 4), {"verdict_quota": 0}),
    ("quorum", (3, 4), (2, 5), {"seats": 4, "verdict_quota": 0}),
    ("min_updates", (1, 5), (0, 6), {"update_quota": 0}),
    ("update_quota", (0, 2, 5), (1, 6), {}),
    ("verdict_quota", (0, 2, 3), (1, 4), {}),
    *((name, (1, 30 * DAYS), (0, 30 * DAYS + 1), {}) for name in LENGTHS),
    ("trainer_bps", (0, 10_000), (10_001,), {}),
    ("slash_amount", (0, BASE.min_stake), (BASE.min_stake + 1,), {}),
    ("min_stake", (BASE.slash_amount, 2**96 - 1), (), {}),
    ("miss_limit", (0, 255), (), {}),
    ("tolerance", (0, 255), (), {}),
    ("reward", (0, 2**88 - 1), (2**88, 2**96 - 1), {}),
    ("rounds", (0, 2**32 - 1), (), {}),
]
TAKEN = [(name, value, others) for name, taken, _, others in BOUNDS for value in taken]
REFUSED = [(name, value, others) for name, _, beyond, others in BOUNDS for value in beyond]


def in_solidity(name: str) -> str:
    """A setting as the contract calls it."""
    first, *rest = name.split("_")
    return first + "".join(one.capitalize() for one in rest)


def stored(hive: Any, task: int) -> TaskConfig:
    """The configuration that the contract shows."""
    return TaskConfig.from_tuple(
        [bytes(value) if index == 18 else value for index, value in enumerate(hive.task(task)[7])]
    )


# Creating


def test_create_stores_and_logs(hive: Any, stranger: Any) -> None:
    transaction = hive.createTask(as_row(BASE), SPEC, {"from": stranger})
    assert transaction.return_value == hive.taskCount() == 1
    assert plain(hive.task(1)) == (stranger.address, SPEC, NONE, 0, 0, 0, 0, as_row(BASE))
    expected = {"task": 1, "sponsor": stranger.address, "spec": SPEC, "config": as_row(BASE)}
    assert logged(transaction, "TaskCreated") == [expected]


def test_create_numbers_rise_and_tasks_stay_apart(hive: Any, sponsor: Any, stranger: Any) -> None:
    hive.createTask(as_row(BASE), SPEC, {"from": sponsor})
    hive.createTask(as_row(replace(BASE, shards=9)), SPEC, {"from": stranger})
    assert hive.taskCount() == 2
    assert (hive.task(1)[0], hive.task(2)[0]) == (sponsor.address, stranger.address)
    assert (stored(hive, 1).shards, stored(hive, 2).shards) == (5, 9)


@pytest.mark.parametrize(("name", "value", "others"), TAKEN)
def test_create_setting_at_its_bound_is_taken(
    hive: Any, sponsor: Any, name: str, value: int, others: dict[str, int]
) -> None:
    config = replace(BASE, **others, **{name: value})
    hive.createTask(as_row(config), SPEC, {"from": sponsor})
    assert stored(hive, 1) == config


@pytest.mark.parametrize(("name", "value", "others"), REFUSED)
def test_create_setting_beyond_its_bound_reverts(
    hive: Any, sponsor: Any, name: str, value: int, others: dict[str, int]
) -> None:
    with refused("InvalidConfig", in_solidity(name), value):
        hive.createTask(as_row(replace(BASE, **others, **{name: value})), SPEC, {"from": sponsor})
    assert hive.taskCount() == 0


def test_create_with_all_settings_beyond_their_bounds_is_refused_for_the_first_that_is_left(
    hive: Any, sponsor: Any
) -> None:
    wrong = {
        "shards": 1025,
        "seats": 21,
        "quorum": 22,
        "min_updates": 1026,
        "update_quota": 1027,
        "verdict_quota": 23,
        **dict.fromkeys(LENGTHS, 0),
        "trainer_bps": 10_001,
        "reward": 2**88,
        "slash_amount": BASE.min_stake + 1,
    }
    for name in list(wrong):
        with refused("InvalidConfig", in_solidity(name), wrong[name]):
            hive.createTask(as_row(replace(BASE, **wrong)), SPEC, {"from": sponsor})
        del wrong[name]
    hive.createTask(as_row(replace(BASE, **wrong)), SPEC, {"from": sponsor})


def test_task_rules_tell_anyone_beforehand_what_a_creation_would_be_told(rules: Any, stranger: Any) -> None:
    for name, value, others in TAKEN:
        rules.check(as_row(replace(BASE, **others, **{name: value})), {"from": stranger})
    for name, value, others in REFUSED:
        with refused("InvalidConfig", in_solidity(name), value):
            rules.check(as_row(replace(BASE, **others, **{name: value})), {"from": stranger})


def test_create_without_a_spec_reverts(hive: Any, sponsor: Any) -> None:
    with refused("ZeroDigest"):
        hive.createTask(as_row(BASE), NONE, {"from": sponsor})


@pytest.mark.parametrize("number", [0, 2])
def test_view_of_an_unknown_task_reverts(hive: Any, sponsor: Any, number: int) -> None:
    hive.createTask(as_row(BASE), SPEC, {"from": sponsor})
    with refused("UnknownTask", number):
        hive.task(number)


def test_views_before_the_first_round_are_zero(hive: Any, rehearsal: Rehearsal) -> None:
    task = rehearsal.create()
    for round_ in (0, 1):
        assert plain(hive.phaseOf(task, round_)) == (0, 0)
        assert plain(hive.round(task, round_)) == (0, 0, NONE, NONE, NONE, *[0] * 12)


# Funding


@pytest.fixture
def unfunded(rehearsal: Rehearsal) -> int:
    """A task of BASE with nothing in its escrow."""
    return rehearsal.create(escrow=0)


def test_fund_moves_tokens_into_the_escrow(hive: Any, token: Any, sponsor: Any, unfunded: int) -> None:
    transaction = hive.fund(unfunded, 7, {"from": sponsor})
    hive.fund(unfunded, 5, {"from": sponsor})
    assert hive.task(unfunded)[3] == token.balanceOf(hive) == 12
    assert token.balanceOf(sponsor) == SUPPLY - 12
    assert logged(transaction, "TaskFunded") == [{"task": unfunded, "from": sponsor.address, "amount": 7}]


def test_fund_by_anyone(hive: Any, token: Any, sponsor: Any, stranger: Any, unfunded: int) -> None:
    token.transfer(stranger, 7, {"from": sponsor})
    token.approve(hive, 7, {"from": stranger})
    transaction = hive.fund(unfunded, 7, {"from": stranger})
    assert hive.task(unfunded)[3] == 7
    assert logged(transaction, "TaskFunded") == [{"task": unfunded, "from": stranger.address, "amount": 7}]


@pytest.mark.parametrize("ahead", [-1, 1])
def test_fund_an_unknown_task_reverts(hive: Any, sponsor: Any, unfunded: int, ahead: int) -> None:
    with refused("UnknownTask", unfunded + ahead):
        hive.fund(unfunded + ahead, 7, {"from": sponsor})


def test_fund_nothing_reverts(hive: Any, sponsor: Any, unfunded: int) -> None:
    with refused("ZeroAmount"):
        hive.fund(unfunded, 0, {"from": sponsor})


def test_fund_more_than_allowed_reverts(hive: Any, token: Any, sponsor: Any, unfunded: int) -> None:
    token.approve(hive, 6, {"from": sponsor})
    with refused("ERC20InsufficientAllowance", hive, 6, 7):
        hive.fund(unfunded, 7, {"from": sponsor})
    assert hive.task(unfunded)[3] == 0


def test_fund_more_than_owned_reverts(hive: Any, token: Any, stranger: Any, unfunded: int) -> None:
    token.approve(hive, 7, {"from": stranger})
    with refused("ERC20InsufficientBalance", stranger, 0, 7):
        hive.fund(unfunded, 7, {"from": stranger})


def test_fund_beyond_128_bits_reverts(hive: Any, sponsor: Any, unfunded: int) -> None:
    hive.fund(unfunded, 1, {"from": sponsor})
    with brownie.reverts("Integer overflow"):
        hive.fund(unfunded, 2**128 - 1, {"from": sponsor})


# Taking escrow back


def test_withdraw_escrow_sends_it_to_the_sponsor(hive: Any, token: Any, sponsor: Any, unfunded: int) -> None:
    hive.fund(unfunded, 7, {"from": sponsor})
    transaction = hive.withdrawEscrow(unfunded, 3, {"from": sponsor})
    assert hive.task(unfunded)[3] == token.balanceOf(hive) == 4
    assert token.balanceOf(sponsor) == SUPPLY - 4
    assert logged(transaction, "EscrowWithdrawn") == [{"task": unfunded, "amount": 3}]


def test_withdraw_escrow_all_of_it_but_not_more(hive: Any, sponsor: Any, unfunded: int) -> None:
    hive.fund(unfunded, 7, {"from": sponsor})
    with refused("EscrowTooSmall", 7, 8):
        hive.withdrawEscrow(unfunded, 8, {"from": sponsor})
    hive.withdrawEscrow(unfunded, 7, {"from": sponsor})
    assert hive.task(unfunded)[3] == 0


def test_withdraw_escrow_of_nothing_reverts(hive: Any, sponsor: Any, unfunded: int) -> None:
    hive.fund(unfunded, 7, {"from": sponsor})
    with refused("ZeroAmount"):
        hive.withdrawEscrow(unfunded, 0, {"from": sponsor})


def test_withdraw_escrow_by_another_funder_reverts(
    hive: Any, token: Any, sponsor: Any, stranger: Any, unfunded: int
) -> None:
    token.transfer(stranger, 7, {"from": sponsor})
    token.approve(hive, 7, {"from": stranger})
    hive.fund(unfunded, 7, {"from": stranger})
    with refused("NotSponsor", unfunded, stranger):
        hive.withdrawEscrow(unfunded, 7, {"from": stranger})


def test_withdraw_escrow_of_an_unknown_task_reverts(hive: Any, sponsor: Any, unfunded: int) -> None:
    with refused("NotSponsor", unfunded + 1, sponsor):
        hive.withdrawEscrow(unfunded + 1, 1, {"from": sponsor})


def test_withdraw_escrow_of_another_task_is_out_of_reach(hive: Any, sponsor: Any, rehearsal: Rehearsal) -> None:
    rich, poor = rehearsal.create(escrow=1), rehearsal.create(escrow=0)
    with refused("EscrowTooSmall", 0, 1):
        hive.withdrawEscrow(poor, 1, {"from": sponsor})
    assert hive.task(rich)[3] == BASE.reward


def test_withdraw_escrow_leaves_what_an_open_round_has_locked(
    hive: Any, sponsor: Any, rehearsal: Rehearsal, clock: Clock
) -> None:
    task = rehearsal.create(escrow=0)
    hive.fund(task, BASE.reward + TOKEN, {"from": sponsor})
    round_ = rehearsal.open(task)
    with refused("EscrowTooSmall", TOKEN, TOKEN + 1):
        hive.withdrawEscrow(task, TOKEN + 1, {"from": sponsor})
    hive.withdrawEscrow(task, TOKEN, {"from": sponsor})
    clock.reach(clock.now + BASE.train_seconds)
    hive.cancelRound(*round_.key, {"from": sponsor})
    hive.withdrawEscrow(task, BASE.reward, {"from": sponsor})
    assert hive.task(task)[3] == 0
