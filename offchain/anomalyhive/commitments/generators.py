"""The generators G_0, G_1, … that vectors are committed under, and the file that keeps them.

G_j is j, eight bytes big-endian, hashed to the curve under the project's own domain tag (RFC 9380, suite
BLS12381G1_XMD:SHA-256_SSWU_RO_): nobody knows a relation between two of them. Deriving one takes 0.2 ms,
reading one back 0.4 us, so they are kept in a file:

    32 bytes  sha2-256 of suite and tag: a file of other generators is not mistaken for this one
    96·n      coordinates of G_0 … G_(n-1)
    32 bytes  sha2-256 of all before

A file that is missing, cut or damaged is derived again. It is trusted like the program beside it: the digest
guards against accidents, not against one who may write there.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
import threading
from pathlib import Path

from py_arkworks_bls12381 import G1Point

from anomalyhive.commitments.curve import COMMITMENT_BYTES, encode, from_xy, hash_to_curve
from anomalyhive.errors import BadInput

TAG = b"ANOMALYHIVE_V1_GENERATOR"
"""Domain separation tag; another version of the protocol has another one."""

SUITE = b"BLS12381G1_XMD:SHA-256_SSWU_RO_"

MOST_GENERATORS = 1 << 20
"""Longest vector that can be committed to; deriving so many takes minutes."""

_STEP = 1024  # generators are derived in multiples of this, so that the file is rewritten seldom
_HEAD = hashlib.sha256(SUITE + b"\n" + TAG).digest()
_FILE = "generators.bin"

_log = logging.getLogger(__name__)


def generator(index: int) -> bytes:
    """G_index, derived anew, as 96 bytes."""
    return encode(hash_to_curve(index.to_bytes(8, "big"), TAG))


def cache_directory() -> Path:
    """Where derived values are kept: ANOMALYHIVE_CACHE, else .cache of the source tree, else of the user."""
    chosen = os.environ.get("ANOMALYHIVE_CACHE")
    if chosen:
        return Path(chosen)
    tree = Path(__file__).resolve().parents[3]
    if (tree / "pyproject.toml").is_file():
        return tree / ".cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "anomalyhive"


class Generators:
    """The first generators: from memory, from the file, or derived. Threads and processes may share them."""

    def __init__(self, directory: Path) -> None:
        """Keep the file in ``directory``, which is made when there is something to keep."""
        self.file = Path(directory) / _FILE
        self._points: list[G1Point] = []
        self._lock = threading.Lock()

    def first(self, count: int) -> list[G1Point]:
        """G_0 … G_(count-1)."""
        if count > MOST_GENERATORS:
            raise BadInput(f"a vector of {count} coordinates exceeds {MOST_GENERATORS}: use a smaller plan")
        if len(self._points) < count:
            with self._lock:
                self._extend(count)
        return self._points[:count]

    def _extend(self, count: int) -> None:
        """Make ``_points`` at least ``count`` long; it only ever grows, so readers need no lock."""
        due = min(-(-count // _STEP) * _STEP, MOST_GENERATORS)
        if len(self._points) >= count:
            return
        kept = _read(self.file)
        if not kept and self.file.exists():
            _log.warning("%s is damaged: its generators are derived again", self.file)
        if len(kept) < count * COMMITMENT_BYTES:
            have = len(kept) // COMMITMENT_BYTES
            kept += b"".join(generator(index) for index in range(have, due))
            _write(self.file, kept)
        starts = range(len(self._points) * COMMITMENT_BYTES, len(kept), COMMITMENT_BYTES)
        self._points += [from_xy(kept[at : at + COMMITMENT_BYTES]) for at in starts]


def _read(file: Path) -> bytes:
    """Coordinates of the generators in the file; none when it is missing or not intact."""
    try:
        data = file.read_bytes()
    except OSError:
        return b""
    body, digest = data[:-32], data[-32:]
    intact = hashlib.sha256(body).digest() == digest and body[:32] == _HEAD
    if not intact or (len(body) - 32) % COMMITMENT_BYTES:
        return b""
    return body[32:]


def _write(file: Path, coordinates: bytes) -> None:
    """Replace the file at once, unless another process has put a longer one there meanwhile.

    A disk that cannot be written costs the next process its time and nothing else, so it is only reported.
    """
    if len(_read(file)) >= len(coordinates):
        return
    body = _HEAD + coordinates
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{_FILE}.", dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(body + hashlib.sha256(body).digest())
            Path(name).replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        _log.warning("generators cannot be kept in %s: %s", file, error.strerror)


_default: dict[Path, Generators] = {}
_default_lock = threading.Lock()


def default_generators() -> Generators:
    """The generators of this process, kept in ``cache_directory()``."""
    directory = cache_directory()
    with _default_lock:
        return _default.setdefault(directory, Generators(directory))
