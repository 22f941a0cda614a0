"""`anomalyhive feed status`: how a feed gets on, for anyone."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict, dataclass
from typing import Annotated, Any

import typer

from anomalyhive.chain.feed import FeedClient
from anomalyhive.chain.feed_views import Appeal, Monitor, Outcome, Rules, Standing
from anomalyhive.cli.console import frame, heading, note, whole
from anomalyhive.cli.feed_parts import Feed
from anomalyhive.cli.node_parts import HOME, Home
from anomalyhive.node.amounts import decimal, tokens
from anomalyhive.node.feeds.choosing import chosen_feed
from anomalyhive.node.leaving import lasting, utc
from anomalyhive.node.place import Place
from anomalyhive.texts import counted

SHOWN = 10
"""Latest appeals."""


@dataclass(frozen=True)
class Watching:
    """A post that is held: what became of its holder's alerts, and what the holder can claim, in 1e-18 tokens."""

    post: int
    monitor: Monitor
    standing: Standing
    owed: int


def status(
    home: Home = HOME, feed: Feed = None, json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Rules, money, who watches and how they did, and the latest appeals."""
    found = chosen_feed(Place.of(home), feed)
    rules, count = found.rules(), found.appeal_count()
    watching = _watching(found, rules)
    appeals = {number: found.appeal_state(number) for number in range(count, max(count - SHOWN, 0), -1)}
    if json:
        typer.echo(json_module.dumps(_as_json(found, rules, watching, appeals), indent=2))
        return
    _show_rules(found, rules)
    table = frame(("post", "operator"), ("node", "posted", "stood", "taken back", "overturned", "to be claimed"))
    for one in watching:
        was = one.standing
        counts = (one.monitor.node, was.posted, was.stood, was.retracted, was.overturned)
        table.add_row(str(one.post), one.monitor.operator, *map(str, counts), decimal(one.owed))
    heading(f"{len(watching)} of {rules.posts} posts are held")
    if watching:
        whole(table)
    if appeals:
        _show_appeals(rules, appeals, found.now())


def state_of(appeal: Appeal, rules: Rules, now: int) -> str:
    """How far an appeal is, in words."""
    begin, end = rules.times_of(appeal)
    if appeal.outcome is not Outcome.OPEN:
        return appeal.outcome.name.lower()
    if now < begin:
        return f"votes until {utc(begin)}"
    return f"votes are shown until {utc(end)}" if now < end else "to be decided"


def _watching(feed: FeedClient, rules: Rules) -> list[Watching]:
    monitors = {post: feed.post(post) for post in range(rules.posts)}
    return [
        Watching(post, one, feed.standing_of(one.node), feed.owed(one.node))
        for post, one in monitors.items()
        if one.node
    ]


def _show_rules(feed: FeedClient, rules: Rules) -> None:
    heading(f"Feed {feed.address} of task {feed.task()}")
    flag = counted(rules.quorum, "monitor flags", "monitors flag")
    note(f"{flag} an address, of at most {rules.posts}; stake: {tokens(rules.min_stake)}")
    note(f"escrow: {tokens(feed.escrow())}; locked for alerts and votes: {tokens(feed.locked())}")
    stand, longest = lasting(rules.stand_seconds), lasting(rules.longest_seconds)
    note(f"an alert earns {tokens(rules.reward)} once it stood for {stand}, and lives for {longest} at most")
    vote, reveal = lasting(rules.vote_seconds), lasting(rules.reveal_seconds)
    note(f"an appeal costs {tokens(rules.bond)} if it is lost; votes earn {tokens(rules.vote_reward)} each")
    note(f"votes are committed for {vote} and shown for {reveal}; categories: {rules.categories}")


def _show_appeals(rules: Rules, appeals: dict[int, Appeal], now: int) -> None:
    table = frame(("appeal", "about", "state"), ("votes", "for the alerts", "against"))
    for number, one in appeals.items():
        sides = (one.committed, one.upholding, one.overturning)
        table.add_row(str(number), one.subject, state_of(one, rules, now), *(str(side.bit_count()) for side in sides))
    heading("Appeals")
    whole(table)


def _as_json(feed: FeedClient, rules: Rules, watching: list[Watching], appeals: dict[int, Appeal]) -> dict[str, Any]:
    money = ("min_stake", "reward", "vote_reward", "bond")
    return {
        "feed": feed.address,
        "hive": feed.hive(),
        "task": feed.task(),
        "rules": {name: str(n) if name in money else n for name, n in asdict(rules).items()},
        "escrow": str(feed.escrow()),
        "locked": str(feed.locked()),
        "unburned": str(feed.unburned()),
        "posts": [
            {
                "post": one.post,
                "node": one.monitor.node,
                "operator": one.monitor.operator,
                **asdict(one.standing),
                "unclaimed": str(one.owed),
            }
            for one in watching
        ],
        "appeals": [
            {
                "appeal": number,
                "subject": one.subject,
                "appellant": one.appellant,
                "outcome": one.outcome.name.lower(),
                **dict(zip(("shown_from", "decided_from"), rules.times_of(one), strict=True)),
                "committed": one.committed.bit_count(),
                "upholding": one.upholding.bit_count(),
                "overturning": one.overturning.bit_count(),
            }
            for number, one in appeals.items()
        ],
    }
