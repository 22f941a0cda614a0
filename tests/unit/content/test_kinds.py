"""Roots of every kind: they come back as published, in the same bytes, and a reader refuses everything else."""

from __future__ import annotations

import dataclasses
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from roots import put, root_of

from anomalyhive.content import (
    Codec,
    DirectoryStore,
    Link,
    Model,
    Update,
    digest_of,
    kind_of,
)
from anomalyhive.content.codec import Document, encode
from anomalyhive.errors import ContentCorrupt, ContentFailure, ContentMissing

KINDS = [
    "dataset",
    "labels",
    "partial",
    "spec",
    "update",
    "sum",
    "model",
    "weights",
    "verdict",
    "contents",
    "export",
    "log",
]
GOLDEN = json.loads((Path(__file__).parents[2] / "vectors" / "content.json").read_text())
SOME = digest_of(b"some")


@pytest.mark.parametrize("kind", KINDS)
def test_publish_and_fetch_give_the_same_root(store: DirectoryStore, kinds: dict[str, Any], kind: str) -> None:
    digest = kinds[kind].publish(store)
    fetched = type(kinds[kind]).fetch(store, digest)
    assert fetched.publish(store) == digest
    assert kind_of(store.get(digest, Codec.DAG_CBOR)) == kind
    for field in dataclasses.fields(fetched):
        published = getattr(kinds[kind], field.name)
        if isinstance(published, np.ndarray):
            assert np.array_equal(getattr(fetched, field.name), published)
        elif kind != "weights":
            assert getattr(fetched, field.name) == published


@pytest.mark.parametrize("kind", KINDS)
def test_publish_gives_the_committed_bytes(store: DirectoryStore, kinds: dict[str, Any], kind: str) -> None:
    """A change of these bytes is a change of the protocol: every digest on a chain would differ."""
    digest = kinds[kind].publish(store)
    assert store.get(digest, Codec.DAG_CBOR).hex() == GOLDEN[kind]["root"]
    assert digest.hex() == GOLDEN[kind]["digest"]


@pytest.mark.parametrize("kind", KINDS)
def test_root_has_kind_and_version_and_fields_as_keys(store: DirectoryStore, kinds: dict[str, Any], kind: str) -> None:
    document = root_of(store, kinds[kind].publish(store))
    # A spec names classes only where labels are not 0 and 1, and an origin only where rows come from a chain.
    names = {field.name for field in dataclasses.fields(kinds[kind])} - {"origin", "classes"}
    assert document.keys() == names | {"kind", "version"} | (
        {"rows"} if kind in ("dataset", "labels") else {"size"} if kind == "log" else set()
    )
    assert document["kind"] == kind
    assert document["version"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_fetch_as_another_kind_is_refused(store: DirectoryStore, kinds: dict[str, Any], kind: str) -> None:
    digest = kinds[kind].publish(store)
    for other in KINDS:
        if other != kind:
            with pytest.raises(ContentCorrupt, match=f"not of kind {other}"):
                type(kinds[other]).fetch(store, digest)


@pytest.mark.parametrize("kind", KINDS)
def test_fetch_with_a_key_missing_unknown_or_of_another_version_is_refused(
    store: DirectoryStore, kinds: dict[str, Any], kind: str
) -> None:
    document = root_of(store, kinds[kind].publish(store))
    for key in document.keys() - {"kind"}:
        without = {name: value for name, value in document.items() if name != key}
        with pytest.raises(ContentCorrupt, match=f"lacks the keys \\['{key}'\\]"):
            type(kinds[kind]).fetch(store, put(store, without))
    with pytest.raises(ContentCorrupt, match="unknown keys \\['extra'\\]"):
        type(kinds[kind]).fetch(store, put(store, {**document, "extra": 0}))
    for version in (0, 2, True, "1", None):
        with pytest.raises(ContentCorrupt, match="version"):
            type(kinds[kind]).fetch(store, put(store, {**document, "version": version}))


@pytest.mark.parametrize("kind", KINDS)
def test_fetch_with_a_field_of_any_other_type_is_refused(
    store: DirectoryStore, kinds: dict[str, Any], kind: str
) -> None:
    """Each field is exchanged for a value of every type; only what the field may also hold gets through."""
    document = root_of(store, kinds[kind].publish(store))
    others: list[Document] = [-1, 1 << 62, "", "x" * 1001, b"", bytes(21), [], [None], {}, {"a": None}, True, None]
    others += [Link(SOME, Codec.RAW), Link(SOME, Codec.DAG_CBOR), [Link(SOME, Codec.RAW)]]
    harmless = 0
    for key in document.keys() - {"kind", "version"}:
        for other in others:
            changed = {**document, key: other}
            try:
                type(kinds[kind]).fetch(store, put(store, changed))
            except ContentCorrupt as error:
                assert error.digest == digest_of(encode(changed))  # noqa: PT017 # either outcome is right
            else:
                harmless += 1
    assert harmless <= 14


@pytest.mark.parametrize("kind", KINDS)
def test_every_byte_of_a_root_that_is_changed_in_the_store_is_found_by_digest(
    store: DirectoryStore, kinds: dict[str, Any], kind: str
) -> None:
    digest = kinds[kind].publish(store)
    file = store.file_of(digest, Codec.DAG_CBOR)
    block = file.read_bytes()
    file.chmod(0o644)
    for place in range(len(block)):
        file.write_bytes(block[:place] + bytes([block[place] ^ 1 << place % 8]) + block[place + 1 :])
        with pytest.raises(ContentCorrupt) as caught:
            type(kinds[kind]).fetch(store, digest)
        assert caught.value.digest == digest


@pytest.mark.parametrize("kind", KINDS)
def test_every_changed_root_that_is_published_anew_is_refused_or_says_something_else(
    store: DirectoryStore, kinds: dict[str, Any], kind: str
) -> None:
    """What a stranger publishes is read into a valid instance with these very bytes, or refused; nothing else."""
    draw = random.Random(3)
    block = store.get(kinds[kind].publish(store), Codec.DAG_CBOR)
    flips = [(place, 1 << bit) for place in range(len(block)) for bit in range(8)]
    for place, flip in draw.sample(flips, min(len(flips), 250)):
        changed = block[:place] + bytes([block[place] ^ flip]) + block[place + 1 :]
        digest = store.put_root(changed)
        try:
            fetched = type(kinds[kind]).fetch(store, digest)
        except ContentFailure:
            continue
        assert fetched.publish(store) == digest != digest_of(block)


def test_fetch_of_an_absent_root_is_missing(store: DirectoryStore) -> None:
    with pytest.raises(ContentMissing) as caught:
        Model.fetch(store, SOME)
    assert caught.value.digest == SOME


def test_fetch_with_a_piece_exchanged_for_another_is_refused(store: DirectoryStore, kinds: dict[str, Any]) -> None:
    """A raw block that is another's, put in its place in the store."""
    vectors = [np.arange(5000) + shift for shift in (0, 1)]
    update = kinds["update"]
    digests = [dataclasses.replace(update, vector=vector).publish(store) for vector in vectors]
    first, second = (root_of(store, digest)["vector"]["data"][0] for digest in digests)
    file = store.file_of(*first)
    file.chmod(0o644)
    file.write_bytes(store.get(*second))
    with pytest.raises(ContentCorrupt) as caught:
        Update.fetch(store, digests[0])
    assert caught.value.digest == first.digest
    assert np.array_equal(Update.fetch(store, digests[1]).vector, vectors[1])


def test_update_fetch_with_another_length_fetches_no_block(store: DirectoryStore, kinds: dict[str, Any]) -> None:
    digest = dataclasses.replace(kinds["update"], vector=np.arange(5000)).publish(store)
    store.file_of(*root_of(store, digest)["vector"]["data"][0]).unlink()
    with pytest.raises(ContentCorrupt, match=r"\(5000,\), not \(4999,\)"):
        Update.fetch(store, digest, length=4999)
    with pytest.raises(ContentMissing):
        Update.fetch(store, digest, length=5000)
