"""The blocks of a lineage that a store has: what the content is that an export takes along."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from anomalyhive.audit.replay import Hive
from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import Document, decode
from anomalyhive.content.kinds import Update
from anomalyhive.content.store import Store
from anomalyhive.content.walk import leniently_linked
from anomalyhive.content.watched import WatchedStore
from anomalyhive.errors import ContentCorrupt, ContentMissing

KINDS = frozenset({"spec", "dataset", "labels", "partial", "update", "sum", "verdict", "model", "weights"})
"""Roots whose links are followed; what another root links is nobody's lineage, however it came to be named."""

MOST_EVIDENCE = 1 << 22
"""Entries of a vector that are taken along of an update of a round in which none was accepted."""


@dataclass
class Gathering:
    """Collects ``found``, the blocks that are there, and ``missing``, those that are due and not there."""

    store: Store
    found: set[Link] = field(default_factory=set)
    missing: dict[Link, None] = field(default_factory=dict)

    def follow(self, root: bytes) -> None:
        """Take along a root and all beneath it, as far as it is there."""
        pending = [Link(root, Codec.DAG_CBOR)]
        while pending:
            link = pending.pop()
            if link in self.found or link in self.missing:
                continue
            block = self._take(link)
            if block is not None and link.codec is Codec.DAG_CBOR and _document(block).get("kind") in KINDS:
                pending.extend(leniently_linked(block, link.codec))

    def take_evidence(self, root: bytes, length: int | None) -> None:
        """Take along what a reader of an update looks at before it sees that it is none.

        ``length`` is that of the round's vectors: of an update with another one nobody reads more than the root. Where
        it is not known, no more is read than `MOST_EVIDENCE`.
        """
        declared = self.length_of(root)
        if declared is None or (length is None and declared > MOST_EVIDENCE):
            return
        watched = WatchedStore(self.store, lambda link, _: self.found.add(link), lambda *_: None)
        with contextlib.suppress(ContentMissing, ContentCorrupt):
            Update.fetch(watched, root, declared if length is None else length)

    def length_of(self, root: bytes) -> int | None:
        """How long an update says that its vector is; None where it says nothing, or is not there."""
        link = Link(root, Codec.DAG_CBOR)
        try:
            block = self.store.get(root, Codec.DAG_CBOR)
        except (ContentMissing, ContentCorrupt):
            return None
        self.found.add(link)
        document = _document(block)
        vector = document.get("vector")
        shape = vector.get("shape") if isinstance(vector, dict) else None
        length = shape[0] if isinstance(shape, list) and len(shape) == 1 else None
        return length if isinstance(length, int) else None

    def _take(self, link: Link) -> bytes | None:
        try:
            block = self.store.get(link.digest, link.codec)
        except (ContentMissing, ContentCorrupt):
            self.missing[link] = None
            return None
        self.found.add(link)
        return block


def gather(store: Store, hive: Hive, roots: Sequence[bytes]) -> Gathering:
    """The blocks of a lineage whose events name these roots."""
    gathering = Gathering(store)
    beside = _rejected(hive)
    lengths: dict[bytes, int | None] = {}
    for root in roots:
        if root not in beside:
            gathering.follow(root)
            continue
        accepted = beside[root]
        if accepted is not None and accepted not in lengths:
            lengths[accepted] = gathering.length_of(accepted)
        gathering.take_evidence(root, None if accepted is None else lengths[accepted])
    return gathering


def _rejected(hive: Hive) -> dict[bytes, bytes | None]:
    """Updates that were not accepted -> one of the same round that was, None where none was."""
    rounds = [round_ for task in hive.tasks.values() for round_ in task.rounds.values()]
    accepted = {round_.submissions[shard].digest for round_ in rounds for shard in round_.accepted}
    found: dict[bytes, bytes | None] = {}
    for round_ in rounds:
        beside = next((round_.submissions[shard].digest for shard in round_.accepted), None)
        for one in round_.submissions.values():
            if one.digest not in accepted:
                found.setdefault(one.digest, beside)
    return found


def _document(block: bytes) -> dict[str, Document]:
    """A root as a map; an empty one where it is none."""
    try:
        document = decode(block)
    except ContentCorrupt:
        return {}
    return document if isinstance(document, dict) else {}
