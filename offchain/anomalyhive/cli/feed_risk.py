"""`anomalyhive feed risk` and `alerts`: what a feed says of an address, and of which addresses it says anything."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from typing import Annotated, Any

import typer

from anomalyhive.chain.feed_views import Entry, Risk
from anomalyhive.chain.folding import seats_of
from anomalyhive.cli.console import frame, heading, note, whole
from anomalyhive.cli.feed_parts import Feed, Subject, percent, subject_of
from anomalyhive.cli.node_parts import HOME, Home
from anomalyhive.node.feeds.choosing import chosen_feed
from anomalyhive.node.leaving import utc
from anomalyhive.node.place import Place

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def risk(address: Subject, home: Home = HOME, feed: Feed = None, json: Json = False) -> None:
    """What the feed says of an address now, and which monitors say it."""
    subject = subject_of(address)
    found = chosen_feed(Place.of(home), feed)
    said, now, quorum = found.risk_of(subject), found.now(), found.rules().quorum
    entries = {post: found.alert_of(subject, post) for post in sorted(seats_of(found.posts_on(subject)))}
    live = {post: one for post, one in entries.items() if one.expiry > now and not found.term_end(one.term)}
    if json:
        typer.echo(json_module.dumps({"address": subject, **_as_json(said), "alerts": _rows(live)}, indent=2))
        return
    heading(f"{subject} is {'flagged' if said.flagged else 'not flagged'}")
    note(f"live alerts: {said.monitors}; {quorum} flag an address")
    if said.monitors:
        note(f"probability {percent(said.probability)}, category {said.category}, model {said.model.hex()}")
    if said.flagged:
        note(f"a quorum of the alerts lives until {utc(said.expiry)}")
    if said.appealed:
        note(f"appeal {found.appeal_on(subject)} is open; it stays flagged until that is decided")
    if live:
        table = frame(("post",), ("node", "probability", "category", "round", "since", "expires"))
        for post, one in live.items():
            words = (one.node, percent(one.probability), one.category, one.round, utc(one.since), utc(one.expiry))
            table.add_row(str(post), *map(str, words))
        whole(table)


def alerts(
    home: Home = HOME,
    feed: Feed = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The latest so many addresses.")] = 50,
    flagged: Annotated[bool, typer.Option("--flagged", help="Only addresses that are flagged.")] = False,
    json: Json = False,
) -> None:
    """Addresses with live alerts, the latest first."""
    found = chosen_feed(Place.of(home), feed)
    latest: dict[str, int] = {}
    for subject, _, entry in found.book().live(found.now()):
        latest[subject] = max(latest.get(subject, 0), entry.since)
    said: dict[str, Risk] = {}
    for subject in sorted(latest, key=lambda one: (-latest[one], one)):
        if len(said) == limit:
            break
        risk = found.risk_of(subject)
        if risk.flagged or not flagged:
            said[subject] = risk
    if json:
        typer.echo(json_module.dumps([{"address": one, **_as_json(risk)} for one, risk in said.items()], indent=2))
        return
    note(f"addresses with live alerts: {len(latest)}" + (f", shown: {len(said)}" if len(said) != len(latest) else ""))
    if said:
        table = frame(("address", "state"), ("monitors", "probability", "category", "latest"))
        for subject, risk in said.items():
            state = ("flagged" if risk.flagged else "too few") + (", appealed" if risk.appealed else "")
            words = (risk.monitors, percent(risk.probability), risk.category, utc(latest[subject]))
            table.add_row(subject, state, *map(str, words))
        whole(table)


def _as_json(risk: Risk) -> dict[str, Any]:
    return {**asdict(risk), "model": risk.model.hex()}


def _rows(entries: dict[int, Entry]) -> list[dict[str, Any]]:
    return [{"post": post, **asdict(entry)} for post, entry in entries.items()]
