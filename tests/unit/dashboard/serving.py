"""A dashboard that really serves, in threads of the test's process."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from anomalyhive.dashboard.api.app import create_app
from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.serving import bound, server_of
from anomalyhive.dashboard.putting import Wanted, board_of, working

PATIENCE = 30.0
"""Seconds; nothing here takes one."""


@dataclass(frozen=True)
class Served:
    """A server and the board behind it."""

    board: Board
    port: int

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **options: Any) -> requests.Response:
        """A GET."""
        return requests.get(f"{self.url}{path}", timeout=PATIENCE, **options)

    def post(self, path: str, token: str | None = None, **options: Any) -> requests.Response:
        """A POST, with the token if there is one."""
        headers = {**({} if token is None else {"Authorization": f"Bearer {token}"}), **options.pop("headers", {})}
        return requests.post(f"{self.url}{path}", timeout=PATIENCE, headers=headers, **options)

    def connected(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE)


def wanted(**named: Any) -> Wanted:
    """What a user asks for."""
    options: dict[str, Any] = dict.fromkeys(("run", "rpc", "hive", "task", "feed", "watch", "home"))
    return Wanted(**{**options, "stores": (), "host": "127.0.0.1", "port": 0, **named})


@contextlib.contextmanager
def serving(board: Board) -> Iterator[Served]:
    """Serve a board until the end of the block."""
    listening = bound("127.0.0.1", 0)
    server = server_of(create_app(board))
    with contextlib.closing(listening), working(board):
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            until(lambda: server.started)
            yield Served(board, listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive()


@contextlib.contextmanager
def served(**named: Any) -> Iterator[Served]:
    """Serve what a user asks for."""
    board = board_of(wanted(**named), time.time)
    board.poller.seconds = 0.05
    with serving(board) as running:
        yield running


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.02)


def open_files() -> int:
    """File descriptors of this process."""
    return len(list(Path("/proc/self/fd").iterdir()))
