"""The client of nodes against a real server that is slow, busy, broken, hostile or picky."""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from anomalyhive.errors import ChainFailure, Refused
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.ingestion.transport.client import parse
from anomalyhive.ingestion.transport.faults import TooMuch
from anomalyhive.ingestion.transport.http import Http

from .clock import Clock
from .serving import Answer, Reply, rpc, serving


def double(method: str, params: Any) -> int:
    return 2 * params[0]


def always(reply: Any) -> Answer:
    def answer(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        return reply

    return answer


def denying(code: int, words: str) -> Answer:
    def method(method: str, params: Any) -> Any:
        return {"error": {"code": code, "message": words}}

    return rpc(method)


def node(*urls: str, clock: Clock | None = None, **settings: Any) -> JsonRpc:
    return JsonRpc(urls, patience=(clock or Clock()).patience(**settings.pop("waiting", {})), **settings)


@pytest.mark.parametrize("batch", [1, 3, 7, 100])
def test_calls_give_results_in_order_whatever_the_batch(batch: int) -> None:
    with serving(rpc(double)) as served, node(served.url, batch=batch) as client:
        assert list(client.calls(("double", [n]) for n in range(50))) == [2 * n for n in range(50)]
        assert len(served.requests) == -(-50 // batch)


def test_calls_match_answers_by_id_when_the_node_shuffles_them() -> None:
    def shuffled(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        return rpc(double)(path, asked, headers)[::-1]

    with serving(shuffled) as served, node(served.url) as client:
        assert list(client.calls(("double", [n]) for n in range(20))) == [2 * n for n in range(20)]


def test_calls_where_batches_are_refused_go_one_by_one_from_then_on() -> None:
    with serving(rpc(double, batches=False)) as served, node(served.url, batch=8, workers=1) as client:
        assert list(client.calls(("double", [n]) for n in range(32))) == [2 * n for n in range(32)]
        assert [len(asked) for _, asked in served.requests[:3] if isinstance(asked, list)] == [8, 4, 2]
        assert sum(isinstance(asked, dict) for _, asked in served.requests) == 32


def test_calls_where_large_batches_are_cut_go_in_smaller_ones() -> None:
    def cut(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        body = json.dumps(rpc(double)(path, asked, headers)).encode()
        return Reply(body, cut=len(body) - 5 if len(asked) > 2 else None)

    with serving(cut) as served, node(served.url, batch=8, workers=1) as client:
        assert list(client.calls(("double", [n]) for n in range(16))) == [2 * n for n in range(16)]
        assert [len(asked) for _, asked in served.requests] == [8, 4, 2, 2, 2, 2, 2, 2, 2, 2]


def failing(first: int, reply: Any) -> Any:
    """Answers `double`, but the first requests with the reply."""
    left = [first]

    def answer(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        left[0] -= 1
        if left[0] >= 0:
            return reply(asked) if callable(reply) else reply
        return rpc(double)(path, asked, headers)

    return answer


BROKEN = {
    "busy": Reply(b"slow down", 429),
    "gateway": Reply(b"<html>bad gateway</html>", 502),
    "forbidden": Reply(b"", 403),
    "redirect": Reply(b"", 307, {"Location": "http://127.0.0.1:1/"}),
    "html": Reply(b"<html>maintenance</html>"),
    "nothing": Reply(b""),
    "cut": Reply(b'{"jsonrpc":"2.0","id":0,"result":2}', cut=10),
    "half": Reply(b'{"jsonrpc":"2.0","id":0,"res'),
    "NaN": Reply(b'{"jsonrpc":"2.0","id":0,"result":NaN}'),
    "deep": Reply(b"[" * 100_000),
    "digits": Reply(b"9" * 10_000),
    "no utf-8": Reply(b'{"result": "\xff"}'),
    "no gzip": Reply(b"not compressed", headers={"Content-Encoding": "gzip"}),
    "bomb": Reply(gzip.compress(b" " * 2_000_000), headers={"Content-Encoding": "gzip"}),
    "other id": lambda asked: {"jsonrpc": "2.0", "id": asked["id"] + 1, "result": 0},
    "id of another type": lambda asked: {"jsonrpc": "2.0", "id": [asked["id"]], "result": 0},
    "no id": Reply(b'{"jsonrpc":"2.0","result":0}'),
    "list": lambda asked: [{"jsonrpc": "2.0", "id": asked["id"], "result": 0}],
    "number": Reply(b"7"),
    "neither": lambda asked: {"jsonrpc": "2.0", "id": asked["id"]},
    "limit": lambda asked: {"id": asked["id"], "error": {"code": -32005, "message": "daily request count exceeded"}},
    "limit in words": Reply(b'{"id":null,"error":{"code":-32000,"message":"Too Many Requests"}}'),
    "warming up": lambda asked: Reply(json.dumps({"id": asked["id"], "error": {"code": -28}}).encode(), 500),
}


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b'["' + b"]" * 100_000 + b'",' + b"[" * 100_000])
def test_parse_of_deep_nesting_is_refused_where_a_library_raised_the_recursion_limit(body: bytes) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)
    try:
        with pytest.raises(ValueError, match="too deeply nested"):
            parse(body)
        assert parse(b'{"a": "[[[[", "b": [[1]]}') == {"a": "[[[[", "b": [[1]]}
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("name", BROKEN)
def test_call_is_tried_again_with_growing_pauses_until_the_node_is_well(name: str) -> None:
    clock = Clock()
    with serving(failing(3, BROKEN[name])) as served, node(served.url, clock=clock, limit=1_000_000) as client:
        assert client.call("double", [4]) == 8
        assert clock.slept == [0.25, 0.5, 1.0]
        assert len(served.requests) == 4


@pytest.mark.parametrize("name", BROKEN)
def test_call_of_a_node_that_stays_ill_fails_and_says_why(name: str) -> None:
    with serving(failing(10**9, BROKEN[name])) as served, node(served.url, limit=1_000_000) as client:
        with pytest.raises(ChainFailure, match=rf"no endpoint answers as it must \({served.url}: .+\)"):
            client.call("double", [4])
        assert len(served.requests) == 9


def test_retry_after_is_honoured_in_seconds_and_as_a_date() -> None:
    clock = Clock()
    date = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
    with serving(failing(1, Reply(b"", 429, {"Retry-After": "7"}))) as served, node(served.url, clock=clock) as client:
        client.call("double", [1])
    assert clock.slept == [7.0]
    with serving(failing(1, Reply(b"", 503, date))) as served, node(served.url, clock=clock) as client:
        client.call("double", [1])  # a date of the past by the server's own clock
    assert clock.slept == [7.0]


def test_retry_after_longer_than_the_patience_fails_at_once() -> None:
    clock = Clock()
    busy = Reply(b"", 429, {"Retry-After": "86400"})
    with serving(failing(1, busy)) as served, node(served.url, clock=clock) as client:
        with pytest.raises(ChainFailure, match=r"HTTP status 429.*wait for another 86400 s"):
            client.call("double", [1])
        assert not clock.slept


def test_calls_go_to_the_endpoint_that_works_without_waiting_for_the_other() -> None:
    clock = Clock()
    with (
        serving(failing(10**9, Reply(b"", 502))) as ill,
        serving(rpc(double)) as well,
        node(ill.url, well.url, clock=clock, batch=1, workers=1) as client,
    ):
        assert list(client.calls(("double", [n]) for n in range(30))) == [2 * n for n in range(30)]
        assert not clock.slept
        assert len(ill.requests) == 1
        assert len(well.requests) == 30


def test_calls_are_spread_over_endpoints_that_work() -> None:
    with serving(rpc(double)) as one, serving(rpc(double)) as two, node(one.url, two.url, batch=1, workers=1) as client:
        assert list(client.calls(("double", [n]) for n in range(30))) == [2 * n for n in range(30)]
        assert len(one.requests) == len(two.requests) == 15


def test_calls_survive_an_endpoint_that_is_not_there() -> None:
    with serving(rpc(double)) as well, node("http://127.0.0.1:1", well.url) as client:
        assert list(client.calls(("double", [n]) for n in range(50))) == [2 * n for n in range(50)]


def test_call_that_every_node_denies_raises_refused_with_the_code_and_without_retries() -> None:
    denial = denying(-32601, "the method eth_getBlockReceipts does not exist")
    with serving(denial) as one, serving(denial) as two:
        clock = Clock()
        with node(one.url, two.url, clock=clock) as client, pytest.raises(Refused, match="does not exist") as caught:
            client.call("eth_getBlockReceipts", ["0x1"])
        assert caught.value.code == -32601
        assert not clock.slept
        assert len(one.requests) == len(two.requests) == 1


def test_call_that_one_node_denies_is_answered_by_the_other() -> None:
    with (
        serving(denying(-32000, "missing trie node")) as one,
        serving(rpc(double)) as two,
        node(one.url, two.url) as client,
    ):
        assert client.call("double", [2]) == 4


@pytest.mark.parametrize(
    ("away", "pauses"),
    [(Reply(b"", 502), 8), (Reply(b"", 429, {"Retry-After": "86400"}), 0)],
    ids=["failing", "resting"],
)
def test_call_that_one_node_denies_while_the_other_is_away_is_refused_in_the_words_of_the_one(
    away: Reply, pauses: int
) -> None:
    clock = Clock()
    with (
        serving(failing(10**9, away)) as ill,
        serving(denying(-32601, "the method is not there")) as one,
        node(ill.url, one.url, clock=clock) as client,
    ):
        with pytest.raises(Refused, match=rf"{one.url} refused .*the method is not there") as caught:
            client.call("eth_getBlockReceipts", ["0x1"])
        assert caught.value.code == -32601
        assert len(one.requests) == 1
        assert len(clock.slept) == pauses


@pytest.mark.parametrize(
    ("refusal", "asked"),
    [
        ((-32000, "too many blocks asked for"), 2),  # what sounds as if it passed is tried once more
        ((-32005, "query returned more than 10000 results"), 1),
        ((-32602, "the range is limited to 1000"), 1),
    ],
)
def test_call_once_that_a_node_cannot_do_as_a_whole_is_refused_with_its_words(
    refusal: tuple[int, str], asked: int
) -> None:
    with serving(denying(*refusal)) as served, node(served.url) as client:
        with pytest.raises(Refused, match=refusal[1]):
            client.call_once("eth_getLogs")
        assert len(served.requests) == asked


def test_call_once_with_an_answer_that_is_too_long_is_refused() -> None:
    with serving(rpc(lambda *_: "long" * 1000)) as served, node(served.url, limit=1000) as client:
        with pytest.raises(Refused, match="more than 1,000 bytes"):
            client.call_once("eth_getLogs")
        assert len(served.requests) == 1


def test_call_once_of_a_node_that_is_away_for_a_moment_is_tried_again() -> None:
    replies = [Reply(b"", status=503), Reply(b"", status=429)]

    def answer(path: str, asked: Any, headers: Mapping[str, str]) -> Any:
        return replies.pop() if replies else rpc(double)(path, asked, headers)

    with serving(answer) as served, node(served.url) as client:
        assert client.call_once("double", [4]) == 8
        assert len(served.requests) == 3


def test_call_once_that_one_node_cannot_do_is_done_by_the_other() -> None:
    with (
        serving(denying(-32602, "the range is limited to 1000")) as one,
        serving(rpc(double)) as two,
        node(one.url, two.url) as client,
    ):
        assert client.call_once("double", [2]) == 4


def test_calls_ask_again_for_the_failed_part_of_a_batch_only() -> None:
    tried: list[int] = []

    def every_third_once(method: str, params: Any) -> Any:
        tried.append(params[0])
        busy = {"error": {"code": 429, "message": "busy"}}
        return busy if params[0] % 3 == 0 and tried.count(params[0]) == 1 else 2 * params[0]

    with serving(rpc(every_third_once)) as served, node(served.url, batch=10, workers=1) as client:
        assert list(client.calls(("double", [n]) for n in range(10))) == [2 * n for n in range(10)]
        assert sorted(tried) == sorted([*range(10), 0, 3, 6, 9])
        assert len(served.requests) == 2


def test_call_with_an_unusable_result_asks_the_other_node_then_later_again() -> None:
    """A node that is a block behind gives null."""
    clock = Clock()
    answers = iter([None, None, None, {"number": 5}])

    def behind(method: str, params: Any) -> Any:
        return next(answers)

    def missing(result: Any) -> str | None:
        return "block 5 is not there yet" if result is None else None

    with serving(rpc(behind)) as one, serving(rpc(behind)) as two, node(one.url, two.url, clock=clock) as client:
        assert client.call("eth_getBlockByNumber", ["0x5", True], missing) == {"number": 5}
        assert len(one.requests) == len(two.requests) == 2


LONG = b'{"long": "%s"}' % (b"0123456789abcdef" * 100_000)


@pytest.mark.parametrize(
    "reply",
    [Reply(LONG), Reply(gzip.compress(LONG), headers={"Content-Encoding": "gzip"}), Reply(LONG, status=500)],
    ids=["plain", "compressed", "of an error"],
)
def test_post_gives_a_long_answer_whole_up_to_the_limit_and_no_further(reply: Reply) -> None:
    with serving(lambda *_: reply) as served:
        assert Http(served.url, 5, len(LONG), 1).post("", b"{}") == LONG
        with pytest.raises(TooMuch, match="more than"):
            Http(served.url, 5, len(LONG) - 1, 1).post("", b"{}")


@pytest.mark.parametrize("cut", [0, 1, len(LONG) - 1])
def test_post_of_a_long_answer_that_is_cut_raises(cut: int) -> None:
    with serving(lambda *_: Reply(LONG, cut=cut)) as served, pytest.raises(TooMuch, match="cut short"):
        Http(served.url, 5, len(LONG), 1).post("", b"{}")
