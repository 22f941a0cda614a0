"""Several endpoints of a chain: real servers that fail in every way, before a real chain."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from anomalyhive.chain.failover import FailoverProvider, Patience, connect_several
from anomalyhive.chain.rpc import latest_time
from anomalyhive.errors import BadSetting, ChainFailure

KEY = "apikey-never-shown"


@dataclass
class Clock:
    """Moves only when somebody sleeps; what is due then happens."""

    time: float = 0.0
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds
        for moment, action in self.due:
            if moment <= self.time:
                action()

    def at(self, moment: float, action: Callable[[], None]) -> None:
        self.due.append((moment, action))


@dataclass
class Server:
    """An endpoint of chain 31337 that answers as its mood says."""

    head: int = 100
    chain: int = 31337
    mood: str = "well"
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v3/{KEY}"

    def answer(self, body: bytes) -> tuple[int, bytes]:
        call = json.loads(body)
        self.asked.append(call["method"])
        if self.mood == "no json":
            return 200, b"<html>" + KEY.encode()
        if self.mood == "wrong shape":
            return 200, b"[]"
        if self.mood == "busy inside":
            return 200, json.dumps({"id": call["id"], "error": {"code": -32005, "message": "limit exceeded"}}).encode()
        if self.mood.isdigit():
            return int(self.mood), b"gone"
        results = {"eth_chainId": hex(self.chain), "eth_blockNumber": hex(self.head)}
        return 200, json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": results[call["method"]]}).encode()


@pytest.fixture
def serve() -> Iterator[Callable[[Server], Server]]:
    """Starts endpoints."""
    running: list[ThreadingHTTPServer] = []

    def start(server: Server) -> Server:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                if server.mood == "hangs up":
                    self.connection.close()
                    return
                status, body = server.answer(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None: ...

        listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.port = listening.server_port
        threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(listening)
        return server

    yield start
    for one in running:
        one.shutdown()
        one.server_close()


def patience(clock: Clock, **changes: Any) -> Patience:
    return Patience(clock=clock.now, sleep=clock.sleep, **changes)


@pytest.mark.parametrize("mood", ["hangs up", "429", "500", "503", "401", "no json", "wrong shape", "busy inside"])
def test_request_goes_to_the_next_endpoint_and_back_when_the_first_is_well(
    serve: Callable[[Server], Server], mood: str
) -> None:
    first, second, clock = serve(Server(head=200, mood=mood)), serve(Server(head=201)), Clock()
    told: list[str] = []
    web3 = connect_several(
        [first.url, second.url], 31337, patience(clock), lambda where, error: told.append(f"{where} {error}")
    )
    assert web3.eth.block_number == 201
    assert told
    assert KEY not in "".join(told)
    first.mood = "well"
    clock.time += 1
    assert web3.eth.block_number == 200


def test_request_that_nobody_answers_names_all_endpoints_without_their_keys(serve: Callable[[Server], Server]) -> None:
    first, second, clock = serve(Server(mood="503")), serve(Server(mood="hangs up")), Clock()
    web3 = connect_several([first.url, second.url], 31337, patience(clock, wait=5.0))
    with pytest.raises(ChainFailure, match="no endpoint of the chain answers") as refused:
        latest_time(web3)
    assert f"127.0.0.1:{first.port}: HTTP status 503" in str(refused.value)
    assert f"127.0.0.1:{second.port}" in str(refused.value)
    assert KEY not in str(refused.value)
    assert 1 < clock.time < 6


def test_request_to_an_endpoint_that_was_away_for_a_while_is_answered(serve: Callable[[Server], Server]) -> None:
    server, clock = serve(Server(mood="hangs up")), Clock()
    clock.at(3.0, lambda: setattr(server, "mood", "well"))
    assert connect_several([server.url], 31337, patience(clock)).eth.block_number == 100
    assert clock.time >= 3


def test_endpoint_of_another_chain_is_passed_over(serve: Callable[[Server], Server]) -> None:
    wrong, right = serve(Server(head=900, chain=1)), serve(Server(head=50))
    web3 = connect_several([wrong.url, right.url], 31337, patience(Clock()))
    assert web3.eth.block_number == 50
    assert set(wrong.asked) == {"eth_chainId"}


def test_endpoints_that_are_all_of_another_chain_are_a_wrong_setting(serve: Callable[[Server], Server]) -> None:
    wrong = serve(Server(chain=1))
    with pytest.raises(BadSetting, match=r"no endpoint is of chain 31337 .*of chain 1 instead") as refused:
        FailoverProvider([wrong.url], 31337, patience(Clock())).make_request("eth_blockNumber", [])  # type: ignore[arg-type]  # a method
    assert KEY not in str(refused.value)


def test_endpoint_that_came_back_on_another_chain_is_checked_again(serve: Callable[[Server], Server]) -> None:
    first, second, clock = serve(Server(head=1)), serve(Server(head=2)), Clock()
    web3 = connect_several([first.url, second.url], 31337, patience(clock))
    assert web3.eth.block_number == 1
    first.mood = "503"
    assert web3.eth.block_number == 2
    first.mood, first.chain = "well", 5
    clock.time += 1
    assert web3.eth.block_number == 2


def test_endpoint_far_behind_is_passed_over_until_it_has_caught_up(serve: Callable[[Server], Server]) -> None:
    first, second, clock = serve(Server(head=100)), serve(Server(head=106)), Clock()
    web3 = connect_several([first.url, second.url], 31337, patience(clock, lag=5, heads=10.0))
    assert web3.eth.block_number == 106
    first.head = 101
    assert web3.eth.block_number == 106
    clock.time += 11
    assert web3.eth.block_number == 101


def test_endpoints_that_all_lag_but_one_that_rests_are_used(serve: Callable[[Server], Server]) -> None:
    first, second, clock = serve(Server(head=10)), serve(Server(head=106)), Clock()
    web3 = connect_several([first.url, second.url], 31337, patience(clock))
    assert web3.eth.block_number == 106
    second.mood = "503"
    assert web3.eth.block_number == 10


@pytest.mark.parametrize("urls", [[], ["ftp://host"], ["http://"], ["nonsense"]])
def test_provider_of_no_url_is_refused(urls: list[str]) -> None:
    with pytest.raises(BadSetting):
        FailoverProvider(urls, 31337)
