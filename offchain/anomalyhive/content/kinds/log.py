"""A stretch of a chain's log: the records of its blocks, one after the other, as bytes."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import opened_root, publish_root
from anomalyhive.content.store import Store
from anomalyhive.content.vectors import read_bytes, write_bytes
from anomalyhive.errors import BadInput

MOST_BYTES = 1 << 25
"""Bytes of one stretch, 32 MiB: above the largest block that any EVM chain makes, little enough to decode at once."""

_KEYS = frozenset({"first", "last", "size", "records"})


@dataclass(frozen=True)
class Log:
    """``first`` and ``last`` are the numbers of the first and the last block; what ``records`` are is for who reads
    the chain to say: content does not know chains.
    """

    first: int
    last: int
    records: bytes

    def __post_init__(self) -> None:
        checks.integer("first", self.first, 0, checks.MOST_INTEGER)
        checks.integer("last", self.last, self.first, checks.MOST_INTEGER)
        if not isinstance(self.records, bytes) or not 1 <= len(self.records) <= MOST_BYTES:
            raise BadInput(f"records are not 1 to {MOST_BYTES} bytes")

    def publish(self, store: Store) -> bytes:
        """Put the blocks; return the digest of the root."""
        data = write_bytes(store, self.records)
        fields = {"first": self.first, "last": self.last, "size": len(self.records), "records": data}
        return publish_root(store, "log", fields)

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Log:
        """The stretch behind a digest, checked in itself."""
        with opened_root(store, digest, "log", _KEYS) as fields:
            size = checks.integer("size", fields.integer("size"), 1, MOST_BYTES)
            records = read_bytes(store, fields.raw("records"), size, "records")
            return cls(fields.integer("first"), fields.integer("last"), records)
