"""All blocks that hang together: from roots along their links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import links_in
from anomalyhive.content.store import Store


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
