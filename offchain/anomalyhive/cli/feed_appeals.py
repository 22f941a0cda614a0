"""`anomalyhive feed appeal`, `vote`, `decide` and `bonds`: how a flag is taken down, or stays."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from anomalyhive.cli.console import note
from anomalyhive.cli.feed_parts import Feed, Number, Subject, subject_of
from anomalyhive.cli.node_parts import HOME, Home, anyone_of, operator_of, owner_of
from anomalyhive.content.cid import Codec, Link, cid_text
from anomalyhive.errors import BadSetting
from anomalyhive.node.amounts import tokens
from anomalyhive.node.feeds import appealing
from anomalyhive.node.feeds.choosing import chosen_feed
from anomalyhive.node.feeds.voting import SIDES, Ballot, seat_of
from anomalyhive.node.feeds.voting import vote as step_of_vote
from anomalyhive.node.keystore import read_key
from anomalyhive.node.leaving import utc
from anomalyhive.node.passwords import PASSWORD, Passwords, ask_hidden
from anomalyhive.node.place import Place


def appeal(
    address: Subject,
    evidence: Annotated[str, typer.Option(help="A file for the store, or a digest: what speaks for the address.")],
    home: Home = HOME,
    feed: Feed = None,
) -> None:
    """Appeal against the flag of an address, with the bond of the feed's rules; it stays flagged meanwhile."""
    subject = subject_of(address)
    place = Place.of(home)
    found = chosen_feed(place, feed)
    digest = appealing.evidence_of(place, evidence)
    note(f"evidence {digest.hex()} ({cid_text(Link(digest, Codec.RAW))})")
    number = appealing.appeal(place, owner_of(place), found, subject, digest)
    if number is None:
        return
    begin, end = found.rules().times_of(found.appeal_state(number))
    note(f"this is appeal {number}: votes until {utc(begin)}, to be decided from {utc(end)} on")


def vote(
    number: Number,
    side: Annotated[Optional[str], typer.Argument(help="uphold or overturn; once it is committed it is known.")] = None,
    home: Home = HOME,
    feed: Feed = None,
) -> None:
    """Vote about an appeal from the node's seat: commit unseen, and called again when it is time, show it."""
    uphold = _side(side)
    place = Place.of(home)
    found = chosen_feed(place, feed)
    node = place.require_number()
    seat = seat_of(place.contracts.hive, found.task(), node)
    # Both files have one password, and a person types it once.
    passwords = Passwords({PASSWORD: Passwords.here().known(place.home.operator)}, ask_hidden)
    secret = read_key(place.home.salt, passwords.known(place.home.salt))
    with operator_of(place, passwords) as hand:
        for words in step_of_vote(hand, Ballot(found, number, node, seat, secret), uphold):
            note(words)


def decide(number: Number, home: Home = HOME, feed: Feed = None) -> None:
    """Have the votes of an appeal counted; anyone may, once it is time."""
    place = Place.of(home)
    found = chosen_feed(place, feed)
    with anyone_of(place) as hand:
        outcome = appealing.decide(hand, found, number)
    if outcome is not None:
        note(f"appeal {number} is {outcome.name.lower()}")


def bonds(home: Home = HOME, feed: Feed = None) -> None:
    """Fetch the bonds of appeals that were not lost, to the owner who put them up."""
    place = Place.of(home)
    found = chosen_feed(place, feed)
    owner = place.home.owner_address()
    with anyone_of(place) as hand:
        amount = appealing.fetch_bonds(hand, found, owner)
    note(f"{tokens(amount)} to {owner}" if amount else f"there is no bond of {owner} to fetch")


def _side(text: str | None) -> bool | None:
    if text is None:
        return None
    for uphold, name in SIDES.items():
        if text == name:
            return uphold
    raise BadSetting(f"SIDE {text[:40]!r} is neither uphold (the alerts are right) nor overturn")
