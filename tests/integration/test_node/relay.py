"""A relay of TCP connections before a chain, which can be taken away and put back: an endpoint that is away."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType


class Relay:
    """Listens on a port of its own and passes everything on to another one, unless it is `down`."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._down = threading.Event()
        self._open: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Relay:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.take_away()
        self._listening.close()

    def take_away(self) -> None:
        """Cut every connection, and let no new one live."""
        self._down.set()
        for one in list(self._open):
            _cut(one)

    def put_back(self) -> None:
        """Pass connections on again."""
        self._down.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                if self._down.is_set():
                    client.close()
                    continue
                try:
                    chain = socket.create_connection(("127.0.0.1", self._to))
                except OSError:
                    client.close()
                    continue
                self._open |= {client, chain}
                for source, sink in ((client, chain), (chain, client)):
                    threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 16):
                sink.sendall(piece)
        for one in (source, sink):
            self._open.discard(one)
            _cut(one)


def _cut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
