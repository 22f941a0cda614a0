"""Build Kubo, the IPFS daemon, from the Go module that `scripts/kubo` pins; where `ipfs` is on PATH, that is used.

Go fetches the sources through its module proxy and checks each against go.sum. `go install` of a version would not do:
it refuses a module that excludes versions of others, as Kubo does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "scripts" / "kubo"
TARGET = ROOT / ".toolchain" / "kubo" / "ipfs"
PACKAGE = "github.com/ipfs/kubo/cmd/ipfs"

LAST_CHARACTERS = 600
"""Of what Go says when it fails."""


def find() -> str | None:
    """The program `ipfs`: the one on PATH, else the one built here, else None."""
    return shutil.which("ipfs") or shutil.which(TARGET)


def main() -> int:
    """Build it, unless there is one; 1 and the reason where that cannot be done."""
    there = shutil.which("ipfs")
    if there is not None:
        print(f"ipfs is {there}")
        return 0
    go = shutil.which("go")
    if go is None:
        if TARGET.is_file():
            print(f"ipfs is {TARGET}, as it was built before")
            return 0
        print("neither ipfs nor Go is on PATH: install one of them", file=sys.stderr)
        return 1
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    # Built beside and renamed: a kill leaves no half program.
    part = TARGET.with_suffix(".part")
    command = [go, "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", str(part), PACKAGE]
    made = subprocess.run(
        command, cwd=MODULE, env={**os.environ, "GOFLAGS": "-mod=readonly"}, capture_output=True, text=True
    )
    if made.returncode:
        print(f"{made.stderr.strip()[-LAST_CHARACTERS:]}\nKubo cannot be built (see above)", file=sys.stderr)
        return 1
    part.replace(TARGET)
    print(f"ipfs is {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
