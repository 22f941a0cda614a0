"""A store that is a directory: one file a block, named by its CID.

    STORE/<last but one two letters of the CID>/<CID>

The letters spread the files over 1024 directories (the last letter holds padding and would spread badly).
A file appears by rename only, after its bytes are on the disk: a kill or a full disk leaves the block
absent, never half there.
"""

from __future__ import annotations

import contextlib
import errno
import time
from collections.abc import Iterator
from pathlib import Path

from anomalyhive.atomic import PART_SUFFIX, appearing
from anomalyhive.content.cid import Codec, Link, check_digest, cid_text, digest_of, parse_cid
from anomalyhive.content.codec import limit_of
from anomalyhive.content.store import check_size, verified
from anomalyhive.errors import BadInput, ContentCorrupt, ContentMissing, StoreUnusable

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

_MODE = 0o444
"""A block never changes."""

_STALE_SECONDS = 3600.0
"""A part older than this belongs to a writer that is gone: a block is written in milliseconds."""


class DirectoryStore:
    """Blocks in a directory. Several processes may read and write it at once."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the store at ``path``, made if missing; a read-only one must exist and is never changed."""
        self.path = Path(path)
        self.read_only = read_only
        if not read_only:
            with self._usable("make the store"):
                self.path.mkdir(parents=True, exist_ok=True)
                self._remove_stale_parts()
        if not self.path.is_dir():
            raise StoreUnusable(f"there is no store of blocks at {self.path}: check the path")

    def put_raw(self, block: bytes) -> bytes:
        """Keep a raw block; see Store."""
        return self._put(block, Codec.RAW)

    def put_root(self, block: bytes) -> bytes:
        """Keep a dag-cbor block; see Store."""
        return self._put(block, Codec.DAG_CBOR)

    def has(self, digest: bytes, codec: Codec) -> bool:
        """Whether a file of that block is there."""
        file = self.file_of(digest, codec)
        with self._usable(f"look for {file.name}"):
            return file.is_file()

    def get(self, digest: bytes, codec: Codec) -> bytes:
        """The block, read and hashed anew every time."""
        file = self.file_of(digest, codec)
        try:
            # One byte over the limit is enough to see that a file is too long, whatever its length.
            with file.open("rb") as handle:
                block = handle.read(limit_of(codec) + 1)
        except FileNotFoundError as error:
            raise ContentMissing(digest, str(self.path)) from error
        except IsADirectoryError as error:
            raise ContentCorrupt(digest, f"{file} is a directory") from error
        except OSError as error:
            raise StoreUnusable(f"cannot read {file}: {error.strerror}") from error
        return verified(block, digest, codec)

    def digests(self) -> Iterator[Link]:
        """All blocks by ascending CID; files that are no blocks are passed over."""
        found: list[tuple[str, Link]] = []
        with self._usable("list the store"):
            for file in self.path.glob("??/*"):
                with contextlib.suppress(BadInput):
                    link = parse_cid(file.name)
                    if file == self.file_of(*link):
                        found.append((file.name, link))
        return iter([link for _, link in sorted(found)])

    def file_of(self, digest: bytes, codec: Codec) -> Path:
        """Where a block is kept, whether it is there or not."""
        name = cid_text(Link(check_digest(digest), codec))
        return self.path / name[-3:-1] / name

    def _put(self, block: bytes, codec: Codec) -> bytes:
        check_size(block, codec)
        if self.read_only:
            raise StoreUnusable(f"the store {self.path} was opened to be read only")
        digest = digest_of(block)
        file = self.file_of(digest, codec)
        if not self._holds(file, block):
            with self._usable(f"write a block of {len(block)} bytes"):
                file.parent.mkdir(exist_ok=True)
                with appearing(file, _MODE) as stream:
                    stream.write(block)
        return digest

    def _remove_stale_parts(self) -> None:
        """Remove what killed writers left."""
        for part in self.path.glob(f"??/.*{PART_SUFFIX}"):
            with contextlib.suppress(FileNotFoundError):  # another process may remove it, too
                if time.time() - part.stat().st_mtime > _STALE_SECONDS:
                    part.unlink()

    @staticmethod
    def _holds(file: Path, block: bytes) -> bool:
        """Whether the file has exactly these bytes; one that was damaged is written again."""
        try:
            return file.stat().st_size == len(block) and file.read_bytes() == block
        except OSError:
            return False

    @contextlib.contextmanager
    def _usable(self, action: str) -> Iterator[None]:
        """Turn errors of the file system into StoreUnusable, which says what was tried and where."""
        try:
            yield
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise StoreUnusable(f"no room to {action} in {self.path}: free space and repeat") from error
            raise StoreUnusable(f"cannot {action} in {self.path}: {error.strerror}") from error
