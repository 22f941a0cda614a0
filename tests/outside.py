"""Programs from outside that tests run: where each is, and whether a test may do without.

ANOMALYHIVE_REQUIRE names, with commas between, what must be there: a test that lacks it then fails and is not skipped.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import build_kubo

REQUIRE = "ANOMALYHIVE_REQUIRE"


def required(name: str) -> bool:
    """Whether the environment says that a test must not be skipped for lack of it."""
    return name in os.environ.get(REQUIRE, "").split(",")


def ipfs_program() -> str:
    """Kubo's program; a test that has come here without one fails."""
    program = build_kubo.find()
    if program is None:
        pytest.fail("there is no `ipfs`, neither on PATH nor from `make kubo`, and the environment requires kubo")
    return program


needs_kubo = pytest.mark.skipif(
    build_kubo.find() is None and not required("kubo"),
    reason="no `ipfs` on PATH and none from `make kubo`: nothing was tested on a real IPFS daemon",
)
"""Marks what runs real daemons of Kubo."""


def find_browser() -> str | None:
    """Chromium or what is made of it, on PATH."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def browser_program() -> str:
    """A browser's program; a test that has come here without one fails."""
    program = find_browser()
    if program is None:
        pytest.fail("there is no Chromium on PATH, and the environment requires a browser")
    return program


needs_browser = pytest.mark.skipif(
    find_browser() is None and not required("browser"),
    reason="there is no Chromium on PATH: no page was opened in a browser",
)
"""Marks what opens pages in a real browser."""


def find_schemathesis() -> str | None:
    """Schemathesis, which has an environment of its own; see `make setup`."""
    program = Path(__file__).resolve().parents[1] / ".toolchain" / "schemathesis" / "bin" / "st"
    return str(program) if program.is_file() else None


def schemathesis_program() -> str:
    """The program `st`; a test that has come here without one fails."""
    program = find_schemathesis()
    if program is None:
        pytest.fail("there is no Schemathesis in .toolchain/schemathesis, and the environment requires it")
    return program


needs_schemathesis = pytest.mark.skipif(
    find_schemathesis() is None and not required("schemathesis"),
    reason="there is no Schemathesis in .toolchain/schemathesis: the interface was not held against its description",
)
"""Marks what tries every operation of a description."""
