"""Numbers that an endpoint says, looked at before they are used: an endpoint is a stranger."""

from __future__ import annotations

from collections.abc import Callable

from web3 import Web3

from anomalyhive.chain.rpc import answering
from anomalyhive.errors import ChainFailure

WORD = 1 << 256
"""No number of a chain is larger."""


def asked(what: str, ask: Callable[[], object]) -> int:
    """The integer that an endpoint answers. Raises ChainFailure for anything else."""
    with answering(what):
        value = ask()
    if type(value) is not int or not 0 <= value < WORD:
        raise ChainFailure(f"the chain's answer to {what} is no number: see whether the endpoint is of the right kind")
    return value


def base_fee(web3: Web3) -> int:
    """The base fee of the latest block in wei for a unit of gas, 0 where the chain has none."""
    return asked("eth_getBlockByNumber", lambda: web3.eth.get_block("latest").get("baseFeePerGas") or 0)


def block_time(web3: Web3) -> int:
    """The time of the latest block, in unix seconds."""
    return asked("eth_getBlockByNumber", lambda: web3.eth.get_block("latest")["timestamp"])


def coin_of(web3: Web3, address: str) -> int:
    """The coin of an address, in wei."""
    return asked(f"the balance of {address}", lambda: web3.eth.get_balance(Web3.to_checksum_address(address)))


def gas_price(web3: Web3) -> int:
    """What a unit of gas costs now, in wei."""
    return asked("eth_gasPrice", lambda: web3.eth.gas_price)
