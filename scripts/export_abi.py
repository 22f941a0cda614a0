"""Write the ABI and the bytecode of the compiled contracts into the Python package."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "contracts"
TARGET = ROOT / "offchain" / "anomalyhive" / "chain" / "artifacts"
CONTRACTS = ("HiveToken", "NodeRegistry", "TaskRules", "Hive")


def exported(contract: str) -> dict[str, Any]:
    """What the package keeps of a compiled contract."""
    built = json.loads((BUILD / f"{contract}.json").read_text(encoding="utf-8"))
    return {"abi": built["abi"], "bytecode": "0x" + built["bytecode"].removeprefix("0x")}


def text_of(contract: str) -> str:
    """The artifact as it stands in the package."""
    return json.dumps(exported(contract), indent=1, sort_keys=True) + "\n"


def main() -> int:
    """Export all contracts."""
    for contract in CONTRACTS:
        (TARGET / f"{contract}.json").write_text(text_of(contract), encoding="utf-8")
        print(f"{TARGET.relative_to(ROOT)}/{contract}.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
