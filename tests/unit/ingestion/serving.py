"""A real HTTP server that answers as a node does, and one that misbehaves as nodes do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What goes over the wire: ``cut`` closes the connection after so many bytes of the body."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None


Answer = Callable[[str, Any, Mapping[str, str]], "Reply | Any"]
"""Path, parsed body and headers of a request -> a Reply, or what becomes the JSON of one."""


@dataclass
class Served:
    """A running server and what it was asked."""

    url: str
    requests: list[tuple[str, Any]] = field(default_factory=list)


@contextmanager
def serving(answer: Answer) -> Iterator[Served]:
    """A server on the loopback interface."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            served.requests.append((self.path, asked))
            reply = answer(self.path, asked, self.headers)
            if not isinstance(reply, Reply):
                reply = Reply(json.dumps(reply).encode())
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
            if reply.cut is not None:
                self.close_connection = True

        def log_message(self, *said: Any) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *said: Any) -> None:
            """A client that went away is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    served = Served(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def rpc(method: Callable[[str, Any], Any], batches: bool = True) -> Answer:
    """Answers JSON-RPC; ``method`` gives a result, or {"error": …} as the answer's own error."""

    def one(call: Any) -> dict[str, Any]:
        result = method(call["method"], call["params"])
        given = result if isinstance(result, dict) and "error" in result else {"result": result}
        return {"jsonrpc": "2.0", "id": call["id"], **given}

    def answer(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        if isinstance(asked, list):
            refusal = {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "no arrays here"}}
            return [one(call) for call in asked] if batches else refusal
        return one(asked)

    return answer
