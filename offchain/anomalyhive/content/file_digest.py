"""The digest of a file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from anomalyhive.errors import BadTable

PIECE = 1 << 20
"""Bytes of a file that are in memory at once."""


def file_digest(path: Path, advice: str = "restore it or name another folder") -> bytes:
    """The sha-256 (32 bytes) of a file. Raises BadTable where it cannot be read, with what to do about it."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                digest.update(piece)
    except OSError as error:
        raise BadTable(f"{path} cannot be read ({error.strerror}): {advice}") from error
    return digest.digest()
