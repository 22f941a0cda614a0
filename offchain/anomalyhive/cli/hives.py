"""The hive that a command is about, by the options that name it: a chain, and a deployment record or an address."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from web3 import Web3

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.history import first_block
from anomalyhive.chain.rpc import connect
from anomalyhive.chain.verification import deployment_at
from anomalyhive.errors import BadSetting


def open_hive(rpc: str, hive: str | None, deployment: Path | None) -> tuple[Web3, Deployment]:
    """A chain, and where a hive is on it. Raises BadSetting where that is not said once, ChainFailure."""
    if (hive is None) == (deployment is None):
        raise BadSetting("which hive: give its address in --hive, or its deployment record in --deployment")
    known = None if deployment is None else Deployment.read(deployment)
    if hive is not None and not Web3.is_address(hive):
        raise BadSetting(f"--hive {hive!r} is no address: give 0x and 40 hexadecimal digits")
    web3 = connect(rpc)
    if known is not None:
        return web3, known
    assert hive is not None
    found = deployment_at(web3, hive)
    # The token is the older one: its supply is the first event.
    return web3, replace(found, block=first_block(web3, found.token))
