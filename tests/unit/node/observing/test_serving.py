"""What is served, to whom it may concern, and that nobody can hold it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from time import sleep

import pytest

from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.node.observing.health import Health
from anomalyhive.node.observing.metrics import Metrics
from anomalyhive.node.observing.serving import MOST_CONNECTIONS, serving

from .views import STANDING, busy

LOCAL = ("127.0.0.1", 0)


class Served:
    """A server with a health and metrics that a test can change."""

    def __init__(self) -> None:
        self.health, self.metrics = Health(lambda: 0.0, str), Metrics()
        self.address = LOCAL

    def ask(self, path: str, method: str = "GET") -> tuple[HTTPResponse, bytes]:
        connection = HTTPConnection(*self.address, timeout=60)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    with serving(LOCAL, made.health, made.metrics.registry) as made.address:
        yield made


def test_healthz_is_200_while_the_node_is_well_and_503_with_the_reason_else(served: Served) -> None:
    answer, body = served.ask("/healthz")
    assert (answer.status, answer.headers["Content-Type"]) == (503, "application/json")
    assert json.loads(body)["reason"] == "the chain has not answered yet"
    served.health.stood(STANDING)
    answer, body = served.ask("/healthz?verbose=1")
    assert (answer.status, json.loads(body)["healthy"]) == (200, True)
    served.health.failed("look at the chain", ChainFailure("gone"))
    assert served.ask("/healthz")[0].status == 503


def test_metrics_are_what_prometheus_reads(served: Served) -> None:
    busy(served.metrics)
    answer, body = served.ask("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert b'anomalyhive_rounds_total{end="final",task="1"} 1.0' in body


def test_head_has_no_body(served: Served) -> None:
    answer, body = served.ask("/metrics", "HEAD")
    assert (answer.status, body) == (200, b"")


@pytest.mark.parametrize("path", ["/", "/metrics/", "/../etc/passwd", "/" + "a" * 5000])
def test_other_paths_are_not_there(served: Served, path: str) -> None:
    assert served.ask(path)[0].status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_not_done(served: Served, method: str) -> None:
    assert served.ask("/metrics", method)[0].status == 501


def test_answers_do_not_tell_what_runs(served: Served) -> None:
    assert served.ask("/metrics")[0].headers["Server"].strip() == "anomalyhive"


def raw(served: Served, data: bytes) -> bytes:
    """What comes back for bytes that need be no request."""
    with socket.create_connection(served.address, 60) as connection:
        with suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        received = b""
        with suppress(OSError):
            while part := connection.recv(65536):
                received += part
        return received


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff" * 100 + b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.0\r\n\r\n",
        b"GET /metrics HTTP/1.0\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"GET /metrics HTTP/1.0\r\nX: " + b"y" * 70_000,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_nonsense_gets_no_metrics_and_leaves_the_server_well(
    served: Served, data: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    assert b"anomalyhive_build_info" not in raw(served, data)
    assert served.ask("/metrics")[0].status == 200
    assert capfd.readouterr().err == ""


def answered(served: Served) -> bool:
    """Whether a request is heard."""
    try:
        return served.ask("/metrics")[0].status == 200
    except (OSError, HTTPException):
        return False


@pytest.fixture
def impatient() -> Iterator[Served]:
    """A server that hangs up soon."""
    made = Served()
    with serving(LOCAL, made.health, made.metrics.registry, seconds=1.0) as made.address:
        yield made


def test_more_connections_than_are_served_at_once_are_closed_and_end_by_themselves(impatient: Served) -> None:
    with ExitStack() as held:
        for _ in range(MOST_CONNECTIONS):
            slow = held.enter_context(socket.create_connection(impatient.address, 60))
            slow.sendall(b"GET /metrics HTTP/1.0\r\n")  # and no end
        # They are taken in turn: whoever comes after them finds no thread, and is not kept waiting.
        assert not answered(impatient)
        while not answered(impatient):
            sleep(0.05)
        assert slow.recv(1) == b""


def test_a_client_that_drips_is_hung_up_on(impatient: Served) -> None:
    with socket.create_connection(impatient.address, 60) as slow, suppress(OSError):
        while True:
            slow.sendall(b"X")
            sleep(0.05)
        # The server has closed the connection, or sending would have gone on for ever.
    assert answered(impatient)


def test_serving_where_another_serves_is_refused(served: Served) -> None:
    with pytest.raises(BadSetting, match="listen 127"), serving(served.address, served.health, served.metrics.registry):
        pass


def test_serving_on_an_address_of_another_machine_is_refused(served: Served) -> None:
    with pytest.raises(BadSetting, match="192"), serving(("192.0.2.1", 0), served.health, served.metrics.registry):
        pass


def test_serving_on_the_loopback_of_ipv6(served: Served) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        with serving(("::1", 0), served.health, served.metrics.registry) as served.address:
            assert served.ask("/metrics")[0].status == 200
    except BadSetting as error:
        pytest.skip(str(error))


def test_serving_ends_with_its_block() -> None:
    made = Served()
    with serving(LOCAL, made.health, made.metrics.registry) as made.address:
        assert answered(made)
    assert not answered(made)
