"""`anomalyhive feed deploy`, `fund` and `withdraw`: what a sponsor does with a feed."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from anomalyhive.chain.feed_record import place_of
from anomalyhive.chain.feed_views import Rules
from anomalyhive.cli.console import heading, note, out, plain
from anomalyhive.cli.feed_parts import Feed
from anomalyhive.cli.node_parts import HOME, Home, owner_of
from anomalyhive.node.amounts import decimal, parse_amount, tokens
from anomalyhive.node.feeds import sponsoring
from anomalyhive.node.feeds.choosing import chosen_feed
from anomalyhive.node.place import Place

DAY = sponsoring.DAY


def deploy(
    task: Annotated[int, typer.Argument(min=1, help="Number of the task.")],
    home: Home = HOME,
    posts: Annotated[int, typer.Option(help="Places for monitors.")] = 8,
    quorum: Annotated[int, typer.Option(help="So many live alerts flag an address.")] = 3,
    categories: Annotated[int, typer.Option(help="Kinds of behaviour; 0 is unknown.")] = 16,
    longest_seconds: Annotated[int, typer.Option(help="Longest life of an alert without renewal.")] = 30 * DAY,
    stand_seconds: Annotated[int, typer.Option(help="How long an alert must stand to be paid.")] = 7 * DAY,
    vote_seconds: Annotated[int, typer.Option(help="How long validators may commit votes.")] = 3 * DAY,
    reveal_seconds: Annotated[int, typer.Option(help="How long they may then show them.")] = DAY,
    min_stake: Annotated[str, typer.Option(help="Tokens that a monitor's node must stake.")] = "1000",
    reward: Annotated[str, typer.Option(help="Tokens for an alert that stood.")] = "1",
    vote_reward: Annotated[str, typer.Option(help="Tokens for a vote with the majority.")] = "1",
    bond: Annotated[str, typer.Option(help="Tokens that an appeal costs if it is lost.")] = "25",
    number: Annotated[int, typer.Option(min=0, help="Another one of the same task with the same rules.")] = 0,
) -> None:
    """Make a feed of a task, under rules that never change; run again, it finds the one that it made."""
    place = Place.of(home)
    rules = Rules(
        posts=posts,
        quorum=quorum,
        categories=categories,
        longest_seconds=longest_seconds,
        stand_seconds=stand_seconds,
        vote_seconds=vote_seconds,
        reveal_seconds=reveal_seconds,
        min_stake=parse_amount(min_stake, "--min-stake"),
        reward=parse_amount(reward, "--reward"),
        vote_reward=parse_amount(vote_reward, "--vote-reward"),
        bond=parse_amount(bond, "--bond"),
    )
    made = sponsoring.deploy(place, owner_of(place), task, rules, number)
    if made is None:
        note("sign this, then call the same command again: it writes down where the feed is")
        return
    note(f"the feed of task {task} is at {made.feed.address}{' now' if made.new else ' already'}")
    note(f"written down in {place_of(place.config.deployment)}")
    heading("Next")
    where, hundred = f"--feed {made.feed.address} --home {home}", decimal(100 * rules.reward).replace(",", "")
    steps = [f"anomalyhive feed status {where}      who watches, and what it has"]
    if rules.reward:
        steps.insert(0, f"anomalyhive feed fund {hundred} {where}      for 100 alerts")
    for step in steps:
        out.print(plain(f"  {step}"), soft_wrap=True)


def fund(
    amount: Annotated[str, typer.Argument(help="Tokens to put into the escrow.")], home: Home = HOME, feed: Feed = None
) -> None:
    """Put tokens into a feed's escrow, out of which alerts and votes are paid; anyone may."""
    place = Place.of(home)
    found = chosen_feed(place, feed)
    sponsoring.fund(place, owner_of(place), found, parse_amount(amount, "AMOUNT"))
    note(f"the feed has {tokens(found.escrow())} in escrow")


def withdraw(
    amount: Annotated[Optional[str], typer.Argument(help="Tokens to take back; all by default.")] = None,
    home: Home = HOME,
    feed: Feed = None,
) -> None:
    """Take escrow back that nothing has locked; for the task's sponsor alone."""
    place = Place.of(home)
    found = chosen_feed(place, feed)
    wanted = None if amount is None else parse_amount(amount, "AMOUNT")
    sponsoring.withdraw(place, owner_of(place), found, wanted)
    note(f"the feed has {tokens(found.escrow())} in escrow that nothing has locked")
