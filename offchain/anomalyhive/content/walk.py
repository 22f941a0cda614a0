"""All blocks that hang together: from roots along their links."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Protocol

from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import links_in
from anomalyhive.content.store import Store
from anomalyhive.errors import ContentCorrupt, ContentMissing


class Readable(Protocol):
    """What a walk needs of a store."""

    def get(self, digest: bytes, codec: Codec) -> bytes:
        """The block; see Store."""


def links(store: Store, digest: bytes) -> list[Link]:
    """The blocks that a root links, in the order of its bytes, with the codec that each must have."""
    return links_in(store.get(digest, Codec.DAG_CBOR), Codec.DAG_CBOR)


def walk(store: Store, roots: Iterable[bytes]) -> Iterator[tuple[Link, bytes]]:
    """Every block reachable from the roots, once each, with its verified bytes.

    Depth first, a root before what it links, in the order of the links: content alone decides the order.
    A block that is missing or corrupt raises, which names it; no recursion, so that a lineage may be long.
    """
    seen: set[Link] = set()
    for root in roots:
        pending = [Link(root, Codec.DAG_CBOR)]
        while pending:
            link = pending.pop()
            if link in seen:
                continue
            seen.add(link)
            block = store.get(link.digest, link.codec)
            yield link, block
            pending.extend(reversed(links_in(block, link.codec)))


def walk_among(store: Readable, roots: Iterable[bytes], included: Container[Link]) -> Iterator[tuple[Link, bytes]]:
    """As `walk`, along the included blocks only: what is linked and not included is passed over."""
    seen: set[Link] = set()
    pending = [Link(root, Codec.DAG_CBOR) for root in reversed(list(roots))]
    while pending:
        link = pending.pop()
        if link in seen:
            continue
        seen.add(link)
        if link not in included:
            continue
        block = store.get(link.digest, link.codec)
        yield link, block
        pending.extend(reversed(leniently_linked(block, link.codec)))


def leniently_linked(block: bytes, codec: Codec) -> list[Link]:
    """What a block links; nothing where it is no dag-cbor."""
    try:
        return links_in(block, codec)
    except ContentCorrupt:
        return []


def failures(store: Store, roots: Iterable[bytes]) -> list[ContentMissing | ContentCorrupt]:
    """Every block reachable from the roots that is missing or corrupt, in the order of walk; none if all is well.

    What a broken root links is unknown, so it is looked at only where another root links it, too.
    """
    found: list[ContentMissing | ContentCorrupt] = []
    seen: set[Link] = set()
    pending = [Link(root, Codec.DAG_CBOR) for root in reversed(list(roots))]
    while pending:
        link = pending.pop()
        if link in seen:
            continue
        seen.add(link)
        try:
            pending.extend(reversed(links_in(store.get(link.digest, link.codec), link.codec)))
        except (ContentMissing, ContentCorrupt) as error:
            found.append(error)
    return found
