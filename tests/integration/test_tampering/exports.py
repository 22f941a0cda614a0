"""An export taken apart, so that anything in it can be changed, and put together again as its writer would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from anomalyhive.audit.export.records import Record, decoded, encoded
from anomalyhive.content.car import write_car
from anomalyhive.content.carstore import CarStore
from anomalyhive.content.cid import Codec, Link, digest_of
from anomalyhive.content.codec import Document, decode, encode
from anomalyhive.content.kinds import Log
from anomalyhive.content.vectors import write_bytes
from anomalyhive.content.walk import walk_among


@dataclass(frozen=True)
class Parts:
    """All blocks of an export, and its root; a store for whoever puts blocks."""

    root: Link
    blocks: dict[Link, bytes]

    @classmethod
    def of(cls, path: Path) -> Parts:
        with CarStore(path) as store:
            return cls(Link(store.roots[0], Codec.DAG_CBOR), {link: store.get(*link) for link in store.links})

    def copy(self) -> Parts:
        return Parts(self.root, dict(self.blocks))

    def get(self, digest: bytes, codec: Codec) -> bytes:
        return self.blocks[Link(digest, codec)]

    def put_raw(self, block: bytes) -> bytes:
        self.blocks[Link(digest_of(block), Codec.RAW)] = block
        return digest_of(block)

    def put_root(self, block: bytes) -> bytes:
        self.blocks[Link(digest_of(block), Codec.DAG_CBOR)] = block
        return digest_of(block)

    def document(self, link: Link) -> dict[str, Document]:
        document = decode(self.blocks[link])
        assert isinstance(document, dict)
        return document

    def of_kind(self, kind: str) -> list[Link]:
        """The roots of a kind, in an order that does not depend on their digests' order in memory."""
        roots = sorted(link for link in self.blocks if link.codec is Codec.DAG_CBOR)
        return [link for link in roots if self.document(link)["kind"] == kind]

    def replaced(self, old: Link, block: bytes) -> Parts:
        """The export with another block in the place of one, and everything above named anew up to the root."""
        new = Parts(self.root, dict(self.blocks))
        made: dict[Link, Link] = {old: Link(digest_of(block), old.codec)}
        new.blocks[made[old]] = block

        def rebuilt(link: Link) -> Link:
            if link not in made and link.codec is Codec.DAG_CBOR and link in self.blocks:
                document = decode(self.blocks[link])
                changed = with_links(document, rebuilt)
                if changed != document:
                    encoded_anew = encode(changed)
                    made[link] = Link(digest_of(encoded_anew), link.codec)
                    new.blocks[made[link]] = encoded_anew
                else:
                    made[link] = link
            return made.get(link, link)

        return replace(new, root=rebuilt(self.root))

    def write(self, path: Path) -> Path:
        write_car(path, [self.root.digest], walk_among(self, [self.root.digest], self.blocks))
        return path

    # The log

    def records(self) -> list[Record]:
        (stretch,) = self._log()
        return [record for record, _ in decoded(Log.fetch(self, stretch.digest).records)]

    def with_records(self, records: list[Record]) -> Parts:
        """The export with another log of the same stretch."""
        (stretch,) = self._log()
        fields = self.document(stretch)
        data = b"".join(encoded(one) for one in records)
        new = self.copy()
        block = encode({**fields, "size": len(data), "records": write_bytes(new, data)})
        return new.replaced(stretch, block)

    def _log(self) -> list[Link]:
        listed = self.document(self.root)["log"]
        assert isinstance(listed, list)
        return [link for link in listed if isinstance(link, Link)]


def with_links(document: Document, change: Callable[[Link], Link]) -> Document:
    """A document with every link changed."""
    if isinstance(document, Link):
        return change(document)
    if isinstance(document, list):
        return [with_links(one, change) for one in document]
    if isinstance(document, dict):
        return {key: with_links(one, change) for key, one in document.items()}
    return document
