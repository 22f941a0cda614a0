"""Every block that hangs on a root, with the codec that it must have."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

from anomalyhive.content import Codec, Dataset, DirectoryStore, Link, Model, Spec, SpecShard, Sum, Update, Weights
from anomalyhive.content.codec import encode
from anomalyhive.content.walk import failures, links, walk
from anomalyhive.errors import ContentCorrupt, ContentMissing

HIVE = bytes(20)


def publish_lineage(store: DirectoryStore, rounds: int) -> bytes:
    """A short lineage as a run makes it; returns its last model."""
    dataset = Dataset(("a",), np.arange(70_000).reshape(-1, 1), np.arange(70_000) % 2, None).publish(store)
    spec = Spec("t", "boost", {}, ("a",), "y", None, "public", (SpecShard(70_000, dataset),), 0).publish(store)
    weights = Weights("boost", {}, {"trees": []}).publish(store)
    head = Model(1, HIVE, 1, 0, None, spec, None, weights).publish(store)
    for number in range(1, rounds + 1):
        vector = np.arange(4000) * number
        update = Update(1, HIVE, 1, number, 0, 1, HIVE, head, 70_000, vector).publish(store)
        total = Sum(1, HIVE, 1, number, (update,), bytes(96), vector).publish(store)
        weights = Weights("boost", {}, {"trees": [np.arange(number)]}).publish(store)
        head = Model(1, HIVE, 1, number, head, spec, total, weights).publish(store)
    return head


def test_walk_reaches_every_block_of_a_lineage_once(store: DirectoryStore) -> None:
    head = publish_lineage(store, 3)
    store.put_raw(b"nothing links this")
    reached = [link for link, _ in walk(store, [head, head])]
    assert len(reached) == len(set(reached))
    assert set(reached) == set(store.digests()) - {Link(store.put_raw(b"nothing links this"), Codec.RAW)}
    assert reached[0] == Link(head, Codec.DAG_CBOR)


def test_walk_order_depends_on_content_alone(store: DirectoryStore, tmp_path: Path) -> None:
    head = publish_lineage(store, 2)
    other = DirectoryStore(tmp_path / "other")
    for link in reversed(list(store.digests())):
        (other.put_raw if link.codec is Codec.RAW else other.put_root)(store.get(*link))
    assert list(walk(store, [head])) == list(walk(other, [head]))


def test_walk_names_any_block_that_is_missing(store: DirectoryStore) -> None:
    head = publish_lineage(store, 2)
    for link in list(store.digests()):
        file = store.file_of(*link)
        block = file.read_bytes()
        file.unlink()
        with pytest.raises(ContentMissing) as missing:
            list(walk(store, [head]))
        assert missing.value.digest == link.digest
        file.write_bytes(block[:-1])
        with pytest.raises(ContentCorrupt) as corrupt:
            list(walk(store, [head]))
        assert corrupt.value.digest == link.digest
        file.write_bytes(block)
    assert list(walk(store, [head]))


def test_failures_names_every_block_that_is_missing_or_corrupt(store: DirectoryStore) -> None:
    head = publish_lineage(store, 3)
    assert failures(store, [head]) == []
    raws = [link for link in store.digests() if link.codec is Codec.RAW]
    for number, link in enumerate(raws):
        if number % 2:
            store.file_of(*link).unlink()
        else:
            store.file_of(*link).chmod(0o644)
            store.file_of(*link).write_bytes(b"damaged")
    found = failures(store, [head])
    assert {error.digest for error in found} == {link.digest for link in raws}
    assert {type(error) for error in found} == {ContentMissing, ContentCorrupt}
    store.file_of(head, Codec.DAG_CBOR).unlink()
    assert [error.digest for error in failures(store, [head])] == [head]


def test_exchange_of_two_blocks_in_the_store_is_found_and_named(store: DirectoryStore) -> None:
    head = publish_lineage(store, 2)
    kept = list(store.digests())
    for left, right in itertools.pairwise(kept):
        files = [store.file_of(*link) for link in (left, right)]
        blocks = [file.read_bytes() for file in files]
        for file, block in zip(files, reversed(blocks), strict=True):
            file.chmod(0o644)
            file.write_bytes(block)
        assert {error.digest for error in failures(store, [head])} & {left.digest, right.digest}
        for file, block in zip(files, blocks, strict=True):
            file.write_bytes(block)
    assert failures(store, [head]) == []


def test_walk_of_a_very_long_lineage_needs_no_stack(store: DirectoryStore) -> None:
    digest = store.put_root(encode({"parent": None}))
    for _ in range(1200):  # Python's own limit is 1000 calls
        digest = store.put_root(encode({"parent": Link(digest, Codec.DAG_CBOR)}))
    assert sum(1 for _ in walk(store, [digest])) == 1201


def test_links_names_the_codec_that_each_block_must_have(store: DirectoryStore) -> None:
    raw = Link(store.put_raw(bytes(5000)), Codec.RAW)
    root = Link(store.put_root(encode({})), Codec.DAG_CBOR)
    assert links(store, store.put_root(encode([root, raw]))) == [root, raw]
