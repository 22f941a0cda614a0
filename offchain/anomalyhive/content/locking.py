"""A lock in a file: one process holds it, and the system lets it go when that process ends, however it ends."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from anomalyhive.errors import BadInput, BadSetting


@contextlib.contextmanager
def holding(lock: Path, refusal: BadInput, mode: int = 0o777) -> Iterator[None]:
    """Hold a lock. Raises ``refusal`` while another process holds it, BadSetting where it cannot be made.

    ``mode`` is that of the folder of the lock, where it is not there yet.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True, mode=mode)
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise BadSetting(f"the lock {lock} cannot be used ({error.strerror}): see who may write there") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise refusal from error
        yield
    finally:
        os.close(handle)
