"""How digests, amounts and nodes are written."""

from __future__ import annotations

from anomalyhive.chain.views import ZERO_DIGEST
from anomalyhive.content.cid import Codec, Link, cid_text
from anomalyhive.dashboard.live.snapshot import Snapshot


def digest_or_none(digest: bytes) -> str | None:
    """A digest in hexadecimal; None for the zeros that stand for none."""
    return None if digest == ZERO_DIGEST else digest.hex()


def cid_of(digest: bytes) -> str:
    """The CID of a root."""
    return cid_text(Link(digest, Codec.DAG_CBOR))


def name_of(snapshot: Snapshot, node: int) -> str:
    """What a node is called: in a run by its place, which it never leaves; elsewhere by its number."""
    book = snapshot.book
    if snapshot.mode == "run" and book is not None:
        for kind, places in (("trainer", book.shards), ("validator", book.seats)):
            for place, holder in places.items():
                if holder == node:
                    return f"{kind}-{place}"
    return f"node {node}"


def names_of(snapshot: Snapshot) -> dict[int, str]:
    """Node -> what it is called, of all nodes."""
    found = {number: f"node {number}" for number in snapshot.ledger.nodes}
    if snapshot.mode == "run" and snapshot.book is not None:
        found |= {node: f"validator-{seat}" for seat, node in snapshot.book.seats.items()}
        found |= {node: f"trainer-{shard}" for shard, node in snapshot.book.shards.items()}
    return found
