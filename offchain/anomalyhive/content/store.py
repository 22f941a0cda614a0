"""What a store of blocks is, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from anomalyhive.content.cid import Codec, Link, check_digest, digest_of
from anomalyhive.content.codec import limit_of
from anomalyhive.errors import BadInput, ContentCorrupt


class Store(Protocol):
    """Blocks by their digest. All stores give a block the same CID.

    What ``get`` returns has been checked against the digest. Errors: ContentMissing, ContentCorrupt,
    StoreUnusable, and BadInput for a block over its limit or a digest that is none.
    """

    def put_raw(self, block: bytes) -> bytes:
        """Keep a raw block of at most 256 KiB; return its digest. Putting twice is putting once."""

    def put_root(self, block: bytes) -> bytes:
        """Keep a dag-cbor block of at most 1 MiB; return its digest."""

    def get(self, digest: bytes, codec: Codec) -> bytes:
        """The block; never bytes of another digest."""

    def has(self, digest: bytes, codec: Codec) -> bool:
        """Whether the block is there; it may still turn out corrupt on ``get``."""

    def digests(self) -> Iterator[Link]:
        """All blocks that the store itself keeps, in ascending order of their CID's text."""


def put(store: Store, block: bytes, codec: Codec) -> bytes:
    """Keep a block under the codec given; return its digest."""
    return store.put_raw(block) if codec is Codec.RAW else store.put_root(block)


def check_size(block: bytes, codec: Codec) -> None:
    """BadInput when a block is larger than its codec allows, so that no store holds what none will read."""
    if len(block) > limit_of(codec):
        raise BadInput(f"a {codec.name} block of {len(block)} bytes exceeds {limit_of(codec)}: split it")


def verified(block: bytes, digest: bytes, codec: Codec) -> bytes:
    """Return ``block``; ContentCorrupt unless it has the digest and a size within the limit."""
    check_digest(digest)
    if len(block) > limit_of(codec):
        raise ContentCorrupt(digest, f"{len(block)} bytes exceed the {limit_of(codec)} of a {codec.name} one")
    found = digest_of(block)
    if found != digest:
        raise ContentCorrupt(digest, f"its {len(block)} bytes have the digest {found.hex()}")
    return block
