"""A Monero chain of one's own on this machine, with a transfer in one of its blocks."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).resolve().parents[4]
UNPACKED = ROOT / ".toolchain" / "monerod" / "run"
"""Where scripts/monerod.py puts the programs."""

SECONDS, ATTEMPTS = 0.1, 600
"""Between two attempts to reach a program that starts, and how many of them."""

SPENDABLE = 60
"""Blocks after which a miner may spend its reward (CRYPTONOTE_MINED_MONEY_UNLOCK_WINDOW)."""

SENT = 1_234_500_000_000
"""Piconero."""


@dataclass
class Live:
    """The daemon's URL, how many blocks it has, and the transfer: its id, its fee and the block that holds it."""

    url: str
    blocks: int
    transfer: str
    fee: int
    height: int


def program(name: str) -> str | None:
    """Where a program of Monero is: unpacked below .toolchain, or on PATH."""
    unpacked = UNPACKED / name
    return str(unpacked) if unpacked.is_file() else shutil.which(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def post(url: str, method: str, **params: Any) -> Any:
    body = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
    answer = requests.post(f"{url}/json_rpc", json=body, timeout=60).json()
    assert "error" not in answer, answer["error"]
    return answer["result"]


@contextmanager
def running(command: list[str], url: str, method: str, log: Path) -> Iterator[None]:
    """A program as long as the context lasts, from when it answers."""
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said, stdin=subprocess.DEVNULL) as child:
        try:
            pause = threading.Event()
            for _ in range(ATTEMPTS):
                assert child.poll() is None, log.read_text()[-600:]
                try:
                    post(url, method)
                    break
                except requests.exceptions.ConnectionError:
                    pause.wait(SECONDS)
            yield
        finally:
            child.kill()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    monerod, wallet_rpc = program("monerod"), program("monero-wallet-rpc")
    if monerod is None or wallet_rpc is None:
        pytest.skip("monerod is neither in .toolchain nor on PATH: `scripts/monerod.py` fetches Debian's package")
    folder = tmp_path_factory.mktemp("monero")
    rpc, peers, wallet_port = free_port(), free_port(), free_port()
    url, wallet = f"http://127.0.0.1:{rpc}", f"http://127.0.0.1:{wallet_port}"
    daemon = [monerod, "--regtest", "--offline", "--fixed-difficulty", "1", "--non-interactive", "--no-zmq", "--no-igd"]
    daemon += ["--data-dir", str(folder / "chain"), "--rpc-bind-port", str(rpc), "--p2p-bind-port", str(peers)]
    purse = [wallet_rpc, "--daemon-address", f"127.0.0.1:{rpc}", "--trusted-daemon", "--disable-rpc-login"]
    purse += ["--rpc-bind-port", str(wallet_port), "--wallet-dir", str(folder), "--log-file", str(folder / "wallet")]
    with ExitStack() as stack:
        stack.enter_context(running(daemon, url, "get_block_count", folder / "daemon.log"))
        stack.enter_context(running(purse, wallet, "get_version", folder / "wallet.log"))
        yield _with_transfer(url, wallet)


def _with_transfer(url: str, wallet: str) -> Live:
    post(wallet, "create_wallet", filename="miner", language="English")
    address = post(wallet, "get_address")["address"]
    # Enough rewards that may be spent for the ring of one of them.
    post(url, "generateblocks", amount_of_blocks=SPENDABLE + 30, wallet_address=address)
    post(wallet, "refresh")
    sent = post(wallet, "transfer", destinations=[{"amount": SENT, "address": address}])
    height = post(url, "get_block_count")["count"]
    post(url, "generateblocks", amount_of_blocks=15, wallet_address=address)
    return Live(url, post(url, "get_block_count")["count"], sent["tx_hash"], sent["fee"], height)
