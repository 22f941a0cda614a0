"""Compile the contracts from scratch and write what the Python package keeps of them.

An artifact has the ABI, the creation code, the runtime code with zeros where the constructor fills in an immutable,
the places of those by name, and how it was compiled. What it holds follows from the sources and `brownie-config.yaml`
alone, wherever they lie: Brownie's own build also depends on the packages that its user has installed, which the
metadata at the end of the code names.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "offchain" / "anomalyhive" / "chain" / "artifacts"
CONTRACTS = ("HiveToken", "NodeRegistry", "TaskRules", "Hive")

WANTED = ("abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences")


@cache
def solc_settings() -> dict[str, Any]:
    """The compiler's section of Brownie's configuration."""
    settings: dict[str, Any] = yaml.safe_load((ROOT / "brownie-config.yaml").read_text(encoding="utf-8"))["compiler"]
    return dict(settings["solc"])


def solc() -> Path:
    """The compiler that `make setup` provides."""
    return ROOT / ".toolchain" / "solc" / f"solc-v{solc_settings()['version']}"


@cache
def compiled() -> dict[str, Any]:
    """What the compiler answers, with all sources and nothing that an earlier run left behind."""
    settings = solc_settings()
    question = {
        "language": "Solidity",
        "sources": {
            path.relative_to(ROOT).as_posix(): {"content": path.read_text(encoding="utf-8")}
            for path in sorted((ROOT / "contracts").rglob("*.sol"))
        },
        "settings": {
            "evmVersion": settings["evm_version"],
            "viaIR": settings["viaIR"],
            "optimizer": settings["optimizer"],
            "remappings": settings["remappings"],
            "outputSelection": {
                "*": {"": ["ast"]},
                **{f"contracts/{name}.sol": {name: list(WANTED), "": ["ast"]} for name in CONTRACTS},
            },
        },
    }
    answer: dict[str, Any] = json.loads(_ask("--standard-json", question=json.dumps(question)))
    errors = [error["formattedMessage"] for error in answer.get("errors", []) if error["severity"] == "error"]
    if errors:
        raise SystemExit("error: the contracts do not compile:\n" + "\n".join(errors))
    return answer


@cache
def version() -> str:
    """The compiler's version without the platform that it was built for, which changes nothing in the code."""
    said = _ask("--version").split("Version: ")[1].split()[0]
    return ".".join(said.split(".")[:4])


def exported(contract: str) -> dict[str, Any]:
    """What the package keeps of a contract."""
    built = compiled()["contracts"][f"contracts/{contract}.sol"][contract]
    runtime = built["evm"]["deployedBytecode"]
    names = immutable_names()
    settings = solc_settings()
    return {
        "abi": built["abi"],
        "bytecode": "0x" + built["evm"]["bytecode"]["object"],
        "deployedBytecode": "0x" + runtime["object"],
        "immutables": {
            names[identifier]: sorted(place["start"] for place in places)
            for identifier, places in runtime.get("immutableReferences", {}).items()
        },
        "compiler": {
            "version": version(),
            "evmVersion": settings["evm_version"],
            "viaIR": settings["viaIR"],
            "optimizer": settings["optimizer"],
        },
    }


@cache
def immutable_names() -> Mapping[str, str]:
    """The compiler's number of each variable -> its name in the source."""
    return {
        str(node["id"]): str(node["name"])
        for source in compiled()["sources"].values()
        for node in _nodes(source["ast"])
        if node.get("nodeType") == "VariableDeclaration" and node.get("mutability") == "immutable"
    }


def text_of(contract: str) -> str:
    """The artifact as it stands in the package."""
    return json.dumps(exported(contract), indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Export all contracts."""
    for contract in CONTRACTS:
        (TARGET / f"{contract}.json").write_text(text_of(contract), encoding="utf-8")
        print(f"{TARGET.relative_to(ROOT)}/{contract}.json")
    return 0


def _ask(option: str, question: str = "") -> str:
    command = [str(solc()), option, *(("--allow-paths", str(ROOT)) if question else ())]
    return subprocess.run(command, cwd=ROOT, input=question, capture_output=True, text=True, check=True).stdout


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every node of a syntax tree."""
    if isinstance(node, dict):
        if "nodeType" in node:
            yield node
        for child in node.values():
            yield from _nodes(child)
    elif isinstance(node, list):
        for child in node:
            yield from _nodes(child)


if __name__ == "__main__":
    sys.exit(main())
