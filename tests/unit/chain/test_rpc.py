"""Endpoints that are away, that are no chain, or that say what no chain says; and the secrets in their URLs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from web3 import Web3

from anomalyhive.chain.contract import ContractClient
from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.rpc import adds_points, answering, connect, latest_time, request
from anomalyhive.chain.signer import Signer, new_key
from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.urls import conceal

from .conftest import Place

SECRET = "k3y-in-the-path"

Answer = Callable[[str], tuple[int, bytes]]
"""Method -> HTTP status and body."""


@contextmanager
def endpoint(answer: Answer) -> Iterator[str]:
    """The URL of an HTTP server that answers so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, body = answer(asked["method"])
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://user:{SECRET}@127.0.0.1:{server.server_port}/v3/{SECRET}?key={SECRET}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def result(value: object) -> tuple[int, bytes]:
    return 200, json.dumps({"jsonrpc": "2.0", "id": 0, "result": value}).encode()


def chain_that_gives(**answers: object) -> Answer:
    """A chain with an id that answers some methods, and all others with null."""
    return lambda method: result({"eth_chainId": "0x7a69", **answers}.get(method))


@pytest.mark.parametrize(
    "said",
    [
        (200, b"<html>It works!</html>"),
        (200, b""),
        (200, b"{}"),
        (200, b"[]"),
        (200, b'"chain"'),
        (200, b'{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"no such method"}}'),
        (401, b"who are you?"),
        (404, b"not here"),
        (500, b"oh"),
        result(None),
        result("0x0"),
        result("a chain"),
        result({"id": 1}),
        result([1]),
    ],
)
def test_connect_to_what_is_no_chain_says_so_without_its_secrets(said: tuple[int, bytes]) -> None:
    with endpoint(lambda _: said) as url, pytest.raises(ChainFailure) as refused:
        connect(url)
    assert "127.0.0.1" in str(refused.value)
    assert SECRET not in str(refused.value)


def test_connect_refused_by_status_names_the_status() -> None:
    with endpoint(lambda _: (403, b"")) as url, pytest.raises(ChainFailure, match="HTTP status 403"):
        connect(url)


@pytest.mark.parametrize("url", ["http://host:port", "http://[::1", "http://:8545", "file:///etc/passwd", "http://h:0"])
def test_connect_to_half_a_url_is_refused(url: str) -> None:
    with pytest.raises(BadSetting, match="neither anvil, ganache nor"):
        connect(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:99999/v3/{}", "'http://…'"),
        ("http://[::1/{}", "'http://…'"),
        ("wss://node.example/v3/{}", "'wss://node.example'"),
        ("node.example/v3/{}", "'node.example'"),
        ("user:{}@node.example/v3", "'node.example'"),
    ],
)
def test_connect_to_what_is_no_url_does_not_show_the_key_in_it(url: str, shown: str) -> None:
    with pytest.raises(BadSetting) as refused:
        connect(url.format(SECRET))
    assert SECRET not in str(refused.value)
    assert shown in str(refused.value)


@pytest.mark.parametrize("block", [None, {}, {"timestamp": "soon"}, {"timestamp": None}, [], "0x1", 7])
def test_latest_time_of_a_malformed_block_is_a_failure_of_the_chain(block: object) -> None:
    with endpoint(chain_that_gives(eth_getBlockByNumber=block)) as url, pytest.raises(ChainFailure):
        latest_time(connect(url, patient=False))


@pytest.mark.parametrize("answer", [None, {}, "0x", "0x12", "junk", 5])
def test_read_of_a_malformed_answer_is_a_failure_of_the_chain(answer: object) -> None:
    with endpoint(chain_that_gives(eth_call=answer)) as url:
        hive = HiveClient(connect(url, patient=False), "0x" + "11" * 20)
        with pytest.raises(ChainFailure):
            hive.task(1)


@pytest.mark.parametrize("logs", ["no", [7], [{}], [{"address": "0x" + "22" * 20, "topics": [], "data": "0x"}]])
def test_round_of_malformed_logs_is_a_failure_of_the_chain(logs: object) -> None:
    phase = "0x" + (1).to_bytes(32, "big").hex() + (9).to_bytes(32, "big").hex()
    with endpoint(chain_that_gives(eth_call=phase, eth_getLogs=logs)) as url:
        hive = HiveClient(connect(url, patient=False), "0x" + "11" * 20)
        with pytest.raises(ChainFailure):
            hive.round(1, 1)


def test_request_refused_has_the_chains_own_words() -> None:
    refusal = b'{"jsonrpc":"2.0","id":0,"error":{"code":-32601,"message":"evm_mine: ask nicely"}}'
    with endpoint(lambda method: result("0x1") if method == "eth_chainId" else (200, refusal)) as url:
        web3 = connect(url, patient=False)
        with pytest.raises(ChainFailure, match="ask nicely"):
            request(web3, "evm_mine", [])


def test_chain_that_went_away_is_named_without_the_secrets_of_its_url() -> None:
    with endpoint(chain_that_gives()) as url:
        web3 = connect(url, patient=False)
    signer = Signer(web3, new_key())
    hive = HiveClient(web3, "0x" + "11" * 20)
    for ask in (
        lambda: hive.task(1),
        lambda: hive.now(),
        lambda: hive.round(1, 1),
        lambda: hive.open_round(signer, 1),
        lambda: signer.transfer(signer.address, 1),
        lambda: signer.settle(),
        lambda: adds_points(web3),
        lambda: request(web3, "evm_mine", []),
    ):
        with pytest.raises(ChainFailure, match="stopped answering") as refused:
            ask()
        assert SECRET not in str(refused.value)


def test_read_of_an_address_without_contract_says_so(anvil: Place) -> None:
    with pytest.raises(ChainFailure, match="no Hive of this version at 0x1111"):
        HiveClient(anvil.web3, "0x" + "11" * 20).task(1)


def test_read_of_another_contract_is_a_failure_of_the_chain(anvil: Place) -> None:
    with pytest.raises(ChainFailure):
        HiveClient(anvil.web3, anvil.contracts.token.address).task(1)


@pytest.mark.parametrize(
    ("url", "text", "shown"),
    [
        ("http://h:1/v3/key?a=b", "at http://h:1/v3/key?a=b", "at http://h:1"),
        (
            "http://h:1/v3/key",
            "Max retries exceeded with url: /v3/key (refused)",
            "Max retries exceeded with url: … (refused)",
        ),
        ("http://u:pw@h:1/", "u:pw / h", "…:… / h"),
        ("http://h:1", "no / secret ? here", "no / secret ? here"),
    ],
)
def test_conceal_leaves_nothing_of_the_secrets_of_a_url(url: str, text: str, shown: str) -> None:
    assert conceal(text, url) == shown


def test_answering_lets_our_own_errors_pass() -> None:
    error = BadSetting("ours")
    with pytest.raises(BadSetting) as passed, answering("nothing"):
        raise error
    assert passed.value is error


def test_contract_client_takes_an_address_in_any_case() -> None:
    HiveLike = type("HiveLike", (ContractClient,), {"NAME": "Hive"})
    assert HiveLike(Web3(), "0x" + "ab" * 20).address == Web3.to_checksum_address("0x" + "AB" * 20)
