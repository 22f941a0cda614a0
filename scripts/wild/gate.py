"""A door in front of a TCP server that can be shut: what is on its way is cut off, and nobody gets in."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from types import TracebackType

PIECE = 1 << 16
PAUSE = 0.2
"""Seconds between two looks at whether the door is still open."""


class Gate:
    """Passes connections on to ``target`` (host, port) while it is open; ``host`` is where it listens itself."""

    def __init__(self, target: tuple[str, int], host: str = "127.0.0.1") -> None:
        self._target = target
        self._listener = socket.create_server((host, 0))
        self._listener.settimeout(PAUSE)
        self.host, self.port = self._listener.getsockname()[:2]
        self._open = threading.Event()
        self._open.set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._accept, name=f"gate {self.port}", daemon=True)

    @property
    def url(self) -> str:
        """As an HTTP endpoint."""
        return f"http://{self.host}:{self.port}"

    def shut(self) -> None:
        """Cut off every connection and take no new one."""
        self._open.clear()

    def open(self) -> None:
        """Let connections through again."""
        self._open.set()

    def __enter__(self) -> Gate:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._open.clear()
        self._thread.join()
        self._listener.close()

    def _accept(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError, OSError):
                inner, _ = self._listener.accept()
                if not self._open.is_set():
                    inner.close()
                    continue
                threading.Thread(target=self._pass, args=(inner,), daemon=True).start()

    def _pass(self, inner: socket.socket) -> None:
        with (
            inner,
            contextlib.suppress(OSError),
            socket.create_connection(self._target, timeout=5) as outer,
            selectors.DefaultSelector() as ready,
        ):
            ready.register(inner, selectors.EVENT_READ, outer)
            ready.register(outer, selectors.EVENT_READ, inner)
            while self._open.is_set():
                for key, _ in ready.select(PAUSE):
                    piece = key.fileobj.recv(PIECE)  # type: ignore[union-attr]  # both are sockets
                    if not piece:
                        return
                    key.data.sendall(piece)
