"""`anomalyhive node init`: the folder of a new node, and what to do next."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Optional

import typer
from web3 import Web3

from anomalyhive.chain.deployment import Contracts
from anomalyhive.chain.views import Role
from anomalyhive.cli.console import heading, note, out, plain
from anomalyhive.cli.node_parts import HOME, Home
from anomalyhive.federation.coin import JOINING_GAS, OWNING_GAS, ROUND_GAS
from anomalyhive.node.amounts import decimal, tokens
from anomalyhive.node.asking import gas_price
from anomalyhive.node.home import NodeHome
from anomalyhive.node.keystore import address_in
from anomalyhive.node.making import Wanted, make_node
from anomalyhive.node.passwords import Passwords

ROUNDS = 100
"""Rounds for which the operator's coin is advised."""

HEADROOM = 3
"""The price of gas may triple before anybody runs out of coin."""


def init(
    endpoint: Annotated[list[str], typer.Option(help="RPC URL of the chain; may be repeated.")],
    deployment: Annotated[Path, typer.Option(help="Deployment record of the hive.")],
    home: Home = HOME,
    role: Annotated[Optional[list[str]], typer.Option(help="train, validate, monitor, audit; may be repeated.")] = None,
    task: Annotated[Optional[list[int]], typer.Option(help="Task to work for; may be repeated.")] = None,
    owner: Annotated[
        Optional[str], typer.Option(help="Address of an owner whose key stays in a wallet of its own.")
    ] = None,
    store: Annotated[Optional[str], typer.Option(help="directory:PATH, or the multiaddr of a Kubo daemon.")] = None,
) -> None:
    """Make a node: encrypted keys, and a file of settings with every one explained."""
    folder = NodeHome(home)
    wanted = Wanted(endpoint, deployment, role or ["train"], task or [], owner, store)
    contracts = make_node(folder, wanted, Passwords.here(), os.environ, note)
    note(f"keys in {folder.keys}, settings in {folder.config}")
    operator, paying = address_in(folder.operator), folder.owner_address()
    _show_funding(contracts, wanted, operator, paying)
    _show_next(folder, wanted)


def _show_funding(contracts: Contracts, wanted: Wanted, operator: str, owner: str) -> None:
    """Who needs what: coin at today's price of gas, tokens as the tasks ask for."""
    price = HEADROOM * gas_price(contracts.hive.web3)
    round_ = max((ROUND_GAS.get(role, 0) for role in Role if role.name.lower() in wanted.roles), default=0)
    stakes = {task: contracts.hive.task(task).config.min_stake for task in wanted.tasks}
    heading("What to fund")
    _line("owner", owner, f"{decimal(OWNING_GAS * price)} coin for gas")
    if stakes:
        dearest = max(stakes, key=lambda one: stakes[one])
        _line("", "", f"{tokens(stakes[dearest])} of {contracts.token.address} as stake, as task {dearest} asks for")
    else:
        _line("", "", f"tokens of {contracts.token.address} as stake: `anomalyhive task status` says how many")
    gas = JOINING_GAS + ROUNDS * round_
    _line("operator", operator, f"{decimal(gas * price)} coin for gas, enough for about {ROUNDS} rounds")


def _line(who: str, address: str, what: str) -> None:
    out.print(plain(f"  {who:<10}{Web3.to_checksum_address(address) if address else '':<44}{what}"), soft_wrap=True)


def _show_next(folder: NodeHome, wanted: Wanted) -> None:
    heading("Next")
    steps = [
        f"keep copies of {folder.keys} and of the passwords elsewhere: nobody can make them again",
        *(() if wanted.tasks else (f"name the tasks to work for in {folder.config}",)),
        f"anomalyhive node register --home {folder.root}",
        f"anomalyhive node run --home {folder.root}",
        f"anomalyhive doctor --home {folder.root}      when it does not earn",
    ]
    for number, step in enumerate(steps, 1):
        out.print(plain(f"  {number}. {step}"), soft_wrap=True)
