"""Who is called in the middle of a transfer and calls back gains nothing (P1, P5, P15)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import brownie
import pytest
from actor import Actor, Call, Moment, call
from books import stake_of, surplus
from bystanders import Bystanders, Founding
from refusals import refused
from stages import SMALL, phase_of, task_view

from anomalyhive.chain.views import Phase
from rehearsal import BASE, STAKE, TRAIN, VALIDATE, Node, Rehearsal, as_row

REWARD = BASE.reward
A = 10 * REWARD
"""What the attacker pays in."""

WEEK = 7 * 86400

SMALL_ROW = as_row(replace(BASE, **SMALL))


class Plot:
    """An attacker, a contract, that sponsors a task and owns two nodes in it, beside others' money."""

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal, self.token, self.hive = rehearsal, rehearsal.token, rehearsal.hive
        self.registry = rehearsal.registry
        self.others = Bystanders.settled(rehearsal)
        self.actor = Actor.born(rehearsal.sponsor)
        rehearsal.token.set(self.actor.address, self.actor.address, {"from": rehearsal.sponsor})
        rehearsal.token.transfer(self.actor.address, 20 * A, {"from": rehearsal.sponsor})
        self.actor.act(self.token.approve, self.hive, 2**255)
        self.actor.act(self.token.approve, self.registry, 2**255)
        # Keys that are accounts play the rounds; what they earn is the contract's, for it owns both nodes.
        self.nodes = [self._node(TRAIN), self._node(VALIDATE)]
        self.leaving = self._node(TRAIN)
        self.actor.act(self.registry.requestExit, self.leaving.number)
        self.actor.act(self.hive.createTask, SMALL_ROW, b"\x01" * 32)
        self.task = int(self.hive.taskCount())
        self.actor.act(self.hive.fund, self.task, A)
        rehearsal.settle_in(self.task, self.nodes[:1], self.nodes[1:])
        rehearsal.reach(self.task, Phase.FINAL)
        self.earned = int(self.hive.earned(self.task, 1, 0, 0))
        brownie.chain.sleep(WEEK)
        brownie.chain.mine()

    def _node(self, roles: int) -> Node:
        operator = next(self.rehearsal.spare)
        self.actor.act(self.registry.register, operator, roles, STAKE)
        return Node(int(self.registry.nodeCount()), self.actor.address, operator)

    @property
    def claim(self) -> Call:
        """Of what the attacker's trainer has earned: `earned`."""
        return call(self.hive.claim, self.nodes[0].number, [(self.task, 0, 0, 0, 0)])

    @property
    def escrow(self) -> int:
        """Of the attacker's task."""
        return int(task_view(self.hive, self.task)["escrow"])

    @property
    def wealth(self) -> int:
        """All that is the attacker's, wherever it is."""
        stakes = [stake_of(self.registry, node) for node in range(3, self.registry.nodeCount() + 1)]
        return int(self.token.balanceOf(self.actor.address)) + self.escrow + sum(stakes)

    def assert_others_whole(self) -> None:
        """P1, and the others can take out what they put in."""
        assert surplus(self.rehearsal) == (0, 0)
        self.others.play(self.rehearsal)
        assert self.others.claim(self.rehearsal) == (REWARD * 7 // 10, REWARD * 3 // 10)
        self.hive.withdrawEscrow(self.others.task, 9 * REWARD, {"from": self.rehearsal.sponsor})


@pytest.fixture(scope="module")
def plot(found: Founding) -> Plot:
    """The attacker has earned something and claimed nothing; one of its nodes may withdraw."""
    return Plot(found("Hooked"))


REFUSED: Mapping[str, Callable[[Plot], tuple[Call, int]]] = {
    "withdraw it again": lambda p: (call(p.hive.withdrawEscrow, p.task, A), 0),
    "withdraw a part": lambda p: (call(p.hive.withdrawEscrow, p.task, 1), A - 1),
    "fund once more": lambda p: (call(p.hive.fund, p.task, A), 2 * A),
    "fund another": lambda p: (call(p.hive.fund, p.others.task, 1), A + 1),
    "claim": lambda p: (p.claim, A - p.earned),
}
"""What is called while a funding is under way, and what arrives then of A."""


@pytest.mark.parametrize("name", REFUSED)
def test_fund_into_which_money_flows_otherwise_is_refused(plot: Plot, name: str) -> None:
    middle, received = REFUSED[name](plot)
    plot.actor.plan(Moment.SENDING, middle)
    wealth = plot.wealth
    with refused("WrongTransfer", received, A):
        plot.actor.act(plot.hive.fund, plot.task, A)
    assert plot.wealth == wealth
    plot.assert_others_whole()


HARMLESS: Mapping[str, Callable[[Plot], list[Call]]] = {
    "open a round": lambda p: [call(p.hive.openRound, p.task)],
    "create a task": lambda p: [call(p.hive.createTask, SMALL_ROW, b"\x01" * 32)],
    "withdraw and fund as much": lambda p: [
        call(p.hive.withdrawEscrow, p.task, 2 * A - REWARD),
        call(p.hive.fund, p.others.task, 2 * A - REWARD),
    ],
    "claim and fund as much": lambda p: [p.claim, call(p.hive.fund, p.task, p.earned)],
    "take a node's stake out": lambda p: [call(p.registry.withdraw, p.leaving.number)],
}
"""What is called while a funding is under way, and is as well as before or after it."""


@pytest.mark.parametrize("name", HARMLESS)
def test_fund_in_the_middle_of_which_all_else_is_in_order_adds_up(plot: Plot, name: str) -> None:
    plot.actor.plan(Moment.SENDING, *HARMLESS[name](plot))
    plot.actor.act(plot.hive.fund, plot.task, A)
    made, succeeded = plot.actor.outcome
    assert made == succeeded > 0
    plot.assert_others_whole()


REGISTERING: Mapping[str, tuple[Callable[[Plot], Call], int]] = {
    "register another": (lambda p: call(p.registry.register, p.others.trainer.owner, TRAIN, STAKE), 2 * STAKE),
    "register with nothing": (lambda p: call(p.registry.register, p.others.trainer.owner, TRAIN, 0), STAKE),
    "add stake to another": (lambda p: call(p.registry.addStake, p.nodes[0].number, 1), STAKE + 1),
    "add stake to itself": (lambda p: call(p.registry.addStake, p.registry.nodeCount() + 1, STAKE), 2 * STAKE),
    "withdraw another's": (lambda p: call(p.registry.withdraw, p.leaving.number), 0),
    "exit at once": (lambda p: call(p.registry.requestExit, p.registry.nodeCount() + 1), STAKE),
}
"""What is called while a registration is under way, and what arrives then of STAKE."""


@pytest.mark.parametrize("name", REGISTERING)
def test_register_in_the_middle_of_another_call_is_backed_or_refused(plot: Plot, name: str, fresh_key: Any) -> None:
    middle, received = REGISTERING[name]
    plot.actor.plan(Moment.SENDING, middle(plot))
    wealth = plot.wealth
    if received == STAKE:
        plot.actor.act(plot.registry.register, fresh_key, TRAIN, STAKE)
        assert plot.actor.outcome == (1, 1)
    else:
        with refused("WrongTransfer", received, STAKE):
            plot.actor.act(plot.registry.register, fresh_key, TRAIN, STAKE)
    assert plot.wealth == wealth
    plot.assert_others_whole()


@pytest.mark.parametrize("name", ["add stake to another", "withdraw another's"])
def test_add_stake_in_the_middle_of_another_call_is_refused(plot: Plot, name: str) -> None:
    middle, received = REGISTERING[name]
    plot.actor.plan(Moment.SENDING, middle(plot))
    with refused("WrongTransfer", received, STAKE):
        plot.actor.act(plot.registry.addStake, plot.nodes[1].number, STAKE)
    plot.assert_others_whole()


@pytest.fixture
def fresh_key(accounts: Any) -> Any:
    """An account that no node has had to do with."""
    return accounts[-2]


# Called back when paid


def test_claim_that_is_called_back_pays_once(plot: Plot) -> None:
    before = plot.token.balanceOf(plot.actor.address)
    plot.actor.plan(Moment.RECEIVED, plot.claim, plot.claim)
    plot.rehearsal.hive.claim(plot.nodes[0].number, [(plot.task, 0, 0, 0, 0)], {"from": plot.rehearsal.sponsor})
    assert plot.token.balanceOf(plot.actor.address) - before == plot.earned
    assert plot.actor.outcome == (2, 0)
    plot.assert_others_whole()


def test_escrow_that_is_withdrawn_in_its_own_withdrawal_is_paid_once(plot: Plot) -> None:
    escrow, before = plot.escrow, plot.token.balanceOf(plot.actor.address)
    again = call(plot.hive.withdrawEscrow, plot.task, escrow)
    plot.actor.plan(Moment.RECEIVED, again, again)
    plot.actor.act(plot.hive.withdrawEscrow, plot.task, escrow)
    assert plot.token.balanceOf(plot.actor.address) - before == escrow
    assert plot.actor.outcome == (2, 0)
    plot.assert_others_whole()


def test_escrow_that_is_withdrawn_in_parts_within_one_another_is_all_there_was(plot: Plot) -> None:
    escrow, before = plot.escrow, plot.token.balanceOf(plot.actor.address)
    plot.actor.plan(Moment.RECEIVED, call(plot.hive.withdrawEscrow, plot.task, escrow - 1))
    plot.actor.act(plot.hive.withdrawEscrow, plot.task, 1)
    assert plot.token.balanceOf(plot.actor.address) - before == escrow
    plot.assert_others_whole()


def test_stake_that_is_withdrawn_in_its_own_withdrawal_is_paid_once(plot: Plot) -> None:
    before = plot.token.balanceOf(plot.actor.address)
    again = call(plot.registry.withdraw, plot.leaving.number)
    anew = call(plot.registry.register, plot.leaving.operator, TRAIN, STAKE)
    plot.actor.plan(Moment.RECEIVED, again, anew, again)
    plot.actor.act(plot.registry.withdraw, plot.leaving.number)
    # The key is free for another node, as it is after the call.
    assert plot.actor.outcome == (3, 1)
    assert plot.token.balanceOf(plot.actor.address) == before
    plot.assert_others_whole()


def test_owner_that_refuses_to_be_paid_holds_up_nobody(plot: Plot) -> None:
    plot.actor.puppet.setDeaf(True, {"from": plot.rehearsal.sponsor})
    with brownie.reverts("Deaf: "):
        plot.hive.claim(plot.nodes[0].number, [(plot.task, 0, 0, 0, 0)], {"from": plot.rehearsal.sponsor})
    round_ = plot.rehearsal.reach(plot.task, Phase.FINAL)
    assert phase_of(plot.hive, round_) is Phase.FINAL
    plot.assert_others_whole()
