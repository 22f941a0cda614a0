"""Counted chunks in a run's folder, so that what took minutes is not done again after a kill.

A file a chunk: the sha-256 over its name and its bytes, then the bytes as they are published. Its name is a digest of
all that the counts follow from (the source of the chunk, the accounts, the definitions of the statistics), so what is
kept of other chunks, other labels or another version is not found, and what is damaged is counted again.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from anomalyhive.atomic import appearing
from anomalyhive.errors import BadInput, Failure
from anomalyhive.metrics.chunks import Chunk
from anomalyhive.metrics.encoding import STATISTICS_DIGEST, decode, encode
from anomalyhive.metrics.partial import Partial

SUFFIX = ".partial"
FILE_MODE = 0o600
"""Of private nodes the counts are nobody else's business."""

DIGEST_BYTES = 32


@dataclass(frozen=True)
class Kept:
    """The partial statistics of some accounts in chunks, in a folder that is made when it is needed."""

    folder: Path
    accounts: bytes

    @classmethod
    def of(cls, folder: Path, accounts: Iterable[str]) -> Kept:
        """Those of these accounts."""
        return cls(folder, hashlib.sha256("\n".join(sorted(accounts)).encode()).digest())

    def read(self, chunk: Chunk) -> Partial | None:
        """What was counted of a chunk; None where nothing is kept of it, or not as it was written."""
        path = self._path(chunk)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if data[:DIGEST_BYTES] != _seal(path.name, data[DIGEST_BYTES:]):
            return None
        try:
            part = decode(data[DIGEST_BYTES:])
        except BadInput:
            return None
        return part if part.cover == ((chunk.start, chunk.stop),) else None

    def write(self, chunk: Chunk, part: Partial) -> None:
        """Keep what was counted of a chunk, whole or not at all. Raises Failure where the disk refuses."""
        path, data = self._path(chunk), encode(part)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with appearing(path, FILE_MODE) as stream:
                stream.write(_seal(path.name, data))
                stream.write(data)
        except OSError as error:
            raise Failure(f"{path} cannot be written ({error.strerror}): make room or choose another --run") from error

    def drop_others(self, chunks: Collection[Chunk]) -> None:
        """Remove what is kept of anything but these chunks, and what a kill left of a file."""
        wanted = {self._path(chunk) for chunk in chunks}
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                if path not in wanted:
                    path.unlink()

    def _path(self, chunk: Chunk) -> Path:
        of_all = b"anomalyhive counted" + chunk.source + self.accounts + STATISTICS_DIGEST
        return self.folder / f"{hashlib.sha256(of_all).hexdigest()}{SUFFIX}"


def _seal(name: str, data: bytes) -> bytes:
    """What stands before the bytes in a file of that name."""
    return hashlib.sha256(name.encode() + b"\0" + data).digest()
