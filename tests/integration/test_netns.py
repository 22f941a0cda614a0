"""A node in a network namespace of its own, its daemon and its way to the chain cut off and back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.outside import ipfs_program, needs_kubo

from anomalyhive.chain.localchain import LocalChain
from anomalyhive.content import Codec, Link, cid_text, digest_of
from anomalyhive.errors import ContentMissing
from wild.daemon import Daemon
from wild.gate import Gate
from wild.netns import Namespace, obstacle
from wild.swarm import swarm_key

HINDRANCE = obstacle()
pytestmark = [needs_kubo, pytest.mark.skipif(HINDRANCE is not None, reason=str(HINDRANCE))]

ASK = """
import sys
from anomalyhive.chain.rpc import connect
print(connect(sys.argv[1]).eth.chain_id)
"""


@dataclass(frozen=True)
class World:
    """A chain and a daemon on this machine, and a daemon in the namespace; ``url`` is the chain as seen from there."""

    place: Namespace
    url: str
    outside: Daemon
    inside: Daemon

    def chain_id(self) -> str:
        """What a process in the namespace is told by the chain; CalledProcessError or TimeoutExpired where nothing."""
        command = [sys.executable, "-c", ASK, self.url]
        return self.place.run(command, check=True, capture_output=True, timeout=20).stdout.decode().strip()

    def put_inside(self, folder: Path, block: bytes) -> bytes:
        """Let the daemon in the namespace keep a raw block."""
        (folder / "block").write_bytes(block)
        self.inside.ipfs("block", "put", "--cid-codec=raw", str(folder / "block"))
        return digest_of(block)

    def get_inside(self, digest: bytes, seconds: int) -> bytes:
        """The block as the daemon in the namespace gets it; CalledProcessError where it does not."""
        return self.inside.ipfs("block", "get", f"--timeout={seconds}s", cid_text(Link(digest, Codec.RAW)))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("netns")
    key, program = swarm_key(), ipfs_program()
    with Namespace() as place, LocalChain("anvil", folder / "chain") as chain:
        assert chain.port is not None
        outside = Daemon(program, folder / "outside", key, place.here)
        inside = Daemon(program, folder / "inside", key, place.there, place.command([]))
        outside.introduce([inside])
        inside.introduce([outside])
        with Gate(("127.0.0.1", chain.port), place.here) as gate:
            try:
                outside.start()
                inside.start()
                yield World(place, gate.url, outside, inside)
            finally:
                inside.stop()
                outside.stop()


def test_node_in_a_namespace_reaches_chain_and_peers(world: World, tmp_path: Path) -> None:
    assert world.chain_id() == "31337"
    theirs = world.put_inside(tmp_path, b"from within")
    assert world.outside.store().get(theirs, Codec.RAW) == b"from within"
    ours = world.outside.store().put_raw(b"from without")
    assert world.get_inside(ours, 10) == b"from without"


def test_node_that_is_cut_off_lives_on_alone_and_is_back_when_the_cable_is(world: World, tmp_path: Path) -> None:
    world.place.cut_off()
    try:
        with pytest.raises((subprocess.CalledProcessError, subprocess.TimeoutExpired)):
            world.chain_id()
        theirs = world.put_inside(tmp_path, b"written alone")
        with pytest.raises(ContentMissing):
            world.outside.store(timeout=1).get(theirs, Codec.RAW)
        ours = world.outside.store().put_raw(b"missed alone")
        with pytest.raises(subprocess.CalledProcessError):
            world.get_inside(ours, 1)
        assert world.inside.alive()
    finally:
        world.place.reunite()
    assert world.chain_id() == "31337"
    world.inside.meet()
    assert world.outside.store(timeout=30).get(theirs, Codec.RAW) == b"written alone"
    assert world.get_inside(ours, 30) == b"missed alone"


def test_node_in_a_namespace_reaches_nothing_else(world: World) -> None:
    seen = world.place.run(["ip", "route"], check=True, capture_output=True).stdout.decode()
    assert "default" not in seen
    assert len(seen.strip().splitlines()) == 1
