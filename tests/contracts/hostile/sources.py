"""The Solidity of this folder, as Brownie's own contracts are used: `sources["Levy"].deploy(...)`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import brownie

from compiler import Compiled, compile_sources


class Source:
    """A contract that is not of the project's: deployed by an account, known to Brownie by its ABI."""

    def __init__(self, built: Compiled) -> None:
        self.built = built

    def deploy(self, *arguments: Any) -> Any:
        """The last argument is {"from": account}, as for Brownie's containers."""
        *values, options = arguments
        factory = brownie.web3.eth.contract(abi=self.built.abi, bytecode=self.built.bytecode)
        data = factory.constructor(*(getattr(one, "address", one) for one in values)).data_in_transaction
        made = options["from"].transfer(data=data)
        return brownie.Contract.from_abi(self.built.name, made.contract_address, self.built.abi, persist=False)


@cache
def sources() -> dict[str, Source]:
    """Name -> contract; compiled once a session."""
    files = sorted(Path(__file__).parent.glob("*.sol"))
    # Ledger and IHook are parts of others.
    return {name: Source(built) for name, built in compile_sources(files).items() if len(built.bytecode) > 2}
