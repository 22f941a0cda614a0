"""What can be had in time: from a directory at once, from daemons under a deadline that no withholder can use up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.outside import ipfs_program, needs_kubo

from anomalyhive.content import Codec, DirectoryStore, Link, Update, digest_of, links
from anomalyhive.content.codec import encode
from anomalyhive.content.fetching import MOST_AT_ONCE, fetchable
from anomalyhive.errors import ContentCorrupt, ContentMissing, StoreUnusable
from wild.swarm import Swarm

NOWHERE = digest_of(b"nobody has this root")


def update(seed: int) -> Update:
    """Content of a root and some raw blocks."""
    vector = np.random.default_rng(seed).integers(-(1 << 30), 1 << 30, 150_000)
    return Update(1, bytes(20), 1, 1, 0, 1, bytes(20), None, 5, vector)


@pytest.fixture(scope="module")
def swarm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    with Swarm(tmp_path_factory.mktemp("swarm"), 2, ipfs_program()) as running:
        yield running


def test_fetchable_of_what_is_there_and_what_is_not(store: DirectoryStore) -> None:
    there, broken = update(1).publish(store), update(2).publish(store)
    raw = links(store, broken)[0]
    store.file_of(*raw).unlink()
    found = fetchable(store, [there, broken, NOWHERE], 60)
    assert list(found) == [there, broken, NOWHERE]
    assert found[there] is None
    fault, none = found[broken], found[NOWHERE]
    assert isinstance(fault, ContentMissing)
    assert fault.digest == raw.digest
    assert isinstance(none, ContentMissing)
    assert none.digest == NOWHERE


def test_fetchable_of_a_corrupt_block_says_so(store: DirectoryStore) -> None:
    digest = update(1).publish(store)
    raw = links(store, digest)[0]
    store.file_of(*raw).chmod(0o644)
    store.file_of(*raw).write_bytes(b"other bytes")
    assert isinstance(fetchable(store, [digest], 60)[digest], ContentCorrupt)


def test_fetchable_of_no_root_of_ours_is_corrupt(store: DirectoryStore) -> None:
    digest = store.put_root(b"\xff no dag-cbor")
    assert isinstance(fetchable(store, [digest], 60)[digest], ContentCorrupt)


def test_fetchable_of_roots_that_share_a_missing_block_names_it_for_each(store: DirectoryStore) -> None:
    shared = Link(digest_of(b"shared"), Codec.RAW)
    roots = [store.put_root(encode({"link": shared, "number": number})) for number in range(3)]
    found = fetchable(store, roots, 60)
    assert {getattr(found[root], "digest", None) for root in roots} == {shared.digest}


def test_fetchable_leaves_what_links_too_many_blocks_to_its_reader(store: DirectoryStore) -> None:
    """Nobody makes a validator fetch gigabytes: none of these blocks exists, and none is asked for."""
    many = [Link(digest_of(bytes([number])), Codec.RAW) for number in range(9)]
    digest = store.put_root(encode({"links": many}))
    assert fetchable(store, [digest], 60, most_blocks=8)[digest] is None
    assert fetchable(store, [digest], 60, most_blocks=9)[digest] is not None


def test_fetchable_does_not_follow_other_roots(store: DirectoryStore) -> None:
    digest = store.put_root(encode({"parent": Link(NOWHERE, Codec.DAG_CBOR)}))
    assert fetchable(store, [digest], 60)[digest] is None


@needs_kubo
def test_fetchable_brings_content_from_a_peer_while_others_withhold_theirs(swarm: Swarm) -> None:
    """More withhold than are asked at once, and first."""
    theirs, ours = swarm[0].store(), swarm[1].store()
    honest = [update(seed).publish(theirs) for seed in range(3)]
    withheld = [digest_of(bytes([number, 7])) for number in range(MOST_AT_ONCE + 20)]
    found = fetchable(ours, [*withheld, *honest], 12)
    assert [found[root] for root in honest] == [None, None, None]
    assert all(isinstance(found[root], ContentMissing) for root in withheld)
    assert all(ours.has(link.digest, link.codec) for root in honest for link in links(ours, root))


@needs_kubo
def test_fetchable_brings_what_there_is_although_a_root_takes_all_the_time_there_is(swarm: Swarm) -> None:
    """What a root links is not asked for after what is missing, but beside it."""
    theirs, ours = swarm[0].store(), swarm[1].store()
    honest = update(50).publish(theirs)
    found = fetchable(ours, [NOWHERE, honest], 2)
    assert found[honest] is None
    assert isinstance(found[NOWHERE], ContentMissing)


@needs_kubo
def test_fetchable_with_the_daemon_gone_blames_nobody_else(tmp_path: Path) -> None:
    with Swarm(tmp_path, 1, ipfs_program()) as alone:
        store = alone[0].store()
        alone[0].kill()
        with pytest.raises(StoreUnusable):
            fetchable(store, [NOWHERE], 1)
