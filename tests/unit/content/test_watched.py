from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.watched import WatchedStore
from anomalyhive.errors import ContentCorrupt, ContentMissing


def test_watched_store_tells_of_what_is_read_and_of_what_is_damaged_and_of_nothing_else(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    whole, torn = store.put_raw(b"whole"), store.put_raw(b"torn")
    (damaged,) = (path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == b"torn")
    damaged.chmod(0o600)
    damaged.write_bytes(b"turn")
    told: list[tuple[Link, bytes]] = []
    damages: list[Link] = []
    watched = WatchedStore(store, lambda *one: told.append(one), lambda link, _: damages.append(link))
    assert watched.get(whole, Codec.RAW) == b"whole"
    with pytest.raises(ContentCorrupt):
        watched.get(torn, Codec.RAW)
    with pytest.raises(ContentMissing):
        watched.get(bytes(32), Codec.RAW)
    assert watched.has(whole, Codec.RAW)
    assert list(watched.digests()) == list(store.digests())
    assert told == [(Link(whole, Codec.RAW), b"whole")]
    assert damages == [Link(torn, Codec.RAW)]
