"""A CAR file read as a store: what is in it, in which order it must stand, and what is no such file."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from multiformats import varint

from anomalyhive.content.car import export_car, import_car, write_car
from anomalyhive.content.carstore import CarStore
from anomalyhive.content.cid import Codec, Link, cid_bytes, digest_of
from anomalyhive.content.codec import encode
from anomalyhive.content.directory import DirectoryStore
from anomalyhive.content.walk import walk_among
from anomalyhive.errors import BadInput, ContentCorrupt, ContentMissing, StoreUnusable

LEAVES = [b"one", b"two", b"three"]


@pytest.fixture
def root(store: DirectoryStore) -> Link:
    """A root of two roots, of which the second links what the first does, and one thing more."""
    leaves = [Link(store.put_raw(leaf), Codec.RAW) for leaf in LEAVES]
    first = Link(store.put_root(encode([leaves[0], leaves[1]])), Codec.DAG_CBOR)
    second = Link(store.put_root(encode([leaves[1], leaves[2], first])), Codec.DAG_CBOR)
    return Link(store.put_root(encode([first, second])), Codec.DAG_CBOR)


@pytest.fixture
def path(store: DirectoryStore, root: Link, tmp_path: Path) -> Path:
    export_car(store, [root.digest], tmp_path / "whole.car")
    return tmp_path / "whole.car"


def test_carstore_gives_every_block_of_a_file_and_what_it_links(store: DirectoryStore, path: Path, root: Link) -> None:
    with CarStore(path) as car:
        assert list(car.digests()) == list(store.digests())
        assert car.roots == (root.digest,)
        for link in store.digests():
            assert car.get(*link) == store.get(*link)
            assert car.has(*link)
        assert car.beneath([root]) == set(store.digests()) == car.links.keys()
        assert car.shapeless == {}
        absent = digest_of(b"absent")
        assert not car.has(absent, Codec.RAW)
        with pytest.raises(ContentMissing, match="is not in"):
            car.get(absent, Codec.RAW)
        with pytest.raises(StoreUnusable, match="read only"):
            car.put_raw(b"x")
        with pytest.raises(StoreUnusable, match="read only"):
            car.put_root(encode([]))


def test_carstore_reads_a_file_that_lacks_what_somebody_did_not_have(
    store: DirectoryStore, root: Link, tmp_path: Path
) -> None:
    everything = set(store.digests())
    for count in range(1, len(everything)):
        for absent in itertools.combinations(sorted(everything - {root}), count):
            kept = everything - set(absent)
            file = tmp_path / "poor.car"
            blocks = list(walk_among(store, [root.digest], kept))
            write_car(file, [root.digest], blocks)
            with CarStore(file) as car:
                assert car.links.keys() == {link for link, _ in blocks}
            with pytest.raises(ContentMissing):
                import_car(store, file)


def sections(path: Path) -> list[bytes]:
    raw, at, found = path.read_bytes(), 0, []
    while at < len(raw):
        length, taken, _ = varint.decode_raw(raw[at : at + 8])
        found.append(raw[at : at + taken + length])
        at += taken + length
    return found


def test_carstore_takes_the_blocks_in_no_other_order(path: Path, tmp_path: Path) -> None:
    header, *blocks = sections(path)
    orders = list(itertools.permutations(blocks))
    accepted = []
    for order in orders:
        file = tmp_path / "other.car"
        file.write_bytes(b"".join([header, *order]))
        refusal = ""
        try:
            CarStore(file).close()
        except BadInput as error:
            refusal = str(error)
        if not refusal:
            accepted.append(list(order))
        else:
            assert "not linked by an earlier one, comes twice or not in its order" in refusal
    assert accepted == [blocks]
    assert len(orders) == 720


def test_carstore_of_a_block_twice_or_of_a_stranger_is_refused(path: Path, tmp_path: Path) -> None:
    header, *blocks = sections(path)
    stranger = cid_bytes(Link(digest_of(b"stranger"), Codec.RAW)) + b"stranger"
    for more in (*blocks, varint.encode(len(stranger)) + stranger):
        for at in range(len(blocks) + 1):
            file = tmp_path / "more.car"
            file.write_bytes(b"".join([header, *blocks[:at], more, *blocks[at:]]))
            with pytest.raises(BadInput, match="comes twice"):
                CarStore(file)


def test_carstore_of_a_file_that_was_cut_inside_a_block_is_refused(path: Path, tmp_path: Path) -> None:
    raw = path.read_bytes()
    ends = {sum(map(len, sections(path)[: count + 1])) for count in range(len(sections(path)))}
    for length in set(range(len(raw))) - ends:
        (tmp_path / "cut.car").write_bytes(raw[:length])
        with pytest.raises(BadInput):
            CarStore(tmp_path / "cut.car")


def test_carstore_of_a_damaged_block_names_it(path: Path, tmp_path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    (tmp_path / "damaged.car").write_bytes(raw)
    with pytest.raises(ContentCorrupt, match="have the digest"):
        CarStore(tmp_path / "damaged.car")


def test_carstore_keeps_evidence_that_is_no_dag_cbor_and_says_why(store: DirectoryStore, tmp_path: Path) -> None:
    nonsense = Link(store.put_root(b"\xff\xff"), Codec.DAG_CBOR)
    root = store.put_root(encode([nonsense]))
    write_car(tmp_path / "evidence.car", [root], walk_among(store, [root], set(store.digests())))
    with CarStore(tmp_path / "evidence.car") as car:
        assert car.links[nonsense] == ()
        assert "not canonical dag-cbor" in car.shapeless[nonsense]


def test_carstore_of_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read the CAR file"):
        CarStore(tmp_path / "none.car")
    with pytest.raises(BadInput, match="cannot read the CAR file"):
        CarStore(tmp_path)
