"""A Kubo daemon that hears and tells only its own swarm: a process with a folder of its own.

Only the standard library and the project are used, so that scripts can run a daemon, too.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anomalyhive.chain.localchain import choose_port
from anomalyhive.content.kubo import KuboStore
from anomalyhive.errors import StoreUnusable

START_SECONDS = 60.0
STOP_SECONDS = 15.0
MEET_SECONDS = 60.0
COMMAND_SECONDS = 60.0
POLL_SECONDS = 0.05
LOOPBACK = "127.0.0.1"
EVERYBODY = "/ip4/0.0.0.0/ipcidr/0"
"""What a daemon that is cut off speaks with no more."""

QUIET: dict[str, Any] = {
    "AutoConf": {"Enabled": False},
    "AutoNAT": {"ServiceMode": "disabled"},
    "AutoTLS": {"Enabled": False},
    "Bootstrap": [],
    "Discovery": {"MDNS": {"Enabled": False}},
    "HTTPRetrieval": {"Enabled": False},
    "Ipns": {"DelegatedPublishers": []},
    "Plugins": {"Plugins": {"telemetry": {"Config": {"Mode": "off"}}}},
    "Version": {"SwarmCheckEnabled": False},
    # The distributed hash table of a LAN takes private addresses; every daemon answers for its part of it.
    "Routing": {"Type": "dhtserver", "DelegatedRouters": [], "LoopbackAddressesOnLanDHT": True},
    "Swarm": {
        "DisableNatPortMap": True,
        "EnableHolePunching": False,
        "RelayClient": {"Enabled": False},
        "RelayService": {"Enabled": False},
        # A swarm key works over TCP only (libp2p, pnet).
        "Transports": {
            "Network": {"QUIC": False, "Relay": False, "WebRTCDirect": False, "WebTransport": False, "Websocket": False}
        },
    },
}
"""Settings of a daemon that only its own swarm hears of."""


class Daemon:
    """One daemon: its program, its folder (IPFS_PATH), its two ports, its process."""

    def __init__(self, program: str, folder: Path, key: str, host: str = LOOPBACK, inside: Sequence[str] = ()) -> None:
        """Make the repository in ``folder``; nothing runs yet.

        Its peers reach it at ``host``. ``inside`` stands before its commands where it lives in a network namespace;
        then its RPC API is reached from in there only.
        """
        self.program = program
        self.folder = folder
        self.host = host
        self._inside = list(inside)
        self.api_port = choose_port(None)
        self.swarm_port = choose_port(None)
        self._others: Sequence[Daemon] = ()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        self.ipfs("init", "--profile=test")
        (folder / "swarm.key").write_text(key)
        config = self.config()
        self.peer = str(config["Identity"]["PeerID"])
        _merge(config, QUIET)
        config["Addresses"] |= {
            "API": f"/ip4/{LOOPBACK}/tcp/{self.api_port}",
            "Gateway": [],
            "Swarm": [f"/ip4/{host}/tcp/{self.swarm_port}"],
        }
        self.configure(config)

    @property
    def address(self) -> str:
        """Where its RPC API listens, as KuboStore wants it."""
        return f"/ip4/{LOOPBACK}/tcp/{self.api_port}"

    @property
    def inside(self) -> bool:
        """Whether it lives in a network namespace."""
        return bool(self._inside)

    @property
    def swarm_address(self) -> str:
        """Where its peers reach it."""
        return f"/ip4/{self.host}/tcp/{self.swarm_port}/p2p/{self.peer}"

    @property
    def log(self) -> Path:
        """What it has said."""
        return self.folder / "log"

    def config(self) -> dict[str, Any]:
        """Its settings."""
        found: dict[str, Any] = json.loads((self.folder / "config").read_text())
        return found

    def configure(self, config: dict[str, Any]) -> None:
        """Replace its settings; they count from the next start."""
        (self.folder / "config").write_text(json.dumps(config, indent=2))

    def introduce(self, others: Sequence[Daemon]) -> None:
        """Let it keep a connection to each of the others, and take it up again when it breaks."""
        config = self.config()
        peers = [{"ID": one.peer, "Addrs": [one.swarm_address.rpartition("/p2p/")[0]]} for one in others]
        config["Peering"] = {"Peers": peers}
        self.configure(config)
        self._others = others

    def launch(self) -> None:
        """Start the process; `wait` says when it can be used."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._inside, self.program, "daemon", "--migrate=false"],
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        """Return when its RPC API answers. Raises RuntimeError with what it said last where it never does."""
        deadline = time.monotonic() + START_SECONDS
        while self.alive() and time.monotonic() < deadline:
            with contextlib.suppress(StoreUnusable, subprocess.CalledProcessError):
                # Both fail while there is no daemon that answers. Without --api the program would open the repository
                # itself, and lock the daemon out.
                if self._inside:
                    self.ipfs("--api", self.address, "id")
                else:
                    self.store(timeout=START_SECONDS)
                return
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"the daemon in {self.folder} did not start: {self.log.read_text()[-2000:]}")

    def start(self) -> None:
        """Start it, and return when it can be used and is connected to the others that run."""
        self.launch()
        self.wait()
        self.meet()

    def meet(self) -> None:
        """Connect to the others that run; by itself it would, some seconds later.

        Whom it could not reach a moment ago a daemon does not try at once again (its backoff): it is asked until it
        does.
        """
        running = [one.swarm_address for one in self._others if one.alive()]
        deadline = time.monotonic() + MEET_SECONDS
        while running:
            try:
                self.ipfs("swarm", "connect", *running)
                return
            except subprocess.CalledProcessError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(1)

    def stop(self) -> None:
        """End it as its user would; harmless when it has ended already."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Let it hang: it is there and answers nobody (SIGSTOP)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on (SIGCONT)."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def cut_off(self) -> None:
        """Part it from all its peers, while its user still reaches it: connections end and none is taken up."""
        self.ipfs("swarm", "filters", "add", EVERYBODY)
        for peer in self.peers():
            # It may have gone by itself in the meantime.
            with contextlib.suppress(subprocess.CalledProcessError):
                self.ipfs("swarm", "disconnect", f"/p2p/{peer}")

    def reunite(self) -> None:
        """Undo `cut_off`, and connect to the others at once."""
        self.ipfs("swarm", "filters", "rm", EVERYBODY)
        self.meet()

    def peers(self) -> set[str]:
        """The peers that it is connected to, by their identity."""
        said = self.ipfs("swarm", "peers").decode().split()
        return {one.rpartition("/p2p/")[2] for one in said}

    def store(self, timeout: float = 10.0) -> KuboStore:
        """The daemon as a store of blocks; StoreUnusable while it does not run."""
        return KuboStore(self.address, timeout=timeout)

    def collect_garbage(self) -> None:
        """Remove every block that no pin keeps."""
        self.ipfs("repo", "gc")

    def ipfs(self, *arguments: str) -> bytes:
        """What the program says to a command on this repository, through the daemon where it runs."""
        return subprocess.run(
            [*self._inside, self.program, *arguments],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
            timeout=COMMAND_SECONDS,
        ).stdout

    def _environment(self) -> dict[str, str]:
        # With LIBP2P_FORCE_PNET a daemon without the swarm's key does not start.
        return {**os.environ, "IPFS_PATH": str(self.folder), "LIBP2P_FORCE_PNET": "1", "IPFS_TELEMETRY": "off"}

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(number)
        process.send_signal(signal.SIGCONT)  # one that was paused would not hear the first
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _merge(config: dict[str, Any], changes: dict[str, Any]) -> None:
    """Set what ``changes`` names, section by section, and leave the rest of a section."""
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(config.get(name), dict):
            _merge(config[name], value)
        else:
            config[name] = value
