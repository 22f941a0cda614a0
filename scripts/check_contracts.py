"""Run Slither over the contracts; exit 1 on any finding that is not excepted, or excepted without a reason.

An exception is a comment `slither-disable-next-line DETECTOR` (or `solhint-disable-next-line RULE`) with the reason in
the comment above it. One of Slither's that excepts nothing is a finding as well.

Slither would download a compiler; what Brownie leaves is no use to it, for the sources that only import others are
not there. So the project's compiler runs here, and Slither reads the result as a build of Hardhat's: the compiler's
input and output in one file. Only syntax trees are asked for, which is all that Slither analyses: generating code
takes most of the time.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from compiler import ROOT, compile_json, solc_settings, standard_json

BUILD = ROOT / "build" / "slither"
SLITHER = Path(sys.executable).with_name("slither")

EXCLUDED = {
    "assembly": "solhint's no-inline-assembly asks for the reason at every block",
    "naming-convention": "solhint's rules for names see to it, and know that the getter of a constant is named as one",
    "pragma": "exact in contracts, floating in what others may import and in OpenZeppelin: one compiler compiles all",
    "timestamp": "phases end at a time; the time of a block is that of its slot, and its proposer cannot choose it",
}
"""Detector that is not run -> why."""

DIRECTIVE = re.compile(r"\b(slither|solhint)-(disable|enable)")
EXCEPTION = re.compile(r"\s*// (slither|solhint)-disable-next-line (?!all\n)[a-z0-9-]+(,[a-z0-9-]+)*\n")
COMMENT = re.compile(r"\s*// \S")


def sources() -> list[Path]:
    """The contracts, relative to the project."""
    return sorted(path.relative_to(ROOT) for path in (ROOT / "contracts").rglob("*.sol"))


def compiled() -> dict[str, Any]:
    """What the compiler was given and made of it, with the settings of Brownie, as Hardhat keeps it."""
    given = standard_json({"*": {"": ["ast"]}})
    return {"solcVersion": solc_settings()["version"], "input": given, "output": compile_json(given)}


def findings() -> Iterator[str]:
    """What Slither finds, of every severity."""
    command: list[str | Path] = [
        SLITHER, ".", "--compile-force-framework", "hardhat", "--hardhat-artifacts-directory", BUILD.relative_to(ROOT),
        "--ignore-compile", "--exclude-dependencies", "--exclude", ",".join(EXCLUDED), "--warn-unused-ignores",
        "--json", "-",
    ]  # fmt: skip
    # solc-select, which Slither imports, makes a folder for compilers in the home of whoever has no VIRTUAL_ENV.
    places = {**os.environ, "VIRTUAL_ENV": str(ROOT / ".toolchain")}
    ran = subprocess.run(command, cwd=ROOT, env=places, capture_output=True, text=True, check=False)
    try:
        report = json.loads(ran.stdout)
    except json.JSONDecodeError:
        sys.exit(ran.stdout + ran.stderr)
    if not report["success"]:
        sys.exit(f"{report['error']}\n{ran.stderr}")
    for found in report["results"].get("detectors", ()):
        if found["check"] != "unused-ignore-directive":
            yield f"{found['impact']}, {found['check']}: {found['description'].strip()}"
            continue
        for unused in found["unused_ignores"]:
            place = Path(unused["file"]).relative_to(ROOT)
            if place.parts[0] == "contracts":  # OpenZeppelin has its own exceptions
                yield f"{place}:{unused['line']}: excepts nothing: {', '.join(unused['unused_detectors'])}"


def unexplained() -> Iterator[str]:
    """Exceptions to a rule of Slither or solhint without a reason above them, or for more than one line."""
    for path in sources():
        above = ""
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(keepends=True), 1):
            if DIRECTIVE.search(line):
                if not EXCEPTION.fullmatch(line):
                    yield f"{path}:{number}: name the rules, and only for the next line: disable-next-line RULE"
                elif not COMMENT.match(above) or DIRECTIVE.search(above):
                    yield f"{path}:{number}: say why in the comment above"
            above = line


def main() -> int:
    """Analyse the contracts."""
    info = BUILD / "build-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "contracts.json").write_text(json.dumps(compiled()), encoding="utf-8")
    problems = dict.fromkeys([*unexplained(), *findings()])  # Slither tells some twice
    for problem in problems:
        print(problem, end="\n\n")
    print(f"Slither: {len(problems)} finding(s)")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
