"""What one chunk of a chain gives: its partial statistics, address bucket by address bucket."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anomalyhive.content.codec import Document
from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import Fields, exact_keys, opened_root, publish_root
from anomalyhive.content.store import Store
from anomalyhive.content.vectors import read_bytes, write_bytes
from anomalyhive.errors import BadInput, ContentCorrupt

_KEYS = frozenset({"chunk", "source", "first", "stop", "statistics", "buckets"})
_BUCKET_KEYS = frozenset({"size", "data"})

MOST_BUCKET_BYTES = 1 << 31
"""Of one bucket of one chunk: its blocks are fetched one after the other, so a size alone costs no memory."""


@dataclass(frozen=True)
class Partial:
    """``chunk`` numbers the chunk within its task, and ``source`` is the digest of what it holds.

    It covers the blocks ``first`` to ``stop``, half-open. ``statistics`` is the digest of the set of statistics.
    ``buckets`` are canonical bytes, one text of them for each bucket of addresses.
    """

    chunk: int
    source: bytes
    first: int
    stop: int
    statistics: bytes
    buckets: tuple[bytes, ...]

    def __post_init__(self) -> None:
        _check(self.chunk, self.source, self.first, self.stop, self.statistics)
        checks.integer("the number of buckets", len(self.buckets), 1, checks.MOST_SHARDS)
        for index, data in enumerate(self.buckets):
            if not isinstance(data, bytes) or len(data) > MOST_BUCKET_BYTES:
                raise BadInput(f"buckets[{index}] is not at most {MOST_BUCKET_BYTES} bytes")

    def publish(self, store: Store) -> bytes:
        """Put the blocks; return the digest of the root."""
        # Never inline: a thousand small buckets together would exceed a root.
        buckets: list[Document] = [
            {"size": len(data), "data": write_bytes(store, data, inline=0)} for data in self.buckets
        ]
        return publish_root(
            store,
            "partial",
            {
                "chunk": self.chunk,
                "source": self.source,
                "first": self.first,
                "stop": self.stop,
                "statistics": self.statistics,
                "buckets": buckets,
            },
        )

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Partial:
        """The partial behind a digest with all of its buckets."""
        root = PartialRoot.fetch(store, digest)
        buckets = tuple(root.bucket(store, index) for index in range(len(root.buckets)))
        return cls(root.chunk, root.source, root.first, root.stop, root.statistics, buckets)


@dataclass(frozen=True)
class PartialRoot:
    """A partial whose buckets are still to be fetched: the holder of a bucket needs no other one."""

    digest: bytes
    chunk: int
    source: bytes
    first: int
    stop: int
    statistics: bytes
    buckets: Sequence[tuple[int, Document]]

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> PartialRoot:
        """The root alone, checked."""
        with opened_root(store, digest, "partial", _KEYS) as fields:
            chunk, first, stop = (fields.integer(name) for name in ("chunk", "first", "stop"))
            source, statistics = fields.octets("source"), fields.octets("statistics")
            _check(chunk, source, first, stop, statistics)
            buckets = [_read_bucket(index, item) for index, item in enumerate(fields.items("buckets"))]
            checks.integer("the number of buckets", len(buckets), 1, checks.MOST_SHARDS)
            return cls(digest, chunk, source, first, stop, statistics, buckets)

    def bucket(self, store: Store, number: int) -> bytes:
        """The bytes of one bucket."""
        size, data = self.buckets[number]
        try:
            return read_bytes(store, data, size, f"buckets[{number}]", inline=0)
        except BadInput as error:
            raise ContentCorrupt(self.digest, f"partial: {error}") from error


def _check(chunk: int, source: bytes, first: int, stop: int, statistics: bytes) -> None:
    checks.integer("chunk", chunk, 0, checks.MOST_CHUNKS - 1)
    checks.digest("source", source)
    checks.integer("first", first, 0, checks.MOST_INTEGER - 1)
    checks.integer("stop", stop, first + 1, checks.MOST_INTEGER)
    checks.digest("statistics", statistics)


def _read_bucket(index: int, item: Document) -> tuple[int, Document]:
    bucket = Fields(exact_keys(f"buckets[{index}]", item, _BUCKET_KEYS))
    size = checks.integer(f"buckets[{index}].size", bucket.integer("size"), 0, MOST_BUCKET_BYTES)
    return size, bucket.raw("data")
