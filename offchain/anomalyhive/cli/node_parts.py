"""What the commands of a node share: its home as an option, its owner's hand, and how both are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from web3 import Web3

from anomalyhive.cli.console import note, out, plain
from anomalyhive.node.hands import Hand, Unsigned, Words, owner_hand
from anomalyhive.node.home import DEFAULT_HOME, HOME_VARIABLE
from anomalyhive.node.passwords import Passwords
from anomalyhive.node.place import Place

Home = Annotated[Path, typer.Option("--home", envvar=HOME_VARIABLE, help="Folder of the node.")]
HOME = DEFAULT_HOME


def owner_of(place: Place) -> Hand:
    """The owner's hand; what it does is shown, and what another wallet is to sign as well."""
    return hand_of(place, place.web3)


def hand_of(place: Place, web3: Web3) -> Hand:
    """As `owner_of`, through a connection."""
    config = place.config
    return owner_hand(
        place.home, web3, config.chain_id, config.max_fee_wei, Passwords.here(), Words(note, show_unsigned)
    )


def show_unsigned(one: Unsigned) -> None:
    """A transaction for another wallet."""
    out.print(plain(f"\nTo sign: {one.words}", "bold"), soft_wrap=True)
    parts = {"chain": one.chain_id, "from": one.sender, "to": one.to, "value": one.value, "data": one.data}
    for name, value in parts.items():
        out.print(plain(f"  {name:<6}{value}"), soft_wrap=True)
