"""Gas by function, read from the chain: whoever has the chain has the figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from statistics import median_low

from eth_utils.abi import function_abi_to_4byte_selector
from web3 import Web3

from anomalyhive.chain.artifacts import CONTRACTS, artifact
from anomalyhive.chain.create2 import PROXY
from anomalyhive.chain.rpc import answering

DEPLOYMENT = "deployment"
"""A transaction that makes a contract, itself or through a proxy; what they cost is in the deployment record."""


@dataclass(frozen=True)
class Spent:
    """A transaction: the function that it called and the gas that it used."""

    function: str
    gas: int


@cache
def _functions() -> Mapping[bytes, str]:
    """Selector -> function name."""
    return {
        bytes(function_abi_to_4byte_selector(entry)): str(entry["name"])
        for contract in CONTRACTS
        for entry in artifact(contract)["abi"]
        if entry["type"] == "function"
    }


def spent_on(web3: Web3, transaction: bytes) -> Spent:
    """What one transaction called and used."""
    with answering(f"transaction 0x{transaction.hex()}"):
        receipt = web3.eth.get_transaction_receipt(Web3.to_hex(transaction))
        data = bytes(web3.eth.get_transaction(Web3.to_hex(transaction))["input"])
    return spent_of(receipt["to"], data, receipt["gasUsed"])


def spent_of(target: str | None, data: bytes, gas: int) -> Spent:
    """What a transaction to ``target`` (None: it makes a contract) with this calldata called, and its gas."""
    if target in (None, PROXY):
        return Spent(DEPLOYMENT, gas)
    return Spent(_functions().get(data[:4], "other"), gas)


def by_function(spent: Iterable[Spent]) -> dict[str, dict[str, int]]:
    """Function -> min, (lower) median and max of gas, and the number of calls."""
    grouped: dict[str, list[int]] = {}
    for one in spent:
        grouped.setdefault(one.function, []).append(one.gas)
    return {
        function: {"min": min(gas), "median": median_low(gas), "max": max(gas), "calls": len(gas)}
        for function, gas in sorted(grouped.items())
    }
