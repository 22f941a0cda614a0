"""Tokens that cheat, and callers that call back, gain nothing from an alert feed and hold nothing up (P16, P19)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import brownie
import pytest
from actor import Actor, Call, Moment, call
from bystanders import Bystanders, Founding
from clock import Clock
from probing import Prober
from refusals import refused
from watch import BAD, EVIDENCE, FUNDS, MONITOR, RULES, UPHELD, Watch, named, subject

from rehearsal import TOKEN

AMOUNT = 1000 * TOKEN

SHORT: Mapping[str, tuple[str, tuple[Any, ...], int]] = {
    "a fee of what arrives": ("Levy", (100, False), 99),
    "a fee of all that arrives": ("Levy", (10_000, False), 0),
    "a lie": ("Liar", (0,), 0),
    "more than was asked for": ("Liar", (200,), 200),
}
"""The token, how it is set, and the per cent that arrives."""


def watching(found: Founding, container: Any, token: str) -> Watch:
    """A feed on such a token, which behaves so far: a quorum at its posts, escrow, and one seat that judges."""
    rehearsal = found(token)
    if token == "Liar":
        rehearsal.token.set(100, {"from": rehearsal.sponsor})
    others = Bystanders.settled(rehearsal)
    others.play(rehearsal)
    monitors = [rehearsal.register(MONITOR) for _ in range(3)]
    watch = Watch(container, rehearsal, others.task, monitors, Clock(brownie.web3))
    watch.man(range(2))
    watch.feed.fund(FUNDS, watch.anyone)
    return watch


# What comes in


@pytest.fixture(scope="module", params=SHORT)
def short(found: Founding, AlertFeed: Any, request: pytest.FixtureRequest) -> tuple[Watch, int]:
    """A feed with money and a flag in it whose token begins to cheat then; per cent that arrive."""
    name, setting, percent = SHORT[request.param]
    watch = watching(found, AlertFeed, name)
    watch.flag()
    watch.token.set(*setting, watch.anyone)
    return watch, percent


def test_deposit_in_which_another_amount_arrives_is_refused(short: tuple[Watch, int]) -> None:
    watch, percent = short
    with refused("WrongTransfer", AMOUNT * percent // 100, AMOUNT):
        watch.feed.fund(AMOUNT, watch.anyone)
    with refused("WrongTransfer", RULES.bond * percent // 100, RULES.bond):
        watch.appeal()
    assert (watch.feed.appealCount(), watch.feed.appealOn(BAD), watch.surplus()) == (0, 0, 0)


def test_deposit_for_which_the_token_returns_false_is_refused(found: Founding, AlertFeed: Any, stranger: Any) -> None:
    watch = watching(found, AlertFeed, "Nay")
    watch.flag()
    for refusing in (lambda by: watch.feed.fund(1, by), lambda by: watch.feed.appeal(BAD, EVIDENCE, by)):
        with refused("SafeERC20FailedOperation", watch.token.address):
            refusing({"from": stranger})
    assert watch.surplus() == 0


def test_vault_refuses_a_deposit_that_does_not_arrive(short: tuple[Watch, int], GuardedVault: Any) -> None:
    watch, percent = short
    vault = GuardedVault.deploy(watch.token, watch.feed, 1, watch.anyone)
    watch.token.approve(vault, AMOUNT, watch.anyone)
    with refused("WrongTransfer", AMOUNT * percent // 100, AMOUNT):
        vault.deposit(AMOUNT, watch.anyone)
    assert vault.balanceOf(watch.rehearsal.sponsor) == 0


# What is burned


@pytest.mark.parametrize(
    ("manner", "kept"), [(0, 0), (2, 1), (3, 1), (5, 1)], ids=["proper", "refuse", "exhaust", "flood"]
)
def test_bond_that_the_token_does_not_burn_holds_nothing_up(
    found: Founding, AlertFeed: Any, manner: int, kept: int
) -> None:
    watch = watching(found, AlertFeed, "Cinder")
    watch.flag()
    number = watch.appeal()
    watch.vote(number, {0: True})
    watch.token.set(manner, 1_000_000, watch.anyone)
    watch.feed.decide(number, watch.anyone)
    assert named(watch.feed.appealState(number))["outcome"] == UPHELD
    assert (watch.feed.unburned(), watch.feed.bonds(watch.rehearsal.sponsor)) == (kept * RULES.bond, 0)
    assert watch.surplus() == 0


def test_bond_of_a_token_without_a_burn_stays_and_is_nobodys(found: Founding, AlertFeed: Any) -> None:
    watch = watching(found, AlertFeed, "Mute")
    watch.flag()
    watch.decide(watch.appeal(), {0: True})
    assert (watch.feed.unburned(), watch.surplus()) == (RULES.bond, 0)


def test_nobody_keeps_a_bond_from_burning_by_too_little_gas(found: Founding, AlertFeed: Any, accounts: Any) -> None:
    watch = watching(found, AlertFeed, "Plain")
    watch.flag()
    number = watch.appeal()
    watch.vote(number, {0: True})
    prober = Prober(accounts[0])
    decide, looks = call(watch.feed.decide, number), [call(watch.feed.unburned)]
    least = prober.least(decide)
    sights = list(prober.sweep(decide, looks, range(least - 40_000, least + 2_000, 100)))
    assert {sight.answers is not None for sight in sights} == {True, False}
    assert all(sight.word(0, 0) == 0 for sight in sights if sight.answers is not None)


# Who calls back


class Plot:
    """A contract that appeals and funds while the token calls it, beside others' money in a feed."""

    def __init__(self, found: Founding, container: Any) -> None:
        self.watch = watching(found, container, "Hooked")
        self.actor = Actor.born(self.watch.rehearsal.sponsor)
        watch = self.watch
        watch.token.set(self.actor.address, self.actor.address, watch.anyone)
        watch.token.transfer(self.actor.address, AMOUNT, watch.anyone)
        self.actor.act(watch.token.approve, watch.feed, 2**255)
        for about in (BAD, subject(2)):
            watch.flag(about)
        # A bond that came back, to be fetched at the wrong moment.
        watch.flag(subject(3))
        self.actor.act(watch.feed.appeal, subject(3), EVIDENCE)
        watch.decide(1, {})

    @property
    def wealth(self) -> int:
        """All that is the contract's."""
        return int(self.watch.token.balanceOf(self.actor.address)) + int(self.watch.feed.bonds(self.actor.address))


@pytest.fixture(scope="module")
def plot(found: Founding, AlertFeed: Any) -> Plot:
    """The contract has tokens, and a bond in the feed; two subjects are flagged."""
    return Plot(found, AlertFeed)


CALLED: Mapping[str, Callable[[Plot], Call]] = {
    "fetch a bond": lambda p: call(p.watch.feed.fetchBonds, p.actor.address),
    "fund": lambda p: call(p.watch.feed.fund, 1),
    "appeal": lambda p: call(p.watch.feed.appeal, subject(2), EVIDENCE),
}
DRIFT = {"fetch a bond": -RULES.bond, "fund": 1, "appeal": RULES.bond}
"""What is called while a deposit is under way, and by how much the feed's balance is wrong then."""


@pytest.mark.parametrize("name", CALLED)
def test_deposit_into_which_money_flows_otherwise_is_refused(plot: Plot, name: str) -> None:
    feed, wealth = plot.watch.feed, plot.wealth
    for method, values, amount in (
        (feed.fund, (AMOUNT // 2,), AMOUNT // 2),
        (feed.appeal, (BAD, EVIDENCE), RULES.bond),
    ):
        plot.actor.plan(Moment.SENDING, CALLED[name](plot))
        with refused("WrongTransfer", amount + DRIFT[name], amount):
            plot.actor.act(method, *values)
    assert (plot.wealth, plot.watch.surplus()) == (wealth, 0)


def test_bond_is_fetched_once_by_who_calls_back(plot: Plot) -> None:
    wealth = plot.wealth
    plot.actor.plan(Moment.RECEIVED, CALLED["fetch a bond"](plot))
    plot.actor.act(plot.watch.feed.fetchBonds, plot.actor.address)
    assert plot.actor.outcome == (1, 0)
    assert (plot.wealth, plot.watch.surplus()) == (wealth, 0)


def test_decision_is_made_once_by_who_is_called_at_the_burn(plot: Plot) -> None:
    watch = plot.watch
    number = watch.appeal()
    watch.vote(number, {0: True})
    watch.token.setWitness(plot.actor.address, watch.anyone)
    again = [call(watch.feed.decide, number), call(watch.feed.appeal, BAD, EVIDENCE)]
    plot.actor.plan(Moment.BEFORE_BURN, *again)
    watch.feed.decide(number, watch.anyone)
    assert plot.actor.outcome == (2, 0)
    assert (watch.feed.appealCount(), watch.surplus()) == (number, 0)


def test_owner_that_cannot_receive_holds_up_itself_alone(found: Founding, AlertFeed: Any) -> None:
    watch = watching(found, AlertFeed, "Bouncer")
    start = watch.flag()
    zero, one = watch.monitors[:2]
    watch.token.set(zero.owner, True, watch.anyone)
    for post in (0, 1):
        watch.settle(post, at=start + RULES.stand_seconds + 5 + post)
    with refused("Barred", zero.owner):
        watch.feed.claim(zero.number, watch.anyone)
    watch.feed.claim(one.number, watch.anyone)
    watch.token.set(zero.owner, False, watch.anyone)
    watch.feed.claim(zero.number, watch.anyone)
    assert (watch.owed(0), watch.owed(1), watch.surplus()) == (0, 0, 0)
