"""A chain that answers badly, read by an auditor."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from web3 import Web3

from anomalyhive.audit import View, read_record
from anomalyhive.audit.reading import Questions
from anomalyhive.errors import ChainFailure, Reverted
from audit.logs import DEPLOYMENT, HIVE

Answer = Callable[[dict[str, Any]], dict[str, Any]]


class Chain:
    """A JSON-RPC endpoint of this test; ``answer`` makes the response to one request."""

    def __init__(self, answer: Answer, whole: Callable[[list[Any]], Any] = lambda responses: responses) -> None:
        self.answer, self.whole = answer, whole
        chain = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                body = json.dumps(chain.respond(asked)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 - the name that it overrides

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    def respond(self, asked: Any) -> Any:
        if isinstance(asked, list):
            return self.whole([{"jsonrpc": "2.0", "id": one["id"], **self.answer(one)} for one in asked])
        return {"jsonrpc": "2.0", "id": asked["id"], **self.answer(asked)}

    def __enter__(self) -> Web3:
        self.thread.start()
        return Web3(Web3.HTTPProvider(f"http://127.0.0.1:{self.server.server_port}"))

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


KNOWN = {"eth_chainId": hex(31337), "eth_blockNumber": "0x5", "eth_getLogs": []}


def good(request: dict[str, Any]) -> dict[str, Any]:
    return {"result": KNOWN.get(request["method"], "0x6000")}


@pytest.fixture
def views() -> list[View]:
    return [View("Hive", "taskCount"), View("Hive", "task", (1,))]


def test_read_record_of_a_chain_without_events_has_the_code_and_no_times() -> None:
    with Chain(good) as web3:
        record = read_record(web3, DEPLOYMENT)
    assert (record.events, record.times, record.salts) == ([], {}, {})
    assert record.code == dict.fromkeys(("HiveToken", "NodeRegistry", "TaskRules", "Hive"), b"\x60\x00")


NONSENSE = [
    ("eth_chainId", "0x1"),
    ("eth_getCode", None),
    ("eth_getCode", "0xzz"),
    ("eth_getLogs", "none"),
    ("eth_getLogs", [{}]),
]


@pytest.mark.parametrize(("method", "result"), NONSENSE)
def test_read_record_of_a_chain_that_answers_nonsense_fails_in_words(method: str, result: object) -> None:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        return {"result": result} if request["method"] == method else good(request)

    with Chain(answer) as web3, pytest.raises(ChainFailure):
        read_record(web3, DEPLOYMENT)


REFUSAL = {"jsonrpc": "2.0", "id": 1, "error": {"code": -1, "message": "batches are off"}}


@pytest.mark.parametrize("whole", [lambda responses: responses[:-1], lambda _: REFUSAL])
def test_questions_to_a_chain_that_refuses_batches_fail_in_words(views: list[View], whole: Any) -> None:
    with Chain(good, whole) as web3, pytest.raises(ChainFailure, match="refused a batch of 2 eth_call"):
        Questions(web3, DEPLOYMENT, 5)(views)


def test_questions_that_a_contract_refuses_are_answered_by_its_error(views: list[View]) -> None:
    unknown = Web3.keccak(text="UnknownTask(uint64)")[:4].hex().removeprefix("0x") + (1).to_bytes(32, "big").hex()
    error = {"code": 3, "message": "execution reverted", "data": f"0x{unknown}"}
    with Chain(lambda _: {"error": error}) as web3:
        answers = Questions(web3, DEPLOYMENT, 5)(views)
    assert all(isinstance(one, Reverted) and one.error == "UnknownTask" for one in answers)


@pytest.mark.parametrize("result", ["0x", "0x12", None, 7, "0x" + "ff" * 31])
def test_questions_that_are_answered_by_nonsense_are_answered_by_a_failure(views: list[View], result: object) -> None:
    with Chain(lambda _: {"result": result}) as web3:
        answers = Questions(web3, DEPLOYMENT, 5)(views)
    assert all(isinstance(one, ChainFailure) for one in answers)


def test_questions_that_are_answered_give_plain_values() -> None:
    words = b"".join(number.to_bytes(32, "big") for number in (int(HIVE, 16), 7, 3, 2))
    with Chain(lambda _: {"result": "0x" + words.hex()}) as web3:
        (holder,) = Questions(web3, DEPLOYMENT, 5)([View("Hive", "shard", (1, 0))])
    assert holder == (HIVE.lower(), 7, 3, 2)
