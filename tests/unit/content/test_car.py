"""Lineages as files: a round trip, one file for one content, and files that lie."""

from __future__ import annotations

import io
import random
from pathlib import Path
from typing import Any

import dag_cbor
import numpy as np
import pytest
from multiformats import CID, varint

from anomalyhive.content import (
    Codec,
    DirectoryStore,
    Link,
    Weights,
    cid_text,
    digest_of,
    export_car,
    import_car,
    walk,
)
from anomalyhive.content.cid import cid_bytes
from anomalyhive.content.codec import RAW_LIMIT, Document, encode
from anomalyhive.errors import BadInput, ContentCorrupt, ContentFailure, ContentMissing, StoreUnusable


@pytest.fixture
def roots(store: DirectoryStore) -> list[bytes]:
    states: list[Any] = [{"a": np.arange(4000)}, {"a": np.arange(4000), "b": [np.arange(200_000)]}, {}]
    return [Weights("boost", {}, state).publish(store) for state in states]


def section(link: Link, block: bytes) -> bytes:
    data = cid_bytes(link) + block
    return varint.encode(len(data)) + data


def header(document: Any) -> bytes:
    data = encode(document)
    return varint.encode(len(data)) + data


def car_of(roots: list[bytes], blocks: list[tuple[Codec, bytes]]) -> bytes:
    """A file with correct digests, of whatever blocks."""
    links: list[Document] = [Link(root, Codec.DAG_CBOR) for root in roots]
    parts = [section(Link(digest_of(block), codec), block) for codec, block in blocks]
    return header({"roots": links, "version": 1}) + b"".join(parts)


def parse(data: bytes) -> tuple[list[str], list[tuple[str, bytes]]]:
    """A CARv1 file read by the packages that define its parts."""
    stream = io.BytesIO(data)
    head: Any = dag_cbor.decode(stream.read(varint.decode(stream)))
    assert head["version"] == 1
    blocks = []
    while stream.tell() < len(data):
        part = stream.read(varint.decode(stream))
        blocks.append((str(CID.decode(part[:36]).set(base="base32")), part[36:]))
    return [str(root.set(base="base32")) for root in head["roots"]], blocks


def test_import_gives_back_what_was_exported(store: DirectoryStore, roots: list[bytes], tmp_path: Path) -> None:
    count = export_car(store, roots, tmp_path / "all.car")
    other = DirectoryStore(tmp_path / "other")
    assert import_car(other, tmp_path / "all.car") == roots
    assert list(other.digests()) == list(store.digests())
    assert len(list(other.digests())) == count
    assert list(walk(other, roots)) == list(walk(store, roots))


def test_export_is_one_file_for_one_content(store: DirectoryStore, roots: list[bytes], tmp_path: Path) -> None:
    export_car(store, roots, tmp_path / "a.car")
    other = DirectoryStore(tmp_path / "other")
    import_car(other, tmp_path / "a.car")
    export_car(other, roots, tmp_path / "b.car")
    assert (tmp_path / "a.car").read_bytes() == (tmp_path / "b.car").read_bytes()


def test_export_is_a_carv1_file_to_other_software(store: DirectoryStore, roots: list[bytes], tmp_path: Path) -> None:
    export_car(store, roots, tmp_path / "a.car")
    named, blocks = parse((tmp_path / "a.car").read_bytes())
    assert named == [cid_text(Link(root, Codec.DAG_CBOR)) for root in roots]
    assert blocks == [(cid_text(link), block) for link, block in walk(store, roots)]


def test_export_with_a_block_missing_leaves_no_file(store: DirectoryStore, roots: list[bytes], tmp_path: Path) -> None:
    raw = next(link for link in store.digests() if link.codec is Codec.RAW)
    store.file_of(*raw).unlink()
    with pytest.raises(ContentMissing) as caught:
        export_car(store, roots, tmp_path / "a.car")
    assert caught.value.digest == raw.digest
    assert not [path for path in tmp_path.iterdir() if path.is_file()]


def test_export_to_a_place_that_is_none_says_so(store: DirectoryStore, roots: list[bytes], tmp_path: Path) -> None:
    with pytest.raises(StoreUnusable, match=r"none/a\.car"):
        export_car(store, roots, tmp_path / "none" / "a.car")


def test_import_of_a_file_that_is_absent_says_so(store: DirectoryStore, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"absent\.car"):
        import_car(store, tmp_path / "absent.car")


def test_import_of_every_truncation_is_refused(tmp_path: Path) -> None:
    source = DirectoryStore(tmp_path / "source")
    root = Weights("boost", {}, {"a": np.arange(3000)}).publish(source)
    export_car(source, [root], tmp_path / "a.car")
    data = (tmp_path / "a.car").read_bytes()
    target = DirectoryStore(tmp_path / "target")
    for length in [*range(400), *range(400, len(data), 501), len(data) - 1]:
        (tmp_path / "cut.car").write_bytes(data[:length])
        with pytest.raises((BadInput, ContentMissing)):
            import_car(target, tmp_path / "cut.car")


def test_import_of_flipped_bytes_is_refused(tmp_path: Path) -> None:
    draw = random.Random(2)
    source = DirectoryStore(tmp_path / "source")
    root = Weights("boost", {"depth": 6}, {"a": np.arange(3000), "b": [1, 2]}).publish(source)
    export_car(source, [root], tmp_path / "a.car")
    data = (tmp_path / "a.car").read_bytes()
    target = DirectoryStore(tmp_path / "target")
    for place in [*range(300), *(draw.randrange(300, len(data)) for _ in range(200))]:
        changed = bytearray(data)
        changed[place] ^= 1 << draw.randrange(8)
        (tmp_path / "b.car").write_bytes(changed)
        with pytest.raises((BadInput, ContentFailure)):
            import_car(target, tmp_path / "b.car")
    for link in target.digests():
        assert link in set(source.digests())


RAW = bytes(5000)
ROOT = encode({"raw": Link(digest_of(RAW), Codec.RAW)})
LEAF = encode({"leaf": True})

LIES = {
    "empty": (b"", "the file is empty"),
    "header cut": (car_of([digest_of(ROOT)], [])[:20], "the file was cut"),
    "header of version 2": (bytes.fromhex("0aa16776657273696f6e02"), "not that of CAR version 1"),
    "header with another key": (
        header({"roots": [Link(digest_of(LEAF), Codec.DAG_CBOR)], "version": 1, "x": 0}),
        "and nothing else",
    ),
    "header without roots": (header({"roots": [], "version": 1}), "one or more"),
    "header with a raw root": (header({"roots": [Link(digest_of(RAW), Codec.RAW)], "version": 1}), "one or more"),
    "header that is no map": (header([1]), "not that of CAR version 1"),
    "header that is no dag-cbor": (b"\x01\xff", "no CARv1 header"),
    "header of a gigabyte": (varint.encode(1 << 27), "exceeds"),
    "length without end": (b"\xff" * 12, "longer than four bytes"),
    "length in a longer form": (b"\x81\x00" + b"\xa0", "shortest form"),
    "block that nothing links": (car_of([digest_of(LEAF)], [(Codec.DAG_CBOR, LEAF), (Codec.RAW, RAW)]), "not linked"),
    "block before what links it": (car_of([digest_of(ROOT)], [(Codec.RAW, RAW), (Codec.DAG_CBOR, ROOT)]), "not linked"),
    "block twice": (car_of([digest_of(LEAF)], [(Codec.DAG_CBOR, LEAF)] * 2), "comes twice"),
    "block under another codec": (
        car_of([digest_of(ROOT)], [(Codec.DAG_CBOR, ROOT), (Codec.DAG_CBOR, RAW)]),
        "not linked",
    ),
    "block over the limit": (
        car_of([digest_of(ROOT)], [(Codec.DAG_CBOR, ROOT), (Codec.RAW, bytes(RAW_LIMIT + 1))]),
        "too large",
    ),
    "section without a CID": (car_of([digest_of(LEAF)], []) + b"\x05hello", "CIDv1"),
    "section of no bytes": (car_of([digest_of(LEAF)], []) + b"\x00", "CIDv1"),
}


@pytest.mark.parametrize("name", LIES)
def test_import_of_a_file_that_lies_is_refused_with_the_place(store: DirectoryStore, tmp_path: Path, name: str) -> None:
    data, reason = LIES[name]
    (tmp_path / "lie.car").write_bytes(data)
    with pytest.raises(BadInput, match=rf"lie\.car, byte \d+: .*{reason}"):
        import_car(store, tmp_path / "lie.car")


def test_import_of_a_block_with_another_digest_names_it(store: DirectoryStore, tmp_path: Path) -> None:
    data = car_of([digest_of(LEAF)], []) + section(Link(digest_of(LEAF), Codec.DAG_CBOR), ROOT)
    (tmp_path / "lie.car").write_bytes(data)
    with pytest.raises(ContentCorrupt) as caught:
        import_car(store, tmp_path / "lie.car")
    assert caught.value.digest == digest_of(LEAF)
    assert list(store.digests()) == []


def test_import_of_a_file_that_leaves_a_block_out_names_it(store: DirectoryStore, tmp_path: Path) -> None:
    (tmp_path / "lie.car").write_bytes(car_of([digest_of(ROOT)], [(Codec.DAG_CBOR, ROOT)]))
    with pytest.raises(ContentMissing) as caught:
        import_car(store, tmp_path / "lie.car")
    assert caught.value.digest == digest_of(RAW)


def test_import_of_a_root_that_is_a_bomb_is_refused(store: DirectoryStore, tmp_path: Path) -> None:
    bomb = b"\x81" * 100_000
    (tmp_path / "lie.car").write_bytes(car_of([digest_of(bomb)], [(Codec.DAG_CBOR, bomb)]))
    with pytest.raises(ContentCorrupt, match="levels"):
        import_car(store, tmp_path / "lie.car")
    assert list(store.digests()) == []
