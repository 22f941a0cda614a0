"""The server: uvicorn with limits, and connections that nobody can hold.

A request must be whole within `WHOLE_SECONDS` of its first byte, a connection must say something within as many, and
whoever does not take an answer can be cut off: closing alone would wait for ever for bytes that are not taken.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from anomalyhive.dashboard.api.guard import HANG_UP, MOST_REQUESTS
from anomalyhive.dashboard.live.hub import MOST_STREAMS
from anomalyhive.errors import BadSetting

WHOLE_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 5
HEADER_BYTES = 16 << 10
STOP_SECONDS = 2
BACKLOG = 128


class Connection(H11Protocol):
    """A connection with a deadline for every request, which its requests can end at once."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for a first request, but not for ever."""
        super().connection_made(transport)
        self._await_whole()

    def data_received(self, data: bytes) -> None:
        """Take bytes; what they leave half done has its deadline."""
        super().data_received(data)
        if self.conn.their_state in (h11.IDLE, h11.SEND_BODY) and self._waiting():
            self._await_whole()
        elif self.conn.their_state is not h11.SEND_BODY:
            self._forget()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline with the connection."""
        self._forget()
        super().connection_lost(exc)

    def handle_events(self) -> None:
        """Let each request know how to hang up."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before and self.cycle is not None:
            # The task has not begun: it runs after this returns to the loop.
            extensions: dict[str, Any] = {HANG_UP: self.transport.abort}
            self.scope["extensions"] = extensions

    def _waiting(self) -> bool:
        """Whether bytes of a request are here that is not whole."""
        return self.conn.their_state is h11.SEND_BODY or bool(self.conn.trailing_data[0])

    def _await_whole(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(WHOLE_SECONDS, self.transport.abort)

    def _forget(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises BadSetting where the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        words = getattr(error, "strerror", None) or str(error)
        raise BadSetting(f"--host {host} --port {port} cannot be had ({words}): choose another") from error
    return listening


def server_of(app: ASGIApp, **options: Any) -> uvicorn.Server:
    """A server of an application; ``options`` are uvicorn's."""
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        loop="asyncio",
        lifespan="on",
        log_config=None,
        # What strangers send that is no request is no news; a fault of ours is.
        log_level="error",
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=2 * (MOST_STREAMS + MOST_REQUESTS),
        h11_max_incomplete_event_size=HEADER_BYTES,
        backlog=BACKLOG,
        **options,
    )
    return uvicorn.Server(config)
