"""The Solidity compiler of `make setup`, with the settings that Brownie compiles the contracts by."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]

Outputs = Mapping[str, Mapping[str, Sequence[str]]]
"""File -> contract -> what is asked for, as the compiler's `outputSelection`."""


@cache
def solc_settings() -> dict[str, Any]:
    """The compiler's section of Brownie's configuration."""
    settings: dict[str, Any] = yaml.safe_load((ROOT / "brownie-config.yaml").read_text(encoding="utf-8"))["compiler"]
    return dict(settings["solc"])


def ask(option: str, question: str = "") -> str:
    """What the compiler answers."""
    solc = ROOT / ".toolchain" / "solc" / f"solc-v{solc_settings()['version']}"
    command = [str(solc), option, *(("--allow-paths", str(ROOT)) if question else ())]
    return subprocess.run(command, cwd=ROOT, input=question, capture_output=True, text=True, check=True).stdout


@cache
def version() -> str:
    """The compiler's version without the platform that it was built for, which changes nothing in the code."""
    said = ask("--version").split("Version: ")[1].split()[0]
    return ".".join(said.split(".")[:4])


def unit(file: Path) -> str:
    """A source's name for the compiler."""
    return file.relative_to(ROOT).as_posix()


def standard_json(outputs: Outputs, others: Iterable[Path] = ()) -> dict[str, Any]:
    """The question to the compiler: all the contracts' sources, and others that may import them."""
    settings = solc_settings()
    return {
        "language": "Solidity",
        "sources": {
            unit(file): {"content": file.read_text(encoding="utf-8")}
            for file in [*sorted((ROOT / "contracts").rglob("*.sol")), *others]
        },
        "settings": {
            "evmVersion": settings["evm_version"],
            "viaIR": settings["viaIR"],
            "optimizer": settings["optimizer"],
            "remappings": settings["remappings"],
            "outputSelection": outputs,
        },
    }


def compile_json(question: Mapping[str, Any]) -> dict[str, Any]:
    """What the compiler makes of it; the program ends if that is errors."""
    answer: dict[str, Any] = json.loads(ask("--standard-json", json.dumps(question)))
    errors = [error["formattedMessage"] for error in answer.get("errors", []) if error["severity"] == "error"]
    if errors:
        raise SystemExit("error: the contracts do not compile:\n" + "\n".join(errors))
    return answer


@dataclass(frozen=True)
class Compiled:
    """A contract: its ABI, what deploys it, and what stands on chain then (hexadecimal with 0x)."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: str
    runtime: str


def compile_sources(files: Sequence[Path]) -> dict[str, Compiled]:
    """Name -> contract, of sources beside the project's own; each has one unit, named as its file."""
    wanted = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"]
    answer = compile_json(standard_json({unit(file): {file.stem: wanted} for file in files}, files))
    return {file.stem: _compiled(file.stem, answer["contracts"][unit(file)][file.stem]) for file in files}


def _compiled(name: str, built: Mapping[str, Any]) -> Compiled:
    code = built["evm"]
    return Compiled(name, built["abi"], "0x" + code["bytecode"]["object"], "0x" + code["deployedBytecode"]["object"])
