"""A file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PART_SUFFIX = ".part"
"""Ending of a file that is being written; one that a kill left behind may be removed."""


@contextlib.contextmanager
def appearing(path: Path, mode: int) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file at ``path`` once all of them are on the disk; OSError as it comes.

    The part is written in the same directory, because a rename is atomic within one file system only.
    """
    handle, name = tempfile.mkstemp(prefix=".", suffix=PART_SUFFIX, dir=path.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        part.chmod(mode)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    """Make a rename outlast a power cut (fsync(2): the directory needs its own)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
