"""Five daemons in a private swarm: they exchange content under our names, and are missed and found again."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.outside import ipfs_program, needs_kubo

from anomalyhive.content import Codec, DirectoryStore, Update, cid_text, digest_of, walk
from anomalyhive.content.cid import Link
from anomalyhive.errors import ContentMissing, StoreUnusable
from wild.swarm import Swarm, swarm_key

pytestmark = needs_kubo

COUNT = 5

BASE = digest_of(b"no model")


@pytest.fixture(scope="module")
def swarm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swarm]:
    with Swarm(tmp_path_factory.mktemp("swarm"), COUNT, ipfs_program()) as running:
        yield running


@pytest.fixture(autouse=True)
def whole(swarm: Swarm) -> Iterator[None]:
    """Every test leaves the swarm as it was: all run, each connected to each."""
    yield
    for one in swarm:
        if not one.alive():
            one.start()
    assert [len(one.peers()) for one in swarm] == [COUNT - 1] * COUNT


def update(seed: int) -> Update:
    """Content of a root and several raw blocks, which links no other root."""
    vector = np.random.default_rng(seed).integers(-(1 << 30), 1 << 30, 200_000)
    return Update(1, bytes(20), 1, 1, 0, 1, bytes(20), None, 5, vector)


def test_content_of_one_daemon_is_had_from_each_other_one_under_the_names_of_a_directory(
    swarm: Swarm, tmp_path: Path
) -> None:
    directory = DirectoryStore(tmp_path / "store")
    for seed, one in enumerate(swarm):
        digest = update(seed).publish(directory)
        assert update(seed).publish(one.store()) == digest
        for other in swarm:
            assert list(walk(other.store(), [digest])) == list(walk(directory, [digest]))


def test_content_of_nobody_is_missing_after_the_time_given(swarm: Swarm) -> None:
    with pytest.raises(ContentMissing, match="nor with its peers within 1 s"):
        swarm[0].store(timeout=1).get(digest_of(b"nobody has this"), Codec.RAW)


def test_killed_daemon_is_unusable_and_has_its_content_when_it_is_back(swarm: Swarm) -> None:
    store = swarm[2].store()
    digest = update(100).publish(store)
    swarm[2].kill()
    with pytest.raises(StoreUnusable, match=r"start the daemon \(ipfs daemon\)"):
        store.get(digest, Codec.DAG_CBOR)
    with pytest.raises(ContentMissing):
        swarm[0].store(timeout=1).get(digest, Codec.DAG_CBOR)
    swarm[2].start()
    assert np.array_equal(Update.fetch(store, digest).vector, update(100).vector)
    assert np.array_equal(Update.fetch(swarm[0].store(), digest).vector, update(100).vector)


def test_daemon_that_hangs_is_unusable_and_goes_on(swarm: Swarm) -> None:
    store = swarm[4].store(timeout=5)  # long enough for a busy disk to keep the first block
    digest = store.put_raw(b"before it hung")
    swarm[4].pause()
    try:
        with pytest.raises(StoreUnusable, match="did not keep a block of 14 bytes"):
            store.put_raw(b"while it hangs")
    finally:
        swarm[4].resume()
    assert swarm[4].store().get(digest, Codec.RAW) == b"before it hung"


def test_daemon_that_is_cut_off_gives_and_gets_nothing_until_it_is_back(swarm: Swarm) -> None:
    swarm[1].cut_off()
    try:
        inside, outside = swarm[1].store(timeout=1), swarm[0].store(timeout=1)
        # A busy disk may take longer to keep a block than one waits for what nobody has.
        theirs = swarm[1].store().put_raw(b"of the one cut off")
        ours = swarm[0].store().put_raw(b"of the others")
        with pytest.raises(ContentMissing):
            outside.get(theirs, Codec.RAW)
        with pytest.raises(ContentMissing):
            inside.get(ours, Codec.RAW)
        assert swarm[3].store().get(ours, Codec.RAW) == b"of the others"
    finally:
        swarm[1].reunite()
    assert swarm[0].store().get(theirs, Codec.RAW) == b"of the one cut off"
    assert swarm[1].store().get(ours, Codec.RAW) == b"of the others"


def test_daemon_with_another_key_does_not_get_into_the_swarm(swarm: Swarm, tmp_path: Path) -> None:
    with Swarm(tmp_path / "other", 1, ipfs_program()) as other:
        assert (other[0].folder / "swarm.key").read_text() != (swarm[0].folder / "swarm.key").read_text()
        other[0].introduce(list(swarm))
        with pytest.raises(subprocess.CalledProcessError):
            other[0].meet()
        digest = swarm[0].store().put_raw(b"for our own only")
        with pytest.raises(ContentMissing):
            other[0].store(timeout=1).get(digest, Codec.RAW)


def test_daemons_know_who_provides_a_block(swarm: Swarm) -> None:
    digest = swarm[3].store().put_raw(b"who has this one")
    said = swarm[0].ipfs("routing", "findprovs", "--timeout=10s", cid_text(Link(digest, Codec.RAW))).decode().split()
    assert swarm[3].peer in said


def test_daemons_listen_on_the_loopback_interface_only(swarm: Swarm) -> None:
    for one in swarm:
        heard = json.loads(one.ipfs("id"))["Addresses"]
        assert heard == [one.swarm_address]
        assert one.config()["Addresses"]["API"].startswith("/ip4/127.0.0.1/")


def test_swarm_key_is_new_each_time() -> None:
    assert swarm_key() != swarm_key()
