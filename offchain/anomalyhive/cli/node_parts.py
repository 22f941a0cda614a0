"""What the commands of a node share: its home as an option, its owner's hand, and how both are shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from web3 import Web3

from anomalyhive.chain.fees import FeeLimits
from anomalyhive.cli.console import note, out, plain
from anomalyhive.node.hands import Hand, Unsigned, Words, operator_hand, owner_hand
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


@contextmanager
def operator_of(place: Place, passwords: Passwords | None = None) -> Iterator[Hand]:
    """The operator's hand, through the node's journal. Raises BadSetting or KeyInUse while the node runs."""
    config, passwords = place.config, passwords or Passwords.here()
    limits, words = FeeLimits(config.max_fee_wei, config.max_tip_wei), Words(note, show_unsigned)
    with operator_hand(place.home, place.web3, config.chain_id, limits, passwords, words) as hand:
        yield hand


@contextmanager
def anyone_of(place: Place) -> Iterator[Hand]:
    """For what anyone may do: the owner's hand if its key is here, else the operator's."""
    if place.home.owner.exists():
        yield owner_of(place)
        return
    with operator_of(place) as hand:
        yield hand


def show_unsigned(one: Unsigned) -> None:
    """A transaction for another wallet."""
    out.print(plain(f"\nTo sign: {one.words}", "bold"), soft_wrap=True)
    parts = {"chain": one.chain_id, "from": one.sender, "to": one.to, "value": one.value, "data": one.data}
    for name, value in parts.items():
        out.print(plain(f"  {name:<6}{value}"), soft_wrap=True)
