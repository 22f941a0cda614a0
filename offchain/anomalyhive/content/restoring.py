"""Content brought back from a CAR file: by anyone who has one, into a directory or a daemon.

The file is read to its end before anything is put, so that one that is cut, damaged, or holds what none of its roots
leads to changes nothing. Then each root is put after its own raw blocks: a store never has a root that is not whole, a
kill leaves whole roots only, and the same call goes on where it stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from anomalyhive.content.carstore import CarStore
from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.kinds import kind_of
from anomalyhive.content.store import Store
from anomalyhive.errors import ContentCorrupt

FRAME = frozenset({"export", "contents", "log"})
"""Kinds of root that make a file of a lineage: no part of it, and put nowhere."""


@dataclass(frozen=True)
class Restored:
    """``roots`` are those that the file names, ``blocks`` is how many were put.

    ``missing`` are blocks that something in the file links and that neither it nor the store has: content that was
    withheld, or that is in other files. ``incomplete`` are roots of the file that were not put, since raw blocks of
    theirs are among the missing.
    """

    roots: tuple[bytes, ...]
    blocks: int
    missing: tuple[Link, ...]
    incomplete: tuple[bytes, ...]


def restore(store: Store, path: Path) -> Restored:
    """Put the content in a CAR file into a store: its blocks, but for those that only frame an export.

    BadInput names the place where the file is not as `car.write_car` writes it: cut, in another order, with a block
    that nothing before it links. ContentCorrupt names a block that is not what its CID says. Nothing was put then.
    """
    with CarStore(path) as car:
        put: set[Link] = set()
        incomplete: list[bytes] = []
        missing: set[Link] = set()
        for root, links in car.links.items():
            if root.codec is Codec.RAW or _frames(car.get(*root)):
                continue
            absent = {link for link in links if not car.has(*link) and not store.has(*link)}
            missing |= absent
            if any(link.codec is Codec.RAW for link in absent):
                incomplete.append(root.digest)
                continue
            for link in links:
                if link.codec is Codec.RAW and car.has(*link) and link not in put:
                    store.put_raw(car.get(*link))
                    put.add(link)
            store.put_root(car.get(*root))
            put.add(root)
        return Restored(car.roots, len(put), tuple(sorted(missing)), tuple(incomplete))


def _frames(block: bytes) -> bool:
    try:
        return kind_of(block) in FRAME
    except ContentCorrupt:
        return False
