"""Compile the contracts from scratch and write what the Python package keeps of them.

An artifact has the ABI, the creation code, the runtime code with zeros where the constructor fills in an immutable,
the places of those by name, and how it was compiled. What it holds follows from the sources and `brownie-config.yaml`
alone, wherever they lie: Brownie's own build also depends on the packages that its user has installed, which the
metadata at the end of the code names.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from compiler import ROOT, compile_json, solc_settings, standard_json, version

TARGET = ROOT / "offchain" / "anomalyhive" / "chain" / "artifacts"
CONTRACTS = ("HiveToken", "NodeRegistry", "TaskRules", "Hive", "AlertFeed")

WANTED = ("abi", "evm.bytecode.object", "evm.deployedBytecode.object", "evm.deployedBytecode.immutableReferences")


@cache
def compiled() -> dict[str, Any]:
    """What the compiler answers, with all sources and nothing that an earlier run left behind."""
    by_name = {f"contracts/{name}.sol": {name: list(WANTED), "": ["ast"]} for name in CONTRACTS}
    return compile_json(standard_json({"*": {"": ["ast"]}, **by_name}))


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
