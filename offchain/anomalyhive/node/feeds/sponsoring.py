"""A feed from its sponsor's side: made, funded, and its escrow taken back."""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils.crypto import keccak

from anomalyhive.chain.create2 import SALT
from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_deployment import FeedPlan
from anomalyhive.chain.feed_record import Known, remember
from anomalyhive.chain.feed_views import MOST_POSTS, Rules
from anomalyhive.chain.history import first_block
from anomalyhive.errors import BadSetting, ChainFailure, Failure
from anomalyhive.node.amounts import tokens
from anomalyhive.node.hands import Hand
from anomalyhive.node.place import Place
from anomalyhive.node.sponsoring import approve

DAY = 24 * 3600
MOST = (1 << 96) - 1
"""1e-18 tokens that a rule can hold."""

RANGES = {
    "posts": (1, MOST_POSTS),
    "categories": (1, 255),
    "longest_seconds": (1, 400 * DAY),
    "vote_seconds": (1, 30 * DAY),
    "reveal_seconds": (1, 30 * DAY),
}
"""What the contract takes, as docs/alerts.md has it; the other rules hang on these and on the task."""


def check_rules(rules: Rules, seats: int) -> None:
    """Raise BadSetting for rules that a contract of a task with so many seats refuses, naming the option."""
    ranges = {
        **RANGES,
        "quorum": (1, rules.posts),
        "stand_seconds": (0, rules.longest_seconds),
        **dict.fromkeys(("min_stake", "reward", "bond"), (0, MOST)),
    }
    for name, (least, most) in ranges.items():
        value = getattr(rules, name)
        if not least <= value <= most:
            money = least == 0 and most == MOST
            said = tokens(value) if money else value
            limits = f"more than {tokens(most)}" if money else f"outside {least} to {most}"
            raise BadSetting(f"--{name.replace('_', '-')} {said} is {limits}")
    if rules.vote_reward * seats > rules.bond:
        raise BadSetting(
            f"--vote-reward {tokens(rules.vote_reward)} for each of {seats} seats is more than --bond "
            f"{tokens(rules.bond)}: an appeal would pay the validators whom it calls"
        )


@dataclass(frozen=True)
class Made:
    """A feed that is there; ``new``: by this call."""

    feed: FeedClient
    new: bool


def deploy(place: Place, hand: Hand, task: int, rules: Rules, number: int = 0) -> Made | None:
    """Make a feed of a task, unless it is there, and write it down; None where another wallet is to sign first.

    ``number`` tells feeds of one task with the same rules apart.
    """
    check_rules(rules, place.contracts.hive.task(task).config.seats)
    web3, plan = place.web3, FeedPlan(place.deployment.hive, task, rules, salt_of(number))
    new = not plan.is_there(web3)
    if new:
        plan.check(web3, hand.address)
        mined = hand.do(plan.call(web3), f"make a feed of task {task} at {plan.address}")
        if mined is None:
            return None
        if not plan.is_there(web3):
            raise ChainFailure(f"block {mined.block} was to make a feed, and none is at {plan.address}: try again")
        block = mined.block
    else:
        block = first_block(web3, plan.address)
    remember(place.config.deployment, place.deployment, Known(plan.address, task, block, plan.salt, rules))
    return Made(FeedClient(web3, plan.address, block), new)


def salt_of(number: int) -> bytes:
    """The salt of a task's feed: that of all deployments, or another."""
    return SALT if number == 0 else keccak(SALT + number.to_bytes(32, "big"))


def fund(place: Place, hand: Hand, feed: FeedClient, amount: int) -> None:
    """Put tokens into a feed's escrow."""
    if not 0 < amount < 1 << 128:
        raise BadSetting(f"AMOUNT {tokens(amount)} is nothing that an escrow can take: give more than 0")
    approve(place.contracts.token, hand, feed.address, amount, "the feed")
    hand.do(feed.call("fund", amount), f"put {tokens(amount)} into the feed's escrow")


def withdraw(place: Place, hand: Hand, feed: FeedClient, amount: int | None) -> int:
    """Take escrow back that nothing has locked, all of it by default; the amount."""
    task = feed.task()
    sponsor, free = place.contracts.hive.task(task).sponsor, feed.escrow()
    if sponsor != hand.address:
        raise Failure(f"task {task} is sponsored by {sponsor}, and this is {hand.address}")
    wanted = free if amount is None else amount
    if not 0 < wanted <= free:
        raise Failure(
            f"the feed has {tokens(free)} in escrow that nothing has locked, and {tokens(wanted)} cannot be taken back"
        )
    hand.do(feed.call("withdrawEscrow", wanted), f"take {tokens(wanted)} back out of the feed's escrow")
    return wanted
