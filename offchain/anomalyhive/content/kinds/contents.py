"""A list of roots: content that a chain names, in the order in which it names it."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import opened_root, publish_root, root_digest
from anomalyhive.content.store import Store
from anomalyhive.errors import BadInput

MOST_ROOTS = 1 << 13
"""Roots of one list: 41 bytes each, within the limit of a block."""

_KEYS = frozenset({"roots"})


@dataclass(frozen=True)
class Contents:
    """``roots`` are digests, each once."""

    roots: tuple[bytes, ...]

    def __post_init__(self) -> None:
        if len(self.roots) > MOST_ROOTS or len(set(self.roots)) != len(self.roots):
            raise BadInput(f"{len(self.roots)} roots are not at most {MOST_ROOTS} different ones")
        for root in self.roots:
            checks.digest("a root", root)

    def publish(self, store: Store) -> bytes:
        """Put the root; return its digest. What it links may be elsewhere."""
        return publish_root(store, "contents", {"roots": [Link(one, Codec.DAG_CBOR) for one in self.roots]})

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Contents:
        """The list behind a digest, checked in itself."""
        with opened_root(store, digest, "contents", _KEYS) as fields:
            return cls(tuple(root_digest("a root", one) for one in fields.items("roots")))
