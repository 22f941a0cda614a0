"""Stores by their names, and several of them read as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.content.cid import Codec, digest_of
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.opening import open_store, open_stores
from anomalyhive.errors import BadSetting, ContentCorrupt, ContentMissing, StoreUnusable


def test_open_store_of_a_directory_reads_it_and_changes_nothing(store: DirectoryStore) -> None:
    digest = store.put_raw(b"block")
    opened = open_store(f"directory:{store.path}")
    assert opened.get(digest, Codec.RAW) == b"block"
    with pytest.raises(StoreUnusable, match="read only"):
        opened.put_raw(b"more")


@pytest.mark.parametrize("text", ["", "store", "http://127.0.0.1:5001", "dir:/tmp"])
def test_open_store_of_what_names_none_is_refused(text: str) -> None:
    with pytest.raises(BadSetting, match="names no store"):
        open_store(text)


def test_open_store_where_nothing_is_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for name in ("none", "file"):
        named = f"directory:{tmp_path / name}"
        with pytest.raises(StoreUnusable, match="there is no store"):
            open_store(named)
        with pytest.raises(BadSetting, match=f"--store .*there is no store of blocks at {tmp_path / name}: check"):
            open_stores([named])
    with pytest.raises(BadSetting, match="no store to read content from"):
        open_stores([])


def test_several_stores_give_a_block_from_the_first_that_has_it_whole(tmp_path: Path) -> None:
    one, other = (DirectoryStore(tmp_path / name) for name in ("one", "other"))
    digest, alone = one.put_raw(b"block"), other.put_raw(b"alone")
    other.put_raw(b"block")
    both = open_stores([f"directory:{tmp_path / name}" for name in ("one", "other")])
    damaged = one.file_of(digest, Codec.RAW)
    damaged.chmod(0o644)
    damaged.write_bytes(b"blocc")
    assert both.get(digest, Codec.RAW) == b"block"
    assert both.get(alone, Codec.RAW) == b"alone"
    assert both.has(alone, Codec.RAW)
    assert {link.digest for link in both.digests()} == {digest, alone}
    other.file_of(digest, Codec.RAW).unlink()
    with pytest.raises(ContentCorrupt):
        both.get(digest, Codec.RAW)
    with pytest.raises(ContentMissing, match="any of 2 stores"):
        both.get(digest_of(b"absent"), Codec.RAW)
    with pytest.raises(StoreUnusable, match="read as one"):
        both.put_raw(b"x")
