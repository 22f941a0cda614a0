"""A store that keeps nothing: what is published into it becomes a digest, and that is all an auditor compares."""

from __future__ import annotations

from collections.abc import Iterator

from anomalyhive.content.cid import Codec, Link, digest_of
from anomalyhive.errors import ContentMissing


class HashingStore:
    """Derives digests as any other store would; see `anomalyhive.content.store.Store`."""

    def put_raw(self, block: bytes) -> bytes:
        """The digest of a raw block."""
        return digest_of(block)

    def put_root(self, block: bytes) -> bytes:
        """The digest of a root."""
        return digest_of(block)

    def get(self, digest: bytes, codec: Codec) -> bytes:
        """Nothing can be read back."""
        raise ContentMissing(digest, f"a store that keeps no {codec.name} block")

    def has(self, digest: bytes, codec: Codec) -> bool:  # noqa: ARG002 - the protocol's signature
        """Never."""
        return False

    def digests(self) -> Iterator[Link]:
        """None."""
        return iter(())
