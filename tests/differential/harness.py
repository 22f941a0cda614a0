"""The hive's libraries, compiled as the contracts are, and called on Anvil without being deployed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from web3 import Web3

from compiler import compile_sources

SOURCE = Path(__file__).with_name("Harness.sol")
PLACE = "0x00000000000000000000000000000000000c0de5"
GAS = 29_000_000


class Harness:
    """`harness.function(...)` is what the Solidity function returns."""

    def __init__(self, web3: Web3) -> None:
        built = compile_sources([SOURCE])["Harness"]
        self._code = built.runtime
        self._contract = web3.eth.contract(address=Web3.to_checksum_address(PLACE), abi=built.abi)

    def __getattr__(self, name: str) -> Any:
        function = self._contract.get_function_by_name(name)
        # The code stands at the address for the time of the call only.
        override: Any = {self._contract.address: {"code": self._code}}
        return lambda *values: function(*values).call({"gas": GAS}, "latest", override)
