"""One process for a home, and one for a key: a second one is refused at once, on this machine.

The system lets a lock go when its process ends, however it ends. Processes on different machines are told apart by
the chain alone: see `anomalyhive.chain.journaled`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from anomalyhive.errors import BadSetting, KeyInUse

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
    with (
        _held(home / HOME_LOCK, f"the home {home} is in use by another process: end it, or name another home"),
        _held(
            operators_folder() / f"{operator.lower()}.lock",
            f"another process on this machine sends transactions for {operator}: end it, or give this node a key of "
            "its own",
        ),
    ):
        yield


@contextlib.contextmanager
def _held(file: Path, refusal: str) -> Iterator[None]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadSetting(f"the lock {file} cannot be made ({error.strerror}): see who may write there") from error
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise KeyInUse(refusal) from error
        yield
    finally:
        os.close(lock)
