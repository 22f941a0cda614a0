"""One attempt, against receivers that misbehave in every way; nothing that they do holds it or fills it."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from anomalyhive.monitor.webhooks import HttpPoster
from anomalyhive.monitor.webhooks.answers import Answer, Meaning

from .queues import NOW
from .receiver import (
    Behaviour,
    answers,
    cuts_the_body,
    cuts_the_head,
    drips,
    floods,
    floods_the_head,
    hangs_up,
    receiving,
    talks_nonsense,
    waits,
)

BODY = b'{"id":"1"}'


def sent(url: str, seconds: float = 10.0) -> Answer:
    return HttpPoster(lambda: NOW)(url, {"webhook-id": "1"}, BODY, seconds)


def test_body_headers_path_and_query_arrive() -> None:
    with receiving() as receiver:
        assert sent(receiver.url).status == 200
    one = receiver.received[0]
    assert (one.body, one.path, one.id) == (BODY, "/alerts?key=hush", "1")
    assert one.headers["content-type"] == "application/json"
    assert one.headers["host"] in receiver.url


@pytest.mark.parametrize("behaviour", [cuts_the_body, floods], ids=["cut short", "endless"])
def test_message_is_taken_whatever_becomes_of_the_answers_body(behaviour: Behaviour) -> None:
    with receiving(behaviour) as receiver:
        assert sent(receiver.url).meaning is Meaning.TAKEN


@pytest.mark.parametrize("behaviour", [hangs_up, cuts_the_head, talks_nonsense, floods_the_head])
def test_answer_without_a_whole_head_is_none(behaviour: Behaviour) -> None:
    with receiving(behaviour) as receiver:
        answer = sent(receiver.url)
    assert (answer.status, answer.meaning) == (0, Meaning.AGAIN)
    assert answer.why.startswith("no answer")


@pytest.mark.parametrize("behaviour", [drips, waits])
def test_receiver_that_takes_too_long_is_hung_up_on(behaviour: Behaviour) -> None:
    with receiving(behaviour) as receiver:
        assert sent(receiver.url, 0.3) == Answer(0, "no answer within 0.3 s")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(status: int) -> None:
    with receiving() as elsewhere, receiving(answers(status, Location=elsewhere.url)) as receiver:
        answer = sent(receiver.url)
    assert (answer.status, answer.meaning, elsewhere.received) == (status, Meaning.AGAIN, [])
    assert "not followed" in answer.why
    assert "hush" not in answer.why


def test_retry_after_is_told() -> None:
    with receiving(answers(429, Retry_After="17"), answers(503, Retry_After="Tue, 14 Nov 2023 22:14:20 GMT")) as one:
        assert [sent(one.url).wait, sent(one.url).wait] == [17.0, 60.0]


def test_nobody_there_is_no_answer() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    assert sent(url) == Answer(0, "no answer (ConnectionRefusedError)")


def test_name_that_leads_nowhere_is_no_answer() -> None:
    assert sent("http://nowhere.invalid/").meaning is Meaning.AGAIN


def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert sent(receiver.url).status == 200
    assert (len(receiver.received), proxy.received) == (1, [])


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and self-signed certificate of localhost in one file."""
    file = tmp_path_factory.mktemp("tls") / "one.pem"
    key = file.with_suffix(".key")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    file.write_bytes(key.read_bytes() + file.read_bytes())
    return file


def served_once(server: socket.socket, tls: ssl.SSLContext) -> None:
    """Answer one request over TLS, whoever asks."""
    with suppress(OSError), tls.wrap_socket(server.accept()[0], server_side=True) as line:
        received = b""
        while BODY not in received:
            received += line.recv(65536)
        line.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


@pytest.mark.parametrize(("trusted", "status"), [(True, 204), (False, 0)])
def test_certificate_is_checked(certificate: Path, trusted: bool, status: int) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=served_once, args=(server, tls))
        thread.start()
        poster = HttpPoster(lambda: NOW, ssl.create_default_context(cafile=str(certificate)) if trusted else None)
        answer = poster(f"https://localhost:{server.getsockname()[1]}/", {}, BODY, 10.0)
        thread.join()
    assert answer.status == status
    assert trusted or "certificate is not valid" in answer.why


def test_handshake_that_never_ends_is_hung_up_on() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"https://localhost:{server.getsockname()[1]}/"
        assert sent(url, 0.3) == Answer(0, "no answer within 0.3 s")
