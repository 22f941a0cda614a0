"""Chains to deploy on, and `scripts/deploy.py` as a user starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
from eth_account import Account
from web3 import Web3

from anomalyhive.chain.localchain import PROJECT_ROOT, choose_port, find_executable
from anomalyhive.chain.rpc import connect, request
from anomalyhive.chain.signer import Signer
from anomalyhive.errors import ChainFailure

KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
"""Anvil's first account, which has coin on every Anvil."""

DEPLOYER = str(Account.from_key(KEY).address)
SCRIPT = PROJECT_ROOT / "scripts" / "deploy.py"
SECONDS = 180


@dataclass(frozen=True)
class Chain:
    """A running chain."""

    url: str
    web3: Web3

    @property
    def sent(self) -> int:
        """Transactions of the deployer."""
        return self.web3.eth.get_transaction_count(Web3.to_checksum_address(DEPLOYER))

    def signer(self) -> Signer:
        return Signer(self.web3, KEY)

    def set_code(self, address: str, code: bytes) -> None:
        request(self.web3, "anvil_setCode", [address, Web3.to_hex(code)])


@contextmanager
def anvil(*options: object) -> Iterator[Chain]:
    """Anvil with options of its own."""
    port = choose_port(None)
    command = [*find_executable("anvil"), "--port", str(port), "--silent", *map(str, options)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            yield Chain(url, _answering(url, process))
        finally:
            process.kill()


def _answering(url: str, process: subprocess.Popen[bytes]) -> Web3:
    while True:
        assert process.poll() is None, "Anvil has ended"
        try:
            return connect(url)
        except ChainFailure:
            continue


@contextmanager
def relay(chain: Chain, refusal: Callable[[Any], dict[str, Any] | None]) -> Iterator[str]:
    """The URL of a node before the chain: it answers by ``refusal``'s error if there is one, else as the chain does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            error = refusal(asked) if isinstance(asked, dict) else None
            if error is None:
                answer = requests.post(chain.url, json=asked, timeout=30).content
            else:
                answer = json.dumps({"jsonrpc": "2.0", "id": asked["id"], "error": error}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def environment(url: str, record: Path, **settings: str) -> dict[str, str]:
    """What the script reads, and nothing else of ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ANOMALYHIVE_")}
    return {
        **inherited,
        "ANOMALYHIVE_RPC_URL": url,
        "ANOMALYHIVE_DEPLOYER_KEY": "0x" + KEY.hex(),
        "ANOMALYHIVE_DEPLOYMENT": str(record),
        **{f"ANOMALYHIVE_{name}": value for name, value in settings.items()},
    }


def start(url: str, record: Path, folder: Path = PROJECT_ROOT, **settings: str) -> subprocess.Popen[str]:
    """Start the script in a folder."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPT)],
        cwd=folder,
        env=environment(url, record, **settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(url: str, record: Path, **settings: str) -> tuple[int, str, str]:
    """Run the script to its end: exit code, standard output, standard error."""
    with start(url, record, **settings) as process:
        out, err = process.communicate(timeout=SECONDS)
    assert KEY.hex() not in out + err
    return process.returncode, out, err


def deployed(url: str, record: Path, **settings: str) -> dict[str, Any]:
    """The record of a run that succeeded."""
    code, out, err = run(url, record, **settings)
    assert code == 0, out + err
    content: dict[str, Any] = json.loads(record.read_text())
    return content


def refused(url: str, record: Path, *words: str, **settings: str) -> None:
    """Assert that a run fails with one message that has these words, and writes nothing."""
    before = record.read_bytes() if record.exists() else None
    code, out, err = run(url, record, **settings)
    assert code == 1, out + err
    assert err.startswith("error: "), err
    assert err.count("\n") == 1, err
    assert all(word in err for word in words), err
    assert (record.read_bytes() if record.exists() else None) == before
