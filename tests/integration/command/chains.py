"""Chains that a test holds in its hands: one on a port, one of nobody's run, and a line that can be cut."""

from __future__ import annotations

import contextlib
import selectors
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from web3 import Web3

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.events import Event, read_events
from anomalyhive.chain.localchain import choose_port, find_executable


def ask(url: str, method: str, *params: Any) -> Any:
    """The answer to one JSON-RPC request; None where nobody answers."""
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    try:
        return requests.post(url, json=body, timeout=10).json()["result"]
    except (requests.RequestException, KeyError):
        return None


def blocks(url: str) -> int:
    """The number of the latest block, -1 where nobody answers."""
    return int(ask(url, "eth_blockNumber") or "-0x1", 16)


def events_of(run: Path, web3: Web3) -> list[Event]:
    """All events of the contracts of a run."""
    place = Deployment.read(run / "chain" / "deployment.json")
    return read_events(web3, [place.token, place.registry, place.hive], place.block)


@contextmanager
def anvil(folder: Path, *options: str) -> Iterator[str]:
    """The URL of an Anvil that belongs to nobody's run."""
    port = choose_port(None)
    command = [*find_executable("anvil"), "--port", str(port), "--silent", *options]
    with (folder / "anvil.log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            while blocks(url) < 0:
                assert process.poll() is None, (folder / "anvil.log").read_text()
            yield url
        finally:
            process.kill()


class Line:
    """A line to a chain that can be cut and mended; `url` is its near end."""

    def __init__(self, url: str) -> None:
        self._far = ("127.0.0.1", int(url.rpartition(":")[2]))
        self._port = choose_port(None)
        self.url = f"http://127.0.0.1:{self._port}"
        self._swallow = b""
        self._listener: socket.socket | None = None
        self._pairs: set[tuple[socket.socket, socket.socket]] = set()

    def mend(self) -> None:
        """Carry what comes."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """Break every connection and refuse new ones."""
        assert self._listener is not None
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for pair in list(self._pairs):
            _break(pair)

    def swallow(self, words: bytes) -> None:
        """Carry the next request with these words, break the connection, and never give the answer."""
        self._swallow = words

    def __enter__(self) -> Line:
        self.mend()
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near = listener.accept()[0]
            except OSError:
                return
            try:
                far = socket.create_connection(self._far)
            except OSError:
                near.close()
                continue
            for end in (near, far):
                # Else the second half of a request waits 40 ms for word of the first (Nagle, RFC 896).
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._carry, args=((near, far),), daemon=True).start()

    def _carry(self, pair: tuple[socket.socket, socket.socket]) -> None:
        near, far = pair
        self._pairs.add(pair)
        swallowing = False
        with contextlib.suppress(OSError), selectors.DefaultSelector() as selector:
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _ in selector.select():
                    source, target = key.fileobj, key.data
                    assert isinstance(source, socket.socket)
                    data = source.recv(1 << 16)
                    if not data or (swallowing and source is far):
                        raise OSError
                    if source is near and self._swallow and self._swallow in data:
                        swallowing, self._swallow = True, b""
                    target.sendall(data)
        self._pairs.discard(pair)
        _break(pair)


def _break(pair: tuple[socket.socket, socket.socket]) -> None:
    for end in pair:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
