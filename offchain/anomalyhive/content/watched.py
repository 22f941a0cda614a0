"""A store that tells what is read out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.store import Store
from anomalyhive.errors import ContentCorrupt


@dataclass(frozen=True)
class WatchedStore:
    """A store that tells of every block that is read, and of every one that it has damaged, why.

    Whoever takes what is made of a damaged block for content that never was any would else hide the damage.
    """

    store: Store
    tell: Callable[[Link, bytes], None]
    tell_damage: Callable[[Link, str], None]

    def get(self, digest: bytes, codec: Codec) -> bytes:
        """The block, once it was told of."""
        try:
            block = self.store.get(digest, codec)
        except ContentCorrupt as error:
            self.tell_damage(Link(digest, codec), error.reason)
            raise
        self.tell(Link(digest, codec), block)
        return block

    def has(self, digest: bytes, codec: Codec) -> bool:
        """Whether the block is there."""
        return self.store.has(digest, codec)

    def put_raw(self, block: bytes) -> bytes:
        """Keep a raw block; return its digest."""
        return self.store.put_raw(block)

    def put_root(self, block: bytes) -> bytes:
        """Keep a dag-cbor block; return its digest."""
        return self.store.put_root(block)

    def digests(self) -> Iterator[Link]:
        """All blocks that the store itself keeps."""
        return self.store.digests()
