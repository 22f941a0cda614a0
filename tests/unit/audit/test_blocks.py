"""The inventory of a store."""

from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.audit.blocks import Inventory
from anomalyhive.audit.report import Findings
from anomalyhive.content.cid import Codec, Link
from anomalyhive.content.codec import encode
from anomalyhive.content.directory import DirectoryStore


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "store")


class Shelf:
    """A root over a root over a raw block, and a raw block apart."""

    def __init__(self, store: DirectoryStore) -> None:
        self.store = store
        self.raw = store.put_raw(b"leaf")
        self.inner = store.put_root(encode({"piece": Link(self.raw, Codec.RAW)}))
        self.outer = store.put_root(encode({"root": Link(self.inner, Codec.DAG_CBOR)}))
        self.apart = store.put_raw(b"apart")

    def failures(self, **referred: list[bytes]) -> list[str]:
        findings = Findings()
        inventory = Inventory(self.store, findings)
        inventory.read(lambda *_: None)
        for digest in referred.get("need", []):
            inventory.need(digest, "the test")
        for digest in referred.get("root", []):
            inventory.need_root(digest, "the test")
        for digest in referred.get("allow", []):
            inventory.allow(digest)
        inventory.finish()
        return [str(one) for one in findings.report().check("blocks").failures]

    def remove(self, digest: bytes, codec: Codec) -> None:
        self.store.file_of(digest, codec).unlink()


@pytest.fixture
def shelf(store: DirectoryStore) -> Shelf:
    return Shelf(store)


def test_finish_names_what_nothing_refers_to(shelf: Shelf) -> None:
    (line,) = shelf.failures(need=[shelf.outer])
    assert shelf.apart.hex() in line
    assert "belongs to nothing" in line


def test_finish_names_a_needed_block_that_is_missing_and_who_needs_it(shelf: Shelf) -> None:
    shelf.remove(shelf.raw, Codec.RAW)
    (line,) = shelf.failures(need=[shelf.outer])
    assert shelf.raw.hex() in line
    assert "is missing; the test needs it" in line


def test_finish_lets_what_is_only_allowed_be_missing(shelf: Shelf) -> None:
    shelf.remove(shelf.apart, Codec.RAW)
    shelf.remove(shelf.raw, Codec.RAW)
    assert shelf.failures(allow=[shelf.outer]) == []
    assert shelf.failures(allow=[shelf.outer, b"?" * 32]) == []


def test_finish_needs_of_a_root_alone_not_what_is_beneath_it(shelf: Shelf) -> None:
    shelf.remove(shelf.apart, Codec.RAW)
    shelf.remove(shelf.raw, Codec.RAW)
    assert shelf.failures(root=[shelf.outer]) == []
    shelf.remove(shelf.outer, Codec.DAG_CBOR)
    assert [shelf.outer.hex() in line for line in shelf.failures(root=[shelf.outer])] == [True]


def test_read_of_a_block_under_another_codec_is_another_block(shelf: Shelf) -> None:
    shelf.remove(shelf.apart, Codec.RAW)
    shelf.store.put_raw(encode({"root": Link(shelf.inner, Codec.DAG_CBOR)}))
    (line,) = shelf.failures(need=[shelf.outer])
    assert "belongs to nothing" in line


def test_finish_of_bytes_that_are_no_content_fails_only_where_content_is_due(store: DirectoryStore) -> None:
    shapeless = store.put_root(b"\xff no dag-cbor")
    shelf = Shelf(store)
    shelf.remove(shelf.apart, Codec.RAW)
    assert shelf.failures(need=[shelf.outer], root=[shapeless]) == []
    (line,) = shelf.failures(need=[shelf.outer, shapeless])
    assert "is no content" in line


def test_finish_with_a_corrupt_block_blames_nothing_else(shelf: Shelf) -> None:
    file = shelf.store.file_of(shelf.inner, Codec.DAG_CBOR)
    file.chmod(0o644)
    file.write_bytes(b"other")
    (line,) = shelf.failures(need=[shelf.outer])
    assert shelf.inner.hex() in line
    assert "is corrupt" in line


def test_read_of_a_directory_in_the_place_of_a_block_names_it(shelf: Shelf) -> None:
    shelf.remove(shelf.apart, Codec.RAW)
    shelf.store.file_of(shelf.apart, Codec.RAW).mkdir()
    assert any("is a directory" in line for line in shelf.failures(need=[shelf.outer]))
