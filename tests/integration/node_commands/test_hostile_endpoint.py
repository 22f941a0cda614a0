"""An endpoint that says it is the chain, and answers everything else with nonsense."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from .hives import Command, Hive, make


@contextmanager
def answering(nonsense: Any) -> Iterator[str]:
    """The URL of such an endpoint."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            result = "0x7a69" if asked["method"] == "eth_chainId" else nonsense
            content = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "result": result}).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "nonsense", [None, [], {}, "0x7a69", "zz", "0x" + "ff" * 20_000, -1], ids=lambda one: str(one)[:10]
)
def test_commands_with_lying_endpoint_say_so_in_words(
    command: Command, hive: Hive, tmp_path: Path, nonsense: Any
) -> None:
    made = make(command, hive, tmp_path / "node")
    with answering(nonsense) as url:
        environ = {"ANOMALYHIVE_ENDPOINTS": url}
        done = command("doctor", "--json", "--home", made.home, **environ)
        assert done.code == 1
        assert len(json.loads(done.out)) > 1
        for arguments in (("node", "status"), ("node", "register"), ("node", "claim"), ("task", "status", 1)):
            command(*arguments, "--home", made.home, **environ).refused(1)
