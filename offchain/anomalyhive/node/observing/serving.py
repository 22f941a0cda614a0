"""`/healthz` and `/metrics` over HTTP, on a few threads that nobody can hold.

A connection has a deadline and so has every read of it; beyond a few at once they are closed unheard. What is served
holds no secret, and still is for this machine alone unless its operator says otherwise.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import BoundedSemaphore, Thread, Timer
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from anomalyhive.errors import BadSetting
from anomalyhive.node.observing.health import Health

MOST_CONNECTIONS = 8
"""At once; Prometheus and a probe need two."""

READ_SECONDS, CONNECTION_SECONDS = 5.0, 10.0
"""Longest wait for bytes, and life of a connection, whatever it sends."""


class _Server(HTTPServer):
    """Answers each connection on a thread of its own, a few at once."""

    allow_reuse_address = True
    request_queue_size = 16

    def __init__(self, address: tuple[str, int], health: Health, registry: CollectorRegistry, seconds: float) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.health, self.registry, self._seconds = health, registry, seconds
        self._free = BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind, without asking a name server what this machine is called."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer on a thread, or close at once where none is free."""
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        Thread(target=self._answer, args=(request, client_address), daemon=True).start()

    def _answer(self, request: Any, client_address: Any) -> None:
        end = Timer(self._seconds, _hang_up, (request,))
        end.daemon = True
        end.start()
        try:
            # Whatever a client does, its own connection is all that it can end.
            with suppress(OSError, ValueError):
                self.finish_request(request, client_address)
        finally:
            end.cancel()
            self.shutdown_request(request)
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that went away."""


class _Handler(BaseHTTPRequestHandler):
    """GET and HEAD of two paths."""

    server: _Server
    timeout = READ_SECONDS
    server_version = "anomalyhive"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer with a body."""
        status, kind, body = self._found()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the library's name

    def log_message(self, *_: Any) -> None:
        """Log nothing: a request is no event of the node."""

    def _found(self) -> tuple[HTTPStatus, str, bytes]:
        path = self.path.partition("?")[0]
        if path == "/healthz":
            condition = self.server.health.condition()
            status = HTTPStatus.OK if condition.well else HTTPStatus.SERVICE_UNAVAILABLE
            return status, "application/json", json.dumps(condition.facts).encode() + b"\n"
        if path == "/metrics":
            return HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(self.server.registry)
        return HTTPStatus.NOT_FOUND, "text/plain", b"there are /healthz and /metrics\n"


def _hang_up(request: socket.socket) -> None:
    with suppress(OSError):
        request.shutdown(socket.SHUT_RDWR)


@contextmanager
def serving(
    address: tuple[str, int], health: Health, registry: CollectorRegistry, seconds: float = CONNECTION_SECONDS
) -> Iterator[tuple[str, int]]:
    """Serve until the end of the block; gives the address, whose port is chosen where 0 was asked for.

    Raises BadSetting for an address that cannot be had.
    """
    host, port = address
    try:
        server = _Server(address, health, registry, seconds)
    except OSError as error:
        raise BadSetting(f"listen {host}:{port} cannot be served ({error.strerror}): choose another address") from error
    thread = Thread(target=server.serve_forever, name="observing", daemon=True)
    thread.start()
    try:
        yield str(server.server_address[0]), int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
