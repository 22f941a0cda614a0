"""What a client makes of the URL of a node: path, user and password, and what is no URL of one."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from anomalyhive.errors import BadSetting, ChainFailure, Refused
from anomalyhive.ingestion.transport import JsonRpc

from .serving import Reply, rpc, serving
from .test_transport import always, double, node


@pytest.mark.parametrize("path", ["", "/json_rpc"])
def test_call_and_post_go_to_their_paths_below_the_url(path: str) -> None:
    def monerod(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        return {"status": "OK", "asked": asked} if path == "/get_transactions" else rpc(double)(path, asked, headers)

    with serving(monerod) as served, node(served.url + path, path="/json_rpc") as client:
        assert client.call("double", [4]) == 8
        if not path:
            bodies = [("/get_transactions", {"txs_hashes": [str(n)]}) for n in range(9)]
            assert [one["asked"] for one in client.ordered(lambda one: client.post(*one), bodies)] == [
                body for _, body in bodies
            ]
        assert served.requests[0][0] == "/json_rpc"


def test_post_of_an_answer_that_cannot_be_used_is_tried_again() -> None:
    answers = iter([{"status": "BUSY"}, {"status": "OK"}])

    def busy_once(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        return next(answers)

    with serving(busy_once) as served, node(served.url) as client:
        got = client.post("/get_height", {}, lambda answer: None if answer["status"] == "OK" else answer["status"])
        assert got == {"status": "OK"}


def challenge(kind: str) -> Any:
    def answer(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        given = headers.get("Authorization", "")
        basic = "Basic " + base64.b64encode(b"us er:p@ss/w").decode()
        if (kind == "Basic" and given == basic) or (kind == "Digest" and given.startswith('Digest username="us er"')):
            return rpc(double)(path, asked, headers)
        seen.append(given)
        return Reply(b"", 401, {"WWW-Authenticate": f'{kind} realm="node", nonce="a1b2", qop="auth", algorithm=MD5'})

    seen: list[str] = []
    answer.seen = seen  # type: ignore[attr-defined]
    return answer


@pytest.mark.parametrize("kind", ["Basic", "Digest"])
def test_user_and_password_of_the_url_are_sent_as_the_node_asks_for_them(kind: str) -> None:
    answer = challenge(kind)
    with serving(answer) as served:
        url = served.url.replace("http://", "http://us%20er:p%40ss%2Fw@")
        with node(url, workers=1, batch=1) as client:
            assert list(client.calls(("double", [n]) for n in range(5))) == [0, 2, 4, 6, 8]
        assert not any(given.startswith("Basic") for given in answer.seen)


SECRETS = ("hunter2", "p@ss", "p%40ss", "k3y", "t0ken")


def test_endpoint_that_says_its_url_again_is_not_shown_with_its_secrets() -> None:
    def echo(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        said = f"no such place: http://hunter2:p%40ss@here{path} of user hunter2, password p@ss"
        return {"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32000, "message": "x" * 150 + said}}

    with serving(echo) as served:
        url = served.url.replace("http://", "http://hunter2:p%40ss@") + "/k3y?key=t0ken"
        with node(url) as client, pytest.raises(Refused) as caught:
            client.call("double", [4])
    assert "no such place" in str(caught.value)
    assert all(secret not in str(caught.value) for secret in SECRETS)


def test_answer_that_is_no_json_rpc_is_shown_without_the_secrets_of_the_url() -> None:
    def echo(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        return ["unknown path", path]

    with serving(echo) as served, node(f"{served.url}/k3y?key=t0ken") as client:
        with pytest.raises(ChainFailure) as caught:
            client.call("double", [4])
        assert "unknown path" in str(caught.value)
        assert all(secret not in str(caught.value) for secret in SECRETS)


def test_wrong_password_fails_and_keeps_the_secrets_to_itself() -> None:
    with serving(challenge("Basic")) as served:
        url = served.url.replace("http://", "http://user:hunter2@") + "/v3/k3y?token=t0ken"
        with node(url) as client, pytest.raises(ChainFailure, match="HTTP status 401") as caught:
            client.call("double", [1])
        assert all(secret not in str(caught.value) for secret in ("hunter2", "k3y", "t0ken", "user:"))
        assert {path for path, _ in served.requests} == {"/v3/k3y?token=t0ken"}


def test_answer_that_is_late_is_given_up() -> None:
    never = threading.Event()

    def late(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        never.wait(10)
        return {}

    with serving(late) as served:
        try:
            with (
                node(served.url, seconds=0.05, waiting={"attempts": 2}) as client,
                pytest.raises(ChainFailure, match=r"no answer within 0\.05 s"),
            ):
                client.call("double", [1])
        finally:
            never.set()


def test_results_keep_decimals_exact() -> None:
    exact = always(Reply(b'{"id":0,"result":0.12345678901234567890}'))
    with serving(exact) as served, node(served.url) as client:
        assert str(client.call("getblock", [])) == "0.12345678901234567890"


@pytest.mark.parametrize("url", ["", "node", "ftp://node", "http://", "http://node:port", "http://u:pw@node:0/key"])
def test_client_of_no_http_url_is_refused_without_its_secrets(url: str) -> None:
    with pytest.raises(BadSetting, match="is no http") as caught:
        JsonRpc([url])
    assert "pw" not in str(caught.value)
    assert "key" not in str(caught.value)


def test_client_of_no_url_at_all_is_refused() -> None:
    with pytest.raises(BadSetting, match="names no endpoint"):
        JsonRpc([])
