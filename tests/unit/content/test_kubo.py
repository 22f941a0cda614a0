"""Kubo as a store: a real daemon where there is one, and daemons that do not answer or lie."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.outside import ipfs_program, needs_kubo

from anomalyhive.content import Codec, DirectoryStore, Link, Update, Weights, cid_text, digest_of, export_car, walk
from anomalyhive.content.codec import RAW_LIMIT, ROOT_LIMIT, encode
from anomalyhive.content.kubo import KuboStore
from anomalyhive.errors import BadInput, BadSetting, ContentCorrupt, ContentMissing, StoreUnusable


def ipfs(repository: Path, *arguments: str) -> bytes:
    environment = {**os.environ, "IPFS_PATH": str(repository)}
    return subprocess.run(
        [ipfs_program(), *arguments], env=environment, capture_output=True, check=True, timeout=60
    ).stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A daemon of its own, on free ports, without peers."""
    path = tmp_path_factory.mktemp("ipfs")
    ipfs(path, "init", "--profile=test")
    ipfs(path, "config", "Addresses.API", "/ip4/127.0.0.1/tcp/0")
    ipfs(path, "config", "Addresses.Gateway", "/ip4/127.0.0.1/tcp/0")
    with (path / "log").open("wb") as log:
        environment = {**os.environ, "IPFS_PATH": str(path)}
        daemon = subprocess.Popen([ipfs_program(), "daemon", "--offline"], env=environment, stdout=log, stderr=log)
    try:
        for _ in range(300):
            if (path / "api").exists() and b"Daemon is ready" in (path / "log").read_bytes():
                break
            assert daemon.poll() is None, (path / "log").read_text()
            time.sleep(0.1)
        yield path
    finally:
        daemon.terminate()
        daemon.wait(timeout=30)


@pytest.fixture
def kubo(repository: Path) -> KuboStore:
    return KuboStore((repository / "api").read_text().strip(), timeout=10)


def weights(seed: int) -> Weights:
    """A root with inline arrays and several raw blocks."""
    random = np.random.default_rng(seed)
    return Weights("boost", {"depth": 6}, {"a": random.integers(-9, 9, 300_000), "b": [random.integers(0, 9, 5)]})


@needs_kubo
def test_kubo_gives_the_same_digests_as_a_directory(kubo: KuboStore, store: DirectoryStore) -> None:
    assert weights(1).publish(kubo) == weights(1).publish(store)
    for link in store.digests():
        assert kubo.has(*link)
        assert kubo.get(*link) == store.get(*link)


@needs_kubo
def test_kubo_itself_names_the_blocks_as_we_do(kubo: KuboStore, repository: Path) -> None:
    digest = weights(2).publish(kubo)
    for link, block in walk(kubo, [digest]):
        assert ipfs(repository, "block", "get", cid_text(link)) == block
    root = json.loads(ipfs(repository, "dag", "get", cid_text(Link(digest, Codec.DAG_CBOR))))
    assert (root["kind"], root["version"]) == ("weights", 1)


@needs_kubo
def test_kubo_exports_the_same_car_file(
    kubo: KuboStore, repository: Path, store: DirectoryStore, tmp_path: Path
) -> None:
    digest = weights(3).publish(kubo)
    weights(3).publish(store)
    export_car(store, [digest], tmp_path / "ours.car")
    theirs = ipfs(repository, "dag", "export", cid_text(Link(digest, Codec.DAG_CBOR)))
    assert theirs == (tmp_path / "ours.car").read_bytes()


@needs_kubo
def test_published_roots_survive_garbage_collection(kubo: KuboStore, repository: Path) -> None:
    digest = weights(4).publish(kubo)
    loose = kubo.put_raw(b"nothing links this one")
    ipfs(repository, "repo", "gc")
    assert Weights.fetch(kubo, digest).learner == "boost"
    assert not kubo.has(loose, Codec.RAW)
    with pytest.raises(ContentMissing, match="Kubo at"):
        kubo.get(loose, Codec.RAW)


@needs_kubo
def test_digests_lists_what_is_pinned_with_its_codec(kubo: KuboStore, store: DirectoryStore) -> None:
    weights(5).publish(store)
    digest = weights(5).publish(kubo)
    kept = list(kubo.digests())
    assert set(store.digests()) <= set(kept)
    assert kept == sorted(set(kept), key=cid_text)
    assert Link(digest, Codec.DAG_CBOR) in kept


@needs_kubo
def test_limits_of_a_block_are_those_of_the_daemon(kubo: KuboStore) -> None:
    assert kubo.get(kubo.put_raw(bytes(RAW_LIMIT)), Codec.RAW) == bytes(RAW_LIMIT)
    largest = encode(bytes(ROOT_LIMIT - 5))
    assert kubo.get(kubo.put_root(largest), Codec.DAG_CBOR) == largest
    with pytest.raises(BadInput, match="split it"):
        kubo.put_raw(bytes(RAW_LIMIT + 1))


@needs_kubo
def test_put_root_that_links_what_nobody_has_is_refused(kubo: KuboStore) -> None:
    root = encode({"link": Link(digest_of(b"nowhere"), Codec.RAW)})
    with pytest.raises(StoreUnusable, match="pin bafy"):
        kubo.put_root(root)


@needs_kubo
def test_update_fetched_from_kubo_is_what_was_published(kubo: KuboStore) -> None:
    update = Update(1, bytes(20), 1, 1, 0, 1, bytes(20), None, 5, np.arange(-10_000, 10_000) * 7)
    assert np.array_equal(Update.fetch(kubo, update.publish(kubo)).vector, update.vector)


def test_no_daemon_is_unusable_and_says_what_to_do() -> None:
    with pytest.raises(StoreUnusable, match=r"Kubo at /ip4/127\.0\.0\.1/tcp/1 did not say its version.*ipfs daemon"):
        KuboStore("/ip4/127.0.0.1/tcp/1", timeout=2)


@pytest.mark.parametrize("address", ["nonsense", "", "/ip4/127.0.0.1/udp/5001"])
def test_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(BadSetting, match="no multiaddr"):
        KuboStore(address)


class Liar(http.server.BaseHTTPRequestHandler):
    """A daemon that gives other bytes and other names than it should; ``slow`` lets block/get hang."""

    slow = False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.slow and "block/get" in self.path:
            time.sleep(3)
        answer = b"other bytes" if "block/get" in self.path else b'{"Version": "0.1.0", "Key": "Qm", "Size": 5}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # who asked has given up
            self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # named so by the base class
        """Keep the tests quiet."""


@pytest.fixture
def liar(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"/ip4/127.0.0.1/tcp/{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_daemon_that_gives_other_bytes_is_found_by_digest(liar: str) -> None:
    with pytest.raises(ContentCorrupt, match="its 11 bytes have the digest"):
        KuboStore(liar).get(digest_of(b"true bytes"), Codec.RAW)


def test_daemon_that_gives_another_name_is_refused(liar: str) -> None:
    with pytest.raises(StoreUnusable, match=r"Kubo 0\.1\.0 .* named block bafkrei\w+ Qm: update the daemon"):
        KuboStore(liar).put_raw(b"block")


def test_daemon_that_does_not_answer_in_time_is_unusable(liar: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would say by then that nobody has the block: a node must not take its own daemon's fault for a peer's."""
    monkeypatch.setattr(Liar, "slow", True)
    monkeypatch.setattr("anomalyhive.content.kubo.GRACE_SECONDS", 0.2)
    with pytest.raises(StoreUnusable, match=r"did not get bafkrei\w+: .*timed out"):
        KuboStore(liar, timeout=0.3).get(digest_of(b"true bytes"), Codec.RAW)


def test_use_of_a_daemon_warns_of_nothing(liar: str, recwarn: pytest.WarningsRecorder) -> None:
    """urllib3 warns at each request of an option that ipfshttpclient sets; only that is silenced."""
    KuboStore(liar)
    assert [str(warning.message) for warning in recwarn] == []
