"""Other extractors in environments of their own, since what they pin conflicts with what we do."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1] / ".toolchain" / "peers"

PINNED = {
    "ethereum-etl": ("ethereum-etl==2.4.2", "web3==5.31.4", "setuptools==80.9.0"),
    "cryo": ("cryo==0.3.2",),
}
"""Name -> what is installed; the first one's version names the environment."""

AFTERWARDS = {"ethereum-etl": ("parsimonious==0.10.0", "regex==2024.11.6")}
"""What is put over a dependency's own pin: parsimonious 0.8 cannot be imported by Python 3.11."""

READY = ".installed"


def peer(name: str) -> Path:
    """The folder of a peer's programs; its environment is made where it is not there yet."""
    first = PINNED[name][0]
    folder = ROOT / first.replace("==", "-")
    if not (folder / READY).exists():
        print(f"Installing {first} into {folder} ...", file=sys.stderr, flush=True)
        venv.create(folder, clear=True, with_pip=True)
        for packages, options in ((PINNED[name], ()), (AFTERWARDS.get(name, ()), ("--no-deps",))):
            if packages:
                pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
                subprocess.run([*pip, *options, *packages], check=True)
        (folder / READY).touch()
    return folder / "bin"
