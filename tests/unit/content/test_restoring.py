"""Content brought back from a file: all of it, none of what does not belong, and whole after any interruption."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.outside import ipfs_program, needs_kubo

from anomalyhive.content import (
    Codec,
    DirectoryStore,
    Link,
    Update,
    Weights,
    cid_text,
    digest_of,
    export_car,
    links,
    walk,
)
from anomalyhive.content.car import write_car
from anomalyhive.content.codec import encode
from anomalyhive.content.restoring import restore
from anomalyhive.errors import BadInput, ContentCorrupt, Failure
from wild.daemon import Daemon
from wild.swarm import Swarm


@pytest.fixture
def roots(store: DirectoryStore) -> list[bytes]:
    """A root that links another one; both have raw blocks."""
    inner = Weights("boost", {}, {"a": np.arange(100_000)}).publish(store)
    update = Update(1, bytes(20), 1, 1, 0, 1, bytes(20), inner, 5, np.arange(200_000) * 77)
    return [update.publish(store)]


@pytest.fixture
def car(store: DirectoryStore, roots: list[bytes], tmp_path: Path) -> Path:
    export_car(store, roots, tmp_path / "all.car")
    return tmp_path / "all.car"


@pytest.fixture
def empty(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "empty")


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    with Swarm(tmp_path / "swarm", 1, ipfs_program()) as swarm:
        yield swarm[0]


def test_restore_gives_back_every_block(
    store: DirectoryStore, empty: DirectoryStore, roots: list[bytes], car: Path
) -> None:
    done = restore(empty, car)
    assert (done.roots, done.missing, done.incomplete) == (tuple(roots), (), ())
    assert done.blocks == len(list(store.digests()))
    assert list(walk(empty, roots)) == list(walk(store, roots))


@needs_kubo
def test_restore_into_a_daemon_keeps_every_block_from_garbage_collection(
    store: DirectoryStore, daemon: Daemon, roots: list[bytes], car: Path
) -> None:
    restore(daemon.store(), car)
    daemon.collect_garbage()
    assert list(walk(daemon.store(), roots)) == list(walk(store, roots))


@needs_kubo
def test_restore_of_a_file_that_the_daemon_wrote(
    store: DirectoryStore, empty: DirectoryStore, daemon: Daemon, roots: list[bytes], car: Path, tmp_path: Path
) -> None:
    restore(daemon.store(), car)
    (tmp_path / "theirs.car").write_bytes(daemon.ipfs("dag", "export", cid_text(Link(roots[0], Codec.DAG_CBOR))))
    assert restore(empty, tmp_path / "theirs.car").roots == tuple(roots)
    assert list(walk(empty, roots)) == list(walk(store, roots))


def test_restore_of_a_file_with_a_stranger_names_the_place_and_puts_nothing(
    store: DirectoryStore, empty: DirectoryStore, roots: list[bytes], tmp_path: Path
) -> None:
    stranger = b"nothing links this one"
    blocks = [*walk(store, roots), (Link(digest_of(stranger), Codec.RAW), stranger)]
    write_car(tmp_path / "b.car", roots, blocks)
    with pytest.raises(BadInput, match=r"b\.car, byte \d+: its block is not linked by an earlier one"):
        restore(empty, tmp_path / "b.car")
    assert list(empty.digests()) == []


def test_restore_of_a_damaged_file_puts_nothing(empty: DirectoryStore, car: Path) -> None:
    data = bytearray(car.read_bytes())
    data[-1] ^= 1
    car.write_bytes(data)
    with pytest.raises(ContentCorrupt):
        restore(empty, car)
    car.write_bytes(data[:-100])
    with pytest.raises(BadInput, match="the file was cut"):
        restore(empty, car)
    assert list(empty.digests()) == []


def test_restore_of_a_file_without_a_raw_block_leaves_out_its_root_and_names_it(
    store: DirectoryStore, empty: DirectoryStore, roots: list[bytes], tmp_path: Path
) -> None:
    gone = links(store, roots[0])[-1]
    assert gone.codec is Codec.RAW
    write_car(tmp_path / "b.car", roots, [one for one in walk(store, roots) if one[0] != gone])
    done = restore(empty, tmp_path / "b.car")
    assert (done.missing, done.incomplete) == ((gone,), (roots[0],))
    assert not empty.has(roots[0], Codec.DAG_CBOR)
    inner = links(store, roots[0])[0]
    assert list(walk(empty, [inner.digest])) == list(walk(store, [inner.digest]))


def test_restore_of_a_file_without_a_root_that_another_links_names_it(
    store: DirectoryStore, empty: DirectoryStore, tmp_path: Path
) -> None:
    absent = Link(digest_of(b"withheld"), Codec.DAG_CBOR)
    root = store.put_root(encode({"link": absent}))
    write_car(tmp_path / "b.car", [root], [(Link(root, Codec.DAG_CBOR), store.get(root, Codec.DAG_CBOR))])
    done = restore(empty, tmp_path / "b.car")
    assert (done.blocks, done.missing, done.incomplete) == (1, (absent,), ())


def test_restore_of_bytes_that_are_no_content_keeps_them_as_evidence(
    store: DirectoryStore, empty: DirectoryStore, tmp_path: Path
) -> None:
    garbage = b"\xff no dag-cbor"
    digest = store.put_root(garbage)
    write_car(tmp_path / "b.car", [digest], [(Link(digest, Codec.DAG_CBOR), garbage)])
    restore(empty, tmp_path / "b.car")
    assert empty.get(digest, Codec.DAG_CBOR) == garbage


class Failing(DirectoryStore):
    """A disk that is full after some blocks."""

    left = 3

    def put_raw(self, block: bytes) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise Failure("no room")
        return super().put_raw(block)


def test_restore_that_was_interrupted_leaves_whole_roots_and_is_finished_by_the_next(
    store: DirectoryStore, roots: list[bytes], car: Path, tmp_path: Path
) -> None:
    failing = Failing(tmp_path / "failing")
    with pytest.raises(Failure, match="no room"):
        restore(failing, car)
    for link in failing.digests():
        if link.codec is Codec.DAG_CBOR:
            assert all(failing.has(*one) for one in links(failing, link.digest) if one.codec is Codec.RAW)
    again = DirectoryStore(tmp_path / "failing")
    restore(again, car)
    assert list(walk(again, roots)) == list(walk(store, roots))
