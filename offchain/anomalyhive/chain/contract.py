"""What the typed clients of the contracts share: an address, an ABI, and reads that fail in words."""

from __future__ import annotations

from typing import Any

from web3 import Web3
from web3.contract.contract import Contract, ContractFunction
from web3.exceptions import BadFunctionCallOutput, ContractLogicError, Web3RPCError

from anomalyhive.chain.artifacts import artifact
from anomalyhive.chain.reverts import decode_revert
from anomalyhive.chain.rpc import answering
from anomalyhive.errors import ChainFailure


class ContractClient:
    """One deployed contract."""

    NAME = ""

    def __init__(self, web3: Web3, address: str) -> None:
        self.web3 = web3
        self.address = Web3.to_checksum_address(address)
        self._contract: Contract = web3.eth.contract(address=self.address, abi=artifact(self.NAME)["abi"])

    def call(self, function: str, *values: Any) -> ContractFunction:
        """A call of a function, to be read or sent."""
        call: ContractFunction = self._contract.get_function_by_name(function)(*values)
        return call

    def read(self, function: str, *values: Any, sender: str | None = None) -> Any:
        """What a function returns, for one that writes if ``sender`` called it. Raises Reverted or ChainFailure."""
        with answering(function):
            try:
                return self.call(function, *values).call({} if sender is None else {"from": sender})
            except (ContractLogicError, Web3RPCError) as error:
                raise decode_revert(function, error) from error
            except BadFunctionCallOutput as error:
                raise ChainFailure(
                    f"there is no {self.NAME} of this version at {self.address}: check the deployment record"
                ) from error
