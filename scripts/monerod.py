"""Fetch monerod and monero-wallet-rpc from Debian and unpack them below .toolchain, without being root.

apt checks what it downloads against the signed index of the distribution. Nothing is installed: the programs run from
where they are unpacked, with the libraries that this machine lacks beside them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / ".toolchain" / "monerod"
PACKAGE = "monero"
PROGRAMS = ("monerod", "monero-wallet-rpc")

WANTED = re.compile(r"^Inst (\S+) \((\S+)", re.MULTILINE)
"""A line of `apt-get --simulate install`."""

WRAPPER = """#!/bin/sh
LD_LIBRARY_PATH={libraries} exec {program} "$@"
"""


def main(target: Path) -> int:
    """Fetch them, unless they are there; 1 and the reason where they cannot be had."""
    if all((target / "run" / name).is_file() for name in PROGRAMS) or all(map(shutil.which, PROGRAMS)):
        return 0
    if shutil.which("apt-get") is None or shutil.which("dpkg-deb") is None:
        print(f"no apt here: install {' and '.join(PROGRAMS)} so that they are on PATH", file=sys.stderr)
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        work = Path(folder)
        try:
            fetch(work)
        except subprocess.CalledProcessError as error:
            print(f"{error.stderr.strip()}\n{' '.join(error.cmd)} failed: try `apt-get update`", file=sys.stderr)
            return 1
        shutil.rmtree(target, ignore_errors=True)
        unpack(work, work / "unpacked", target)
        (work / "unpacked").rename(target)
    return 0


def fetch(work: Path) -> None:
    """The package and those that it needs and this machine lacks, into a folder. Raises CalledProcessError."""
    plan = run(["apt-get", "--simulate", "--no-install-recommends", "install", PACKAGE], work)
    run(["apt-get", "download", *(f"{name}={version}" for name, version in WANTED.findall(plan))], work)


def unpack(work: Path, into: Path, target: Path) -> None:
    """The packages in a folder, with wrappers of the programs that will work where ``target`` is."""
    for package in sorted(work.glob("*.deb")):
        run(["dpkg-deb", "--extract", str(package), str(into)], work)
    libraries = ":".join(str(target / one.relative_to(into)) for one in sorted(into.glob("usr/lib/*-linux-*")))
    (into / "run").mkdir(parents=True)
    for name in PROGRAMS:
        wrapper = into / "run" / name
        wrapper.write_text(WRAPPER.format(libraries=libraries, program=target / "usr" / "bin" / name))
        wrapper.chmod(0o755)


def run(command: list[str], work: Path) -> str:
    """What a command says."""
    return subprocess.run(command, cwd=work, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else TARGET))
