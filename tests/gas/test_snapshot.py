"""The contracts cost what the committed snapshot says: a change of gas shows in review."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_gas_of_every_function_is_as_in_the_snapshot_and_within_its_target() -> None:
    """In a process of its own: Brownie knows one network at a time, and the tests beside this one have theirs."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "gas.py")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
