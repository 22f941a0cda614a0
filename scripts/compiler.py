"""Solidity that stands beside the contracts, compiled as the contracts are: what tests call and deploy of their own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anomalyhive.chain.localchain import PROJECT_ROOT

SOLC = PROJECT_ROOT / ".toolchain" / "solc" / "solc-v0.8.30"

SETTINGS: Mapping[str, Any] = {
    "optimizer": {"enabled": True, "runs": 200},
    "viaIR": True,
    "evmVersion": "shanghai",
    "remappings": ["@openzeppelin=node_modules/@openzeppelin"],
}
"""Those of brownie-config.yaml."""


@dataclass(frozen=True)
class Compiled:
    """A contract: its ABI, what deploys it, and what stands on chain then (hexadecimal with 0x)."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    runtime: str


def compile_sources(files: Sequence[Path]) -> dict[str, Compiled]:
    """Name -> contract; each file has one unit, named as the file, and may import the project's contracts."""
    known = {_unit(file): file for file in [*sorted((PROJECT_ROOT / "contracts").rglob("*.sol")), *files]}
    outputs = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]
    task = {
        "language": "Solidity",
        "sources": {unit: {"content": file.read_text(encoding="utf-8")} for unit, file in known.items()},
        "settings": {**SETTINGS, "outputSelection": {_unit(file): {file.stem: outputs} for file in files}},
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
    if errors:
        raise ValueError("\n".join(errors))
    return {file.stem: _compiled(file.stem, answer["contracts"][_unit(file)][file.stem]) for file in files}


def _unit(file: Path) -> str:
    return str(file.relative_to(PROJECT_ROOT))


def _compiled(name: str, built: Mapping[str, Any]) -> Compiled:
    code = built["evm"]
    return Compiled(name, built["abi"], "0x" + code["bytecode"]["object"], "0x" + code["deployedBytecode"]["object"])
