"""What a node's owner does: register, claim, leave, put another operator in charge."""

from __future__ import annotations

import sys
from typing import Annotated, Optional

import typer

from anomalyhive.cli.console import note
from anomalyhive.cli.node_parts import HOME, Home, anyone_of, owner_of
from anomalyhive.errors import BadSetting
from anomalyhive.node.amounts import decimal, parse_amount
from anomalyhive.node.amounts import tokens as in_tokens
from anomalyhive.node.claiming import claim_dues, unclaimed
from anomalyhive.node.home import checked_address
from anomalyhive.node.joining import join, needed_stake
from anomalyhive.node.leaving import leave
from anomalyhive.node.passwords import Passwords
from anomalyhive.node.place import Place
from anomalyhive.node.rotating import rotate


def register(
    home: Home = HOME,
    stake: Annotated[
        Optional[str], typer.Option(help="Tokens to stake; by default what the tasks of the settings ask for.")
    ] = None,
) -> None:
    """Register the node with its stake; of a registered one, set its roles and add what its stake lacks."""
    place = Place.of(home)
    amount = needed_stake(place) if stake is None else parse_amount(stake, "--stake")
    join(place, owner_of(place), amount, note)
    if number := place.number:
        note(f"this is node {number}")


def claim(home: Home = HOME) -> None:
    """Claim what the node has earned to its owner; the operator may send it where the owner's key is elsewhere."""
    place = Place.of(home)
    number = place.require_number()
    owed = unclaimed(place, number)
    if not any(dues.claims for dues in owed.values()):
        note("there is nothing to claim")
        return
    with anyone_of(place) as hand:
        claim_dues(place, hand, number, owed)
    paid = sum(dues.unclaimed for dues in owed.values())
    note(f"{in_tokens(paid)} to {place.contracts.registry.node(number).owner}")


def send(
    address: Annotated[str, typer.Argument(help="Whom to send to.")],
    home: Home = HOME,
    tokens: Annotated[Optional[str], typer.Option(help="Tokens, for a stake or an escrow.")] = None,
    coin: Annotated[Optional[str], typer.Option(help="Coin of the chain, for gas.")] = None,
) -> None:
    """Send tokens or coin from the owner to another address."""
    if tokens is None and coin is None:
        raise BadSetting("there is nothing to send: name an amount with --tokens, with --coin, or with both")
    place = Place.of(home)
    to = checked_address(address, "ADDRESS")
    wei = None if coin is None else parse_amount(coin, "--coin")
    amount = None if tokens is None else parse_amount(tokens, "--tokens")
    owner = owner_of(place)
    if wei is not None:
        owner.pay(to, wei, f"send {decimal(wei)} coin to {to}")
    if amount is not None:
        owner.do(place.contracts.token.call("transfer", to, amount), f"send {decimal(amount)} tokens to {to}")


def exit(  # noqa: A001 - the user's word
    home: Home = HOME,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask: an exit cannot be taken back.")] = False,
) -> None:
    """Leave for good: request the exit, give up all slots, and later withdraw the stake."""
    place = Place.of(home)
    number = place.require_number()
    if not place.contracts.registry.node(number).exit_at and not yes:
        if not sys.stdin.isatty():
            raise BadSetting(f"the exit of node {number} cannot be taken back: add --yes to say that it is meant")
        typer.confirm(f"Node {number} stops earning, and cannot come back. Leave?", abort=True)
    for step in leave(place, owner_of(place), number):
        note(step)


def rotate_operator(
    home: Home = HOME,
    node: Annotated[
        Optional[int], typer.Option(min=1, help="Number of the node, where the operator's key is lost.")
    ] = None,
) -> None:
    """Put a new key in charge of the daily work, in the registry and in every slot."""
    place = Place.of(home)
    with place.home.held():
        rotate(place, owner_of(place), Passwords.here(), note, node)
