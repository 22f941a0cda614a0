"""A CAR file as a store that is only read: opened once from end to end, then block by block where each lies.

Stricter than `car.import_car` in one thing and laxer in another: the blocks must stand in the order of walk.py, so that
the same blocks are the same file, and what is linked may be absent, because not everybody has everything; a file that
was cut inside of a block is refused, and what it lacks is for the reader to miss.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from anomalyhive.content.car import CarReader
from anomalyhive.content.cid import Codec, Link, cid_text
from anomalyhive.content.codec import links_in
from anomalyhive.content.store import verified
from anomalyhive.errors import BadInput, ContentCorrupt, ContentMissing, StoreUnusable


class CarStore:
    """The blocks of one file; of them only places and links are kept in memory.

    ``links`` is block -> what it links, ``shapeless`` the roots that are no dag-cbor with the reason: their bytes are
    those that the digest names, and they may be evidence.
    """

    def __init__(self, path: Path) -> None:
        """Read a file from end to end. BadInput names the place where it is not as `car.write_car` writes it."""
        self.path = Path(path)
        self.links: dict[Link, tuple[Link, ...]] = {}
        self.shapeless: dict[Link, str] = {}
        self._places: dict[Link, tuple[int, int]] = {}
        try:
            self._stream: BinaryIO = self.path.open("rb")
        except OSError as error:
            raise BadInput(f"cannot read the CAR file {self.path}: {error.strerror}") from error
        try:
            self.roots = self._index()
        except OSError as error:
            self.close()
            raise BadInput(f"cannot read the CAR file {self.path}: {error.strerror}") from error
        except BaseException:
            self.close()
            raise

    def _index(self) -> tuple[bytes, ...]:
        reader = CarReader(self._stream, self.path)
        roots = reader.header()
        pending = [Link(root, Codec.DAG_CBOR) for root in reversed(roots)]
        passed: set[Link] = set()
        for link, block in reader.blocks():
            while pending and pending[-1] != link:
                passed.add(pending.pop())  # linked and absent, or there before
            if not pending or link in passed:
                raise reader.refusal("its block is not linked by an earlier one, comes twice or not in its order")
            passed.add(pending.pop())
            self._places[link] = (reader.block_at, len(block))
            found = self._linked(link, block)
            self.links[link] = found
            pending.extend(one for one in reversed(found) if one not in passed)
        return tuple(roots)

    def _linked(self, link: Link, block: bytes) -> tuple[Link, ...]:
        try:
            return tuple(links_in(block, link.codec))
        except ContentCorrupt as error:
            self.shapeless[link] = error.reason
            return ()

    def get(self, digest: bytes, codec: Codec) -> bytes:
        """The block, read and hashed anew every time."""
        place = self._places.get(Link(digest, codec))
        if place is None:
            raise ContentMissing(digest, str(self.path))
        try:
            # Not by seeking: several threads may read at once.
            return verified(os.pread(self._stream.fileno(), place[1], place[0]), digest, codec)
        except OSError as error:
            raise StoreUnusable(f"cannot read {self.path}: {error.strerror}") from error

    def has(self, digest: bytes, codec: Codec) -> bool:
        """Whether the file has the block."""
        return Link(digest, codec) in self._places

    def digests(self) -> Iterator[Link]:
        """All blocks by ascending CID."""
        return iter(sorted(self._places, key=cid_text))

    def put_raw(self, block: bytes) -> bytes:
        """Refused: the file is read only."""
        raise StoreUnusable(f"{self.path} is read only: a block of {len(block)} bytes cannot be put into it")

    def put_root(self, block: bytes) -> bytes:
        """Refused: the file is read only."""
        return self.put_raw(block)

    def beneath(self, roots: Iterable[Link]) -> set[Link]:
        """The blocks that can be reached from some, along blocks that are there."""
        reached: set[Link] = set()
        pending = list(roots)
        while pending:
            link = pending.pop()
            if link in reached or link not in self.links:
                continue
            reached.add(link)
            pending.extend(self.links[link])
        return reached

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def __enter__(self) -> CarStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
