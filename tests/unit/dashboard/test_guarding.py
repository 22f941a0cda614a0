"""Who may ask, and how much: names, origins, the token, sizes, slowness."""

from __future__ import annotations

import socket

import pytest
import requests
from starlette.datastructures import Headers

from anomalyhive.dashboard.api import guard, serving
from anomalyhive.dashboard.api.guard import name_in, ours

from .serving import PATIENCE, Served, until

TOO_MUCH = 20 << 10


def raw(running: Served, request: bytes) -> bytes:
    """What the server answers to these bytes."""
    with running.connected() as connection:
        connection.sendall(request)
        return read(connection)


def read(connection: socket.socket) -> bytes:
    """What comes until the server hangs up."""
    found = b""
    try:
        while part := connection.recv(65536):
            found += part
    except ConnectionError:
        pass
    return found


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::2]", "a@localhost", "localhost:x"]
)
def test_host_that_is_not_ours_is_refused(running: Served, host: str) -> None:
    answer = running.get("/v1/hive", headers={"Host": host})
    assert (answer.status_code, answer.json()["type"]) == (421, "urn:anomalyhive:problem:other-host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:9", "127.0.0.1:1", "[::1]:5", "[::1]"])
def test_host_of_this_machine_is_let_in(running: Served, host: str) -> None:
    assert running.get("/v1/hive", headers={"Host": host}).status_code == 200


def test_request_without_a_host_or_with_two_is_refused(running: Served) -> None:
    assert b" 400 " in raw(running, b"GET /v1/hive HTTP/1.1\r\n\r\n")
    two = b"GET /v1/hive HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\nConnection: close\r\n\r\n"
    assert b" 421 " in raw(running, two) or b" 400 " in raw(running, two)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("localhost:80", "localhost"), ("[::1]:80", "::1"), ("a/b", ""), ("a?b", ""), ("a:99999", ""), ("x@y", ""),
        ("#", ""),
    ],
)  # fmt: skip
def test_name_in_a_host_header(text: str, name: str) -> None:
    assert name_in(text) == name


@pytest.mark.parametrize(
    ("headers", "let"),
    [
        ({}, True),
        ({"origin": "http://localhost:8800"}, True),
        ({"origin": "http://localhost:8801"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
    ],
)
def test_origin_of_another_page_may_not_act(headers: dict[str, str], let: bool) -> None:
    assert ours(Headers(headers), "localhost:8800") is let


@pytest.mark.parametrize("token", [None, "", "wrong", "ünknown".encode().decode("latin-1")])
def test_what_acts_needs_the_token(running: Served, token: str | None) -> None:
    answer = running.post("/v1/audits", token)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert running.board.token not in answer.text


def test_what_acts_is_let_in_with_the_token_and_from_our_own_page_alone(running: Served) -> None:
    token = running.board.token
    # Without content there is nothing to audit; but the token was taken.
    assert running.post("/v1/audits", token).json()["type"] == "urn:anomalyhive:problem:no-audits"
    mine = {"Origin": running.url}
    assert running.post("/v1/audits", token, headers=mine).status_code == 404
    other = running.post("/v1/audits", token, headers={"Origin": "http://evil.example"})
    assert (other.status_code, other.json()["type"]) == (403, "urn:anomalyhive:problem:other-origin")


def test_body_that_is_too_large_is_refused_however_it_is_sent(running: Served) -> None:
    token = running.board.token
    assert running.post("/v1/audits", token, data=b"x" * TOO_MUCH).status_code == 413

    def chunks() -> object:
        for _ in range(20):
            yield b" " * 1024

    try:
        answer = running.post("/v1/audits", token, data=chunks(), headers={"Content-Type": "application/json"})
        assert answer.status_code == 413
    except requests.ConnectionError:
        pass  # the server has hung up while the rest was on its way


BODIES = [b"{", b"[1]", b'"x"', b'{"model": 5}', b'{"more": 1}', b"[" * 5000, b"\xff"]


@pytest.mark.parametrize("body", BODIES, ids=range(len(BODIES)))
def test_body_that_is_none_is_refused(running: Served, body: bytes) -> None:
    answer = running.post("/v1/audits", running.board.token, data=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_more_requests_at_once_than_may_be_are_told_to_come_again(
    running: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = guard.Guard(lambda *_: None, ())  # type: ignore[arg-type, return-value]
    made._active = guard.MOST_REQUESTS
    scope = {
        "type": "http", "method": "GET", "path": "/v1/hive", "raw_path": b"/v1/hive", "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }  # fmt: skip
    refusal = made._refusal(scope)
    assert refusal is not None
    assert (refusal.status, refusal.headers) == (503, {"Retry-After": "1"})


def test_request_that_is_never_whole_is_hung_up_on(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "WHOLE_SECONDS", 0.3)
    halves = [
        b"",
        b"GET /v1/hive HT",
        b"GET /v1/hive HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
        b"POST /v1/audits HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf",
    ]
    for half in halves:
        with running.connected() as connection:
            connection.sendall(half)
            assert b" 200 " not in read(connection)
    # And so is one that begins well, on a connection that is kept open.
    with running.connected() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /heal")
        assert read(connection).count(b" 200 ") == 1
    assert running.get("/healthz").status_code == 200


def test_headers_that_are_too_long_are_refused(running: Served) -> None:
    long = b"GET /v1/hive HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * (64 << 10) + b"\r\n\r\n"
    assert b" 431 " in raw(running, long) or b" 400 " in raw(running, long)
    assert running.get("/healthz").status_code == 200


def test_answer_that_is_not_taken_in_time_is_cut_off(running: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "REQUEST_SECONDS", 0.5)
    before = running.board.poller.listeners[:]
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        connection.settimeout(PATIENCE)
        connection.connect(("127.0.0.1", running.port))
        # Pipelined requests whose answers nobody takes fill what the system keeps for the connection.
        connection.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200)
        until(lambda: _hung_up(connection))
    assert running.get("/healthz").status_code == 200
    assert running.board.poller.listeners == before


def _hung_up(connection: socket.socket) -> bool:
    try:
        connection.sendall(b"x")
    except OSError:
        return True
    return False
