"""Stores by the words of a command line: a directory, or the address of a daemon; several read as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from anomalyhive.content.cid import Codec, Link, cid_text
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.kubo import DEFAULT_ADDRESS, KuboStore
from anomalyhive.content.store import Store
from anomalyhive.errors import BadSetting, ContentCorrupt, ContentMissing, StoreUnusable

DIRECTORY = "directory:"
"""Stands before the path of a store that is a directory."""


def open_store(text: str) -> Store:
    """The store that ``text`` names, to be read from.

    Raises BadSetting where it names none, StoreUnusable where there is none.
    """
    if text.startswith(DIRECTORY):
        return DirectoryStore(Path(text.removeprefix(DIRECTORY)), read_only=True)
    if text.startswith("/"):
        return KuboStore(text)
    raise BadSetting(f"--store {text!r} names no store: write directory:PATH, or a daemon as {DEFAULT_ADDRESS}")


def open_stores(texts: Sequence[str]) -> Store:
    """One store that reads from all that options name, the first one first.

    Raises BadSetting where none is named, and for a directory that is not there: who gives an option is at hand to
    correct it, whereas a node's store may come back. StoreUnusable where a daemon does not answer.
    """
    if not texts:
        raise BadSetting("no store to read content from: name one in --store, as directory:PATH or /ip4/…")
    for text in texts:
        path = Path(text.removeprefix(DIRECTORY))
        if text.startswith(DIRECTORY) and not path.is_dir():
            raise BadSetting(f"--store {text!r}: there is no store of blocks at {path}: check the path")
    stores = [open_store(text) for text in texts]
    return stores[0] if len(stores) == 1 else Several(tuple(stores))


@dataclass(frozen=True)
class Several:
    """Stores read as one: a block comes from the first that has it whole. Nothing is put into any of them."""

    stores: tuple[Store, ...]

    def get(self, digest: bytes, codec: Codec) -> bytes:
        """The block; ContentCorrupt where all that have it have it damaged."""
        damaged: ContentCorrupt | None = None
        for store in self.stores:
            try:
                return store.get(digest, codec)
            except ContentMissing:
                continue
            except ContentCorrupt as error:
                damaged = error
        raise damaged or ContentMissing(digest, f"any of {len(self.stores)} stores")

    def has(self, digest: bytes, codec: Codec) -> bool:
        """Whether any store has the block."""
        return any(store.has(digest, codec) for store in self.stores)

    def digests(self) -> Iterator[Link]:
        """All blocks of all stores, by ascending CID."""
        return iter(sorted({link for store in self.stores for link in store.digests()}, key=cid_text))

    def put_raw(self, block: bytes) -> bytes:
        """Refused."""
        raise StoreUnusable(f"{len(self.stores)} stores are read as one: put {len(block)} bytes into one of them")

    def put_root(self, block: bytes) -> bytes:
        """Refused."""
        return self.put_raw(block)
