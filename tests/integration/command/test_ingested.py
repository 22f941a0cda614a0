"""From the blocks of a live chain to a federation that learned from them: ingest, federate, audit."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hexbytes import HexBytes
from web3 import Web3

from anomalyhive.chain.artifacts import artifact
from anomalyhive.chain.localchain import find_executable
from anomalyhive.chain.rpc import connect, request
from anomalyhive.metrics.features import NAMES

from .command import Warm, report_of, weights_of

ACCOUNTS, A_BLOCK, BLOCKS = 36, 6, 90
"""Accounts that act, transactions of a block, and blocks."""

KINDS = ("exchange", "mining", "phishing")
KEPT = ("sent", "received", "sent_micro", "received_per_sent_micro", "distinct_sent_to", "gap_most", "token_sent")
DROPPED = [word for name in NAMES if name not in KEPT for word in ("--drop", name)]


@dataclass(frozen=True)
class Live:
    """A chain with the id of Ethereum, and who acts on it; account number i is of kind KINDS[i % 3]."""

    url: str
    accounts: list[str]
    transactions: int


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Anvil with some hundred transactions: exchanges take and pay, miners send alike amounts, phishers pass all on."""
    said = tmp_path_factory.mktemp("anvil") / "anvil.log"
    settings = ("--chain-id", "1", "--port", "0", "--accounts", str(ACCOUNTS + 1), "--timestamp", "1600000000")
    with (
        said.open("wb") as log,
        subprocess.Popen([*find_executable("anvil"), *settings], stdout=log, stderr=log) as anvil,
    ):
        try:
            url = _listening(said, anvil)
            web3 = connect(url)
            accounts = [one.lower() for one in request(web3, "eth_accounts", [])]
            yield Live(url, accounts[1:], _act(web3, accounts[1:], accounts[0]))
        finally:
            anvil.terminate()


def _listening(said: Path, anvil: subprocess.Popen[bytes]) -> str:
    """Where Anvil listens, on a port that the system chose."""
    while not (found := re.search(r"Listening on (127\.0\.0\.1:[0-9]+)", said.read_text(errors="replace"))):
        assert anvil.poll() is None, said.read_text(errors="replace")
        time.sleep(0.02)
    return f"http://{found[1]}"


def _act(web3: Web3, accounts: list[str], maker: str) -> int:
    """Send the transactions, some in each block; how many there are."""
    found = artifact("HiveToken")
    contract = web3.eth.contract(abi=found["abi"], bytecode=found["bytecode"])
    made = contract.constructor(Web3.to_checksum_address(accounts[0]), 10**24).data_in_transaction
    creation = request(web3, "eth_sendTransaction", [{"from": maker, "data": made, "gas": hex(3_000_000)}])
    token = web3.eth.wait_for_transaction_receipt(HexBytes(creation))["contractAddress"]
    give = web3.eth.contract(address=token, abi=found["abi"]).functions.transfer
    request(web3, "evm_setAutomine", [False])
    count = 1
    while web3.eth.block_number < BLOCKS - 1:
        for _ in range(A_BLOCK):
            number = count * 7 % ACCOUNTS
            sent = {"from": accounts[number], "gas": hex(100_000), **_payment(accounts, number, count)}
            if number == 0:
                someone = Web3.to_checksum_address(accounts[count % ACCOUNTS])
                sent |= {"to": token, "value": "0x0", "data": give(someone, count)._encode_transaction_data()}
            request(web3, "eth_sendTransaction", [sent])
            count += 1
        request(web3, "evm_increaseTime", [600 * (1 + count % 5)])
        request(web3, "evm_mine", [])
    return count


def _payment(accounts: list[str], number: int, count: int) -> dict[str, str]:
    """To whom an account pays how much, by its kind."""
    if KINDS[number % 3] == "exchange":
        return {"to": accounts[count * 5 % ACCOUNTS], "value": hex(10**17 + count * 10**15)}
    if KINDS[number % 3] == "mining":
        return {"to": accounts[(number + 3) % ACCOUNTS], "value": hex(2 * 10**15)}
    return {"to": accounts[0], "value": hex(3 * 10**18 + count)}


def ingest(warm: Warm, url: str, folder: Path, *borders: int) -> Path:
    """A folder of chunks, one between two borders each."""
    for start, stop in pairwise(borders):
        out = ("--out", folder / f"{start}-{stop}")
        warm(
            "ingest", "--chain", "ethereum", "--source", url, "--blocks", f"{start}:{stop}", *out, "--unfinal"
        ).succeeded()
    return folder


@pytest.fixture(scope="module")
def chunks(warm: Warm, live: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three chunks of the chain."""
    return ingest(warm, live.url, tmp_path_factory.mktemp("chunks") / "three", 0, 25, 60, BLOCKS)


@pytest.fixture(scope="module")
def labels(live: Live, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("labels") / "labels.csv"
    with path.open("w", newline="") as file:
        rows = ((name, KINDS[number % 3]) for number, name in enumerate(live.accounts))
        csv.writer(file).writerows([("address", "kind"), *rows])
    return path


def federate(chunks: Path, labels: Path, run: Path, *more: object) -> list[object]:
    chosen = ("--label", "kind", "--classes", "all", "--learner", "classify", "--param", "candidates=24")
    sizes = ("--validators", 1, "--rounds", 3, "--test-fraction", "0.3", "--param", "held=3")
    return ["federate", "--shards", chunks, "--labels", labels, *chosen, *sizes, *DROPPED, "--run", run, *more]


@pytest.fixture(scope="module")
def whole(warm: Warm, chunks: Path, labels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run on the chunks, one node for each."""
    run = tmp_path_factory.mktemp("ingested") / "run"
    warm(*federate(chunks, labels, run)).succeeded()
    return run


def test_federation_on_ingested_chunks_learns_and_its_audit_counts_them_again(
    warm: Warm, live: Live, chunks: Path, whole: Path, tmp_path: Path
) -> None:
    manifests = [json.loads(path.read_text()) for path in sorted(chunks.glob("*/manifest.json"))]
    assert sum(one["tables"]["transactions"]["rows"] for one in manifests) == live.transactions
    assert sum(one["tables"]["token_transfers"]["rows"] for one in manifests) > 1
    report = report_of(whole)
    assert report["audit"]["holds"]
    assert len(report["rows"]["shards"]) == 3
    assert sum(report["rows"]["shards"]) + report["rows"]["test"] == ACCOUNTS
    assert [one["name"] for one in report["classes"]["classes"]] == list(KINDS)
    warm("audit", whole, "--shards", chunks, "--json", tmp_path / "audit.json").succeeded()
    assert json.loads((tmp_path / "audit.json").read_text())["chunks"] == 3


def test_federation_on_another_cut_of_the_same_blocks_has_the_same_weights(
    warm: Warm, live: Live, labels: Path, whole: Path, tmp_path: Path
) -> None:
    two = ingest(warm, live.url, tmp_path / "two", 0, 41, BLOCKS)
    warm(*federate(two, labels, tmp_path / "run", "--nodes", 3)).succeeded()
    assert weights_of(report_of(tmp_path / "run")) == weights_of(report_of(whole))
    warm("audit", tmp_path / "run", "--shards", two).succeeded()


def test_ingested_chunk_with_another_amount_is_refused_before_and_named_by_the_audit_after(
    warm: Warm, chunks: Path, labels: Path, whole: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(chunks, tmp_path / "chunks"))
    path = folder / "25-60" / "transactions.parquet"
    table = pq.read_table(path)
    amounts = table.column("value_gwei").to_pylist()
    amounts[3] += 1
    at = table.schema.get_field_index("value_gwei")
    pq.write_table(table.set_column(at, table.schema.field(at), pa.array(amounts)), path)
    warm(*federate(folder, labels, tmp_path / "run")).refused(2, "25-60/transactions.parquet", "manifest.json")
    assert not (tmp_path / "run").exists()
    done = warm("audit", whole, "--shards", folder, "--json", tmp_path / "audit.json")
    assert done.code == 1
    failures = next(
        one for one in json.loads((tmp_path / "audit.json").read_text())["checks"] if one["name"] == "chunks"
    )
    assert ["is not what chunk 1 gives" in text for text in failures["failures"]] == [True]


@pytest.fixture
def liar(live: Live) -> Iterator[str]:
    """A node that tells the chain as it is, but for the amount of a transaction in block 30."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            with urlopen(Request(live.url, asked, {"Content-Type": "application/json"})) as answer:  # noqa: S310
                told = json.loads(answer.read())
            for one in told if isinstance(told, list) else [told]:
                _lie(one.get("result"))
            data = json.dumps(told).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _lie(result: Any) -> None:
    if isinstance(result, dict) and result.get("number") == hex(30) and result.get("transactions"):
        first = result["transactions"][0]
        if isinstance(first, dict):
            first["value"] = hex(int(first["value"], 16) + 1)


def test_chunk_with_a_quarantined_block_is_refused_and_says_where_the_reasons_are(
    warm: Warm, live: Live, liar: str, labels: Path, tmp_path: Path
) -> None:
    folder = ingest(warm, live.url, tmp_path / "chunks", 0, 25)
    ingest(warm, liar, folder, 25, 60)
    where = folder / "25-60" / "quarantine.jsonl"
    assert json.loads(where.read_text())["block_number"] == 30
    for command in (
        federate(folder, labels, tmp_path / "run"),
        ["metrics", "--in", folder, "--out", tmp_path / "store"],
    ):
        warm(*command).refused(2, "25-60 lacks 1 of its blocks", str(where), "ingest these blocks again")
    assert not (tmp_path / "run").exists()
    assert not (tmp_path / "store").exists()
