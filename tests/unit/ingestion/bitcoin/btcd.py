"""A btcd of our own on its simulation network, built from the Go module that `tests/resources/btcd` pins."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import pytest
from eth_keys import keys

from anomalyhive.ingestion.bitcoin.addresses import base58check
from anomalyhive.ingestion.bitcoin.cursor import compact_size
from anomalyhive.ingestion.bitcoin.hashing import hash160, sha256d
from anomalyhive.ingestion.bitcoin.transaction import Input, Output, write_parts
from anomalyhive.ingestion.transport import JsonRpc, Patience

ROOT = Path(__file__).parents[4]
MODULE = ROOT / "tests/resources/btcd"

SECRET = keys.PrivateKey(b"\x11" * 32)
PUBLIC = SECRET.public_key.to_compressed_bytes()
SIMNET_KEY = b"\x3f"


def miner_address() -> str:
    return base58check(SIMNET_KEY, hash160(PUBLIC))


def miner_script() -> bytes:
    return b"\x76\xa9\x14" + hash160(PUBLIC) + b"\x88\xac"


def binary() -> Path:
    """The program, built once for a state of the module; skips where that cannot be done."""
    digest = sha256((MODULE / "go.mod").read_bytes() + (MODULE / "go.sum").read_bytes()).hexdigest()[:16]
    built = ROOT / ".toolchain" / "btcd" / digest / "btcd"
    if built.is_file():
        return built
    go = shutil.which("go")
    if go is None:
        pytest.skip("Go is not here to build btcd with")
    built.parent.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(
        [go, "build", "-o", str(built), "github.com/btcsuite/btcd"],
        cwd=MODULE,
        env={**os.environ, "GOFLAGS": "-mod=readonly"},
        capture_output=True,
        text=True,
    )
    if made.returncode:
        pytest.skip(f"btcd cannot be built: {made.stderr.strip()[-300:]}")
    return built


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The URL of a node that mines for `miner_address`."""
    program, port = binary(), free_port()
    arguments = [
        "--simnet",
        "--notls",
        "--nolisten",
        "--txindex",
        "--rpcuser=someone",
        "--rpcpass=secret",
        f"--rpclisten=127.0.0.1:{port}",
        f"--datadir={folder / 'data'}",
        f"--logdir={folder / 'logs'}",
        f"--configfile={folder / 'btcd.conf'}",
        f"--miningaddr={miner_address()}",
    ]
    (folder / "btcd.conf").touch()
    with (folder / "out").open("wb") as said:
        process = subprocess.Popen([str(program), *arguments], stdout=said, stderr=subprocess.STDOUT)
    url = f"http://someone:secret@127.0.0.1:{port}"
    try:
        # The client tries again until the node listens.
        with JsonRpc([url], patience=Patience(first=0.1, longest=0.5, attempts=100)) as node:
            node.call("getblockcount")
        yield url
    finally:
        process.terminate()
        process.wait(30)


def signed(spent: Input, outputs: list[Output]) -> bytes:
    """A transaction of one input that spends an output of the miner's, with SIGHASH_ALL."""

    def written(script: bytes) -> bytes:
        parts = write_parts([spent._replace(script=script)], outputs)
        return (1).to_bytes(4, "little") + parts + bytes(4)

    signature = SECRET.sign_msg_hash(sha256d(written(miner_script()) + (1).to_bytes(4, "little")))
    pushed = der(signature.r, signature.s) + b"\x01"
    return written(compact_size(len(pushed)) + pushed + compact_size(len(PUBLIC)) + PUBLIC)


def der(*numbers: int) -> bytes:
    body = b""
    for number in numbers:
        held = number.to_bytes(number.bit_length() // 8 + 1, "big")
        body += b"\x02" + bytes([len(held)]) + held
    return b"\x30" + bytes([len(body)]) + body
