"""A private swarm of Kubo daemons on the loopback interface: real ones, each a process with a folder of its own.

    with Swarm(folder, 5, program) as swarm:
        swarm[0].store().put_raw(b"...")
        swarm[1].kill()

They share a swarm key, so that no other daemon can join, know one another's addresses and nobody else's, and say
nothing to the world: no bootstrap, no relay, no discovery, no look for updates, no telemetry.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wild.daemon import Daemon
from wild.netns import Namespace


def swarm_key() -> str:
    """A new key of a private swarm, as `swarm.key` has it: 32 random bytes."""
    return f"/key/swarm/psk/1.0.0/\n/base16/\n{secrets.token_hex(32)}\n"


class Swarm:
    """Daemons of one private swarm, each connected to each."""

    def __init__(self, folder: Path, count: int, program: str, place: Namespace | None = None) -> None:
        """Make ``count`` repositories below ``folder``; `start` runs them. The last one lives in ``place``, if any."""
        self.key = swarm_key()

        def make(index: int) -> Daemon:
            home = folder / f"ipfs-{index}"
            if place is None or index < count - 1:
                return Daemon(program, home, self.key)
            return Daemon(program, home, self.key, place.there, place.command([]))

        with ThreadPoolExecutor(count) as pool:
            self.daemons = list(pool.map(make, range(count)))
        for one in self.daemons:
            # Who is in a namespace reaches nobody on the loopback interface, and is reached by all.
            one.introduce([] if one.inside else [other for other in self.daemons if other is not one])

    def start(self) -> Swarm:
        """Start all, and return when each is connected to each."""
        try:
            for one in self.daemons:
                one.launch()
            for one in self.daemons:
                one.wait()
            for one in self.daemons:
                one.meet()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop all that run."""
        with ThreadPoolExecutor(max(len(self.daemons), 1)) as pool:
            list(pool.map(Daemon.stop, self.daemons))

    def __enter__(self) -> Swarm:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __len__(self) -> int:
        return len(self.daemons)

    def __getitem__(self, index: int) -> Daemon:
        return self.daemons[index]

    def __iter__(self) -> Iterator[Daemon]:
        return iter(self.daemons)
