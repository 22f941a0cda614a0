"""A receiver of webhooks over real HTTP, which behaves as its script says and keeps what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Behaviour = Callable[[BaseHTTPRequestHandler], None]

TESTED_FOR = 20.0
"""Seconds after which something that should happen has not."""


def answers(status: int, **headers: str) -> Behaviour:
    """An ordinary answer; a header's name is given with underscores."""

    def behave(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")

    return behave


def hangs_up(handler: BaseHTTPRequestHandler) -> None:
    """No answer at all."""
    handler.connection.close()


def cuts_the_head(handler: BaseHTTPRequestHandler) -> None:
    """Half of an answer's first line."""
    handler.wfile.write(b"HTTP/1.1 2")
    hangs_up(handler)


def cuts_the_body(handler: BaseHTTPRequestHandler) -> None:
    """A message taken, and an answer whose body is cut short."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    hangs_up(handler)


def talks_nonsense(handler: BaseHTTPRequestHandler) -> None:
    """What is no HTTP."""
    handler.wfile.write(b"\x00\xff" * 500 + b"\r\n\r\n")


def floods(handler: BaseHTTPRequestHandler) -> None:
    """A body that does not end before it is hung up on."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    with suppress(OSError):
        while True:
            handler.wfile.write(b"x" * 65536)


def floods_the_head(handler: BaseHTTPRequestHandler) -> None:
    """Headers that do not end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    with suppress(OSError):
        while True:
            handler.wfile.write(b"X-More: yes\r\n" * 1000)


def drips(handler: BaseHTTPRequestHandler) -> None:
    """A byte of the head now and then, never long enough apart for a limit on one read, until it is hung up on."""
    with suppress(OSError):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not handler.server.released.wait(0.02):  # type: ignore[attr-defined]
            handler.wfile.write(b"x")


def waits(handler: BaseHTTPRequestHandler) -> None:
    """Nothing, until it is released; then the message is taken."""
    handler.server.released.wait(TESTED_FOR)  # type: ignore[attr-defined]
    with suppress(OSError):
        answers(200)(handler)


@dataclass(frozen=True)
class Sent:
    """A request: headers in lower case, the body's bytes, the path."""

    headers: Mapping[str, str]
    body: bytes
    path: str

    @property
    def id(self) -> str:
        """The message's id."""
        return self.headers["webhook-id"]

    @property
    def said(self) -> Any:
        """The body's JSON."""
        return json.loads(self.body)


@dataclass
class Receiver:
    """``script`` is worked off a request at a time, then ``then`` holds."""

    url: str
    script: list[Behaviour]
    then: Behaviour
    released: threading.Event
    received: list[Sent] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def ids(self) -> list[str]:
        """Of what was sent, in order."""
        return [one.id for one in self.received]

    def take(self, sent: Sent) -> Behaviour:
        """Keep a request; how to answer it."""
        with self._changed:
            self.received.append(sent)
            self._changed.notify_all()
            return self.script.pop(0) if self.script else self.then

    def await_count(self, count: int) -> None:
        """Wait until so many requests have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.received) >= count, TESTED_FOR), self.ids


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver
    released: threading.Event

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of who hung up."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        """Keep the request, and behave."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.close_connection = True
        self.server.receiver.take(Sent(headers, body, self.path))(self)

    def do_GET(self) -> None:
        """What follows a redirect, which nobody should do."""
        self.server.receiver.take(Sent(dict(self.headers.items()), b"", self.path))

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def receiving(*script: Behaviour, then: Behaviour | None = None) -> Iterator[Receiver]:
    """A receiver until the end of the block, which takes every message after its script."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.released = threading.Event()
    url = f"http://127.0.0.1:{server.server_address[1]}/alerts?key=hush"
    server.receiver = Receiver(url, list(script), then or answers(200), server.released)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.receiver
    finally:
        server.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
