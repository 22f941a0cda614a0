"""The hive's libraries, compiled as the contracts are, and called on Anvil without being deployed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from web3 import Web3

from anomalyhive.chain.localchain import PROJECT_ROOT

SOLC = PROJECT_ROOT / ".toolchain" / "solc" / "solc-v0.8.30"
SOURCE = Path(__file__).with_name("Harness.sol")
PLACE = "0x00000000000000000000000000000000000c0de5"
GAS = 29_000_000


def compiled() -> tuple[list[dict[str, Any]], str]:
    """ABI and runtime bytecode, by the settings of brownie-config.yaml."""
    files = [*sorted((PROJECT_ROOT / "contracts").rglob("*.sol")), SOURCE]
    task = {
        "language": "Solidity",
        "sources": {str(one.relative_to(PROJECT_ROOT)): {"content": one.read_text()} for one in files},
        "settings": {
            "optimizer": {"enabled": True, "runs": 200},
            "viaIR": True,
            "evmVersion": "shanghai",
            "remappings": ["@openzeppelin=node_modules/@openzeppelin"],
            "outputSelection": {
                str(SOURCE.relative_to(PROJECT_ROOT)): {"Harness": ["abi", "evm.deployedBytecode.object"]}
            },
        },
    }
    done = subprocess.run(
        [str(SOLC), "--standard-json"],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT_ROOT,
    )
    answer = json.loads(done.stdout)
    errors = [one["formattedMessage"] for one in answer.get("errors", []) if one["severity"] == "error"]
    assert not errors, "\n".join(errors)
    built = answer["contracts"][str(SOURCE.relative_to(PROJECT_ROOT))]["Harness"]
    return built["abi"], "0x" + built["evm"]["deployedBytecode"]["object"]


class Harness:
    """`harness.function(...)` is what the Solidity function returns."""

    def __init__(self, web3: Web3) -> None:
        abi, self._code = compiled()
        self._contract = web3.eth.contract(address=Web3.to_checksum_address(PLACE), abi=abi)

    def __getattr__(self, name: str) -> Any:
        function = self._contract.get_function_by_name(name)
        # The code stands at the address for the time of the call only.
        override: Any = {self._contract.address: {"code": self._code}}
        return lambda *values: function(*values).call({"gas": GAS}, "latest", override)
