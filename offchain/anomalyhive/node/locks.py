"""One process for a home, and one for a key: a second one is refused at once, on this machine.

The system lets a lock go when its process ends, however it ends. Processes on different machines are told apart by
the chain alone: see `anomalyhive.chain.journaled`.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from anomalyhive.content.locking import holding
from anomalyhive.errors import KeyInUse

STATE_VARIABLE = "XDG_STATE_HOME"
"""Names the folder of what programs of a user keep (XDG Base Directory Specification); ~/.local/state by default."""

HOME_LOCK = ".lock"


def operators_folder() -> Path:
    """Where the locks of keys are: the same for every process of a user."""
    chosen = os.environ.get(STATE_VARIABLE, "")
    # What is relative is to be ignored, says the specification.
    base = Path(chosen) if chosen.startswith("/") else Path.home() / ".local" / "state"
    return base / "anomalyhive" / "operators"


@contextlib.contextmanager
def sole_process(home: Path, operator: str) -> Iterator[None]:
    """Hold a node's home and its operator's address. Raises KeyInUse while another process holds either."""
    of_home = KeyInUse(f"the home {home} is in use by another process: end it, or name another home")
    of_key = KeyInUse(
        f"another process on this machine sends transactions for {operator}: end it, or give this node a key of its own"
    )
    with holding(home / HOME_LOCK, of_home), holding(operators_folder() / f"{operator.lower()}.lock", of_key):
        yield
