"""JSON-RPC 2.0 over a client: calls in batches, answers matched by their ids.

What bitcoind, zcashd and monerod make of JSON-RPC 1 and 2 is understood as well.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from anomalyhive.ingestion.transport.client import Client, Unusable, parsed
from anomalyhive.ingestion.transport.endpoints import Endpoint
from anomalyhive.ingestion.transport.faults import Denied, Fault, TooMuch

A = TypeVar("A")

Call = tuple[str, Any]
"""Method and params: a list, or a dict where they have names."""

PASSING_CODES = (429, -32005, -32603, -28, -9)
"""Too many requests, limit exceeded (EIP-1474), internal error; bitcoind warming up; monerod busy."""

PASSING_WORDS = re.compile(
    r"rate.?limit|limit exceeded|too many|capacity|throttl|busy|overload|time.?out|timed out|try again|temporar", re.I
)
TOO_MUCH_WORDS = re.compile(r"batch|too large|larger than|response size|more than \d+ (results|bytes)", re.I)
NO_METHOD_WORDS = re.compile(r"method.*(not|n't|un)|(not|un).{0,9}method", re.I)
"""What nodes say instead of the code of section 5.1 of JSON-RPC 2.0 that a method is not there: -32601."""

NO_METHOD, SHOWN = -32601, 200


class JsonRpc(Client):
    """A `Client` that speaks JSON-RPC at ``path`` below its URLs.

    >>> with JsonRpc(["http://127.0.0.1:8545"]) as node:                            # doctest: +SKIP
    ...     head = int(node.call("eth_blockNumber"), 16)
    ...     for block in node.calls(("eth_getBlockByNumber", [hex(n), True]) for n in range(head)): ...
    """

    def __init__(self, urls: Sequence[str], *, path: str = "", **settings: Any) -> None:
        super().__init__(urls, **settings)
        self._path = path
        self._ids = itertools.count()

    def call(self, method: str, params: Any = (), unusable: Unusable | None = None) -> Any:
        """The result of one call. Raises Refused with the node's words, or ChainFailure."""
        return self.batch([(method, params)], unusable)[0]

    def call_once(self, method: str, params: Any = ()) -> Any:
        """The result of one call that may ask for too much, such as for the logs of many blocks.

        What an endpoint cannot do as a whole is refused at once, and what it calls passing when it says so again, for
        the caller to ask for less. Raises Refused with the node's words, or ChainFailure.
        """
        passing = 0

        def ask(endpoint: Endpoint) -> Any:
            nonlocal passing
            try:
                (result,) = self._exchange(endpoint, [(method, params)])
            except TooMuch as fault:
                raise Denied(None, str(fault)) from fault
            if isinstance(result, Fault) and not isinstance(result, Denied):
                passing += 1
                if passing > 1 or isinstance(result, TooMuch):
                    raise Denied(None, str(result))
            if isinstance(result, Fault):
                raise result
            return result

        return self.attempt(method, ask)

    def calls(self, calls: Iterable[Call], unusable: Unusable | None = None) -> Iterator[Any]:
        """The results of many calls, in their order; several batches under way at once. Raises as `call`."""
        for results in self.ordered(lambda some: self.batch(some, unusable), _groups(calls, self._batch)):
            yield from results

    def batch(self, calls: Sequence[Call], unusable: Unusable | None = None) -> list[Any]:
        """The results of these calls, in one request if an endpoint takes them so. Raises as `call`."""
        results: dict[int, Any] = {}
        pending = list(range(len(calls)))

        def ask(endpoint: Endpoint) -> None:
            before = len(pending)
            while pending:
                some = pending[: endpoint.batch]
                try:
                    faults = take(some, self._exchange(endpoint, [calls[place] for place in some]))
                    if faults:
                        raise faults[0]
                except Fault as fault:
                    fault.progress = len(pending) < before
                    if not isinstance(fault, TooMuch) or len(some) == 1:
                        raise
                    self.endpoints.shrink(endpoint, len(some), fault)

        def take(some: Sequence[int], answers: Sequence[Any]) -> list[Fault]:
            faults = []
            for place, answer in zip(some, answers, strict=True):
                reason = None if isinstance(answer, Fault) or unusable is None else unusable(answer)
                if isinstance(answer, Fault):
                    faults.append(answer)
                elif reason is not None:
                    faults.append(Fault(reason))
                else:
                    results[place] = answer
            pending[:] = [place for place in pending if place not in results]
            return faults

        if calls:
            self.attempt(calls[0][0], ask)
        return [results[place] for place in range(len(calls))]

    def batch_read(
        self, calls: Sequence[Call], read: Callable[[bytes, Sequence[int]], A | None], unusable: Unusable | None = None
    ) -> A | list[Any]:
        """As `batch`; but an answer that ``read`` makes something of, given its bytes and the calls' ids, is that."""

        def ask(endpoint: Endpoint) -> A | list[Any] | None:
            if not 1 < len(calls) <= endpoint.batch:
                return None
            try:
                ids, body = self._sent(endpoint, calls)
                if (made := read(body, ids)) is not None:
                    return made
                results = _results(endpoint, ids, body)
            except TooMuch:
                return None  # `batch` asks for less
            whole = not any(isinstance(one, Fault) or (unusable and unusable(one)) for one in results)
            return results if whole else None

        made = self.attempt(calls[0][0], ask)
        return self.batch(calls, unusable) if made is None else made

    def _exchange(self, endpoint: Endpoint, calls: Sequence[Call]) -> list[Any]:
        """One request: for each call its result, or the Fault that the endpoint answered with. Raises Fault."""
        return _results(endpoint, *self._sent(endpoint, calls))

    def _sent(self, endpoint: Endpoint, calls: Sequence[Call]) -> tuple[list[int], bytes]:
        """One request: the calls' ids and the body of the answer. Raises Fault."""
        ids = [next(self._ids) for _ in calls]
        asked = [
            {
                "jsonrpc": "2.0",
                "id": id_,
                "method": method,
                "params": params if isinstance(params, dict) else list(params),
            }
            for id_, (method, params) in zip(ids, calls, strict=True)
        ]
        # Some nodes take no arrays at all; none takes offence at an object.
        body = json.dumps(asked if len(asked) > 1 else asked[0], separators=(",", ":")).encode()
        return ids, endpoint.http.post(self._path, body)


def _results(endpoint: Endpoint, ids: Sequence[int], body: bytes) -> list[Any]:
    """For each call its result, or the Fault that the endpoint answered with. Raises Fault."""
    answer = parsed(body)
    if len(ids) == 1:
        answer = [answer]
    elif isinstance(answer, dict) and answer.get("error") is not None:
        fault = _fault(endpoint, answer["error"])
        raise TooMuch(f"a batch of {len(ids)} is refused: {fault}") if isinstance(fault, Denied) else fault
    if not isinstance(answer, list) or not all(isinstance(one, dict) for one in answer):
        raise TooMuch(f"the answer is no JSON-RPC: {endpoint.http.concealed(str(answer))[:SHOWN]!r}")
    by_id = {one.get("id"): one for one in answer if isinstance(one.get("id"), (int, str, type(None)))}
    if len(ids) == 1 and by_id.keys() == {None}:  # an error that the node could not tell the call of
        by_id = {ids[0]: by_id[None]} if answer[0].get("error") is not None else by_id
    if len(answer) != len(ids) or by_id.keys() != set(ids):
        raise TooMuch(f"answers to other calls than the {len(ids)} that were asked")
    return [_result(endpoint, by_id[id_]) for id_ in ids]


def _result(endpoint: Endpoint, answer: dict[str, Any]) -> Any:
    if answer.get("error") is not None:
        return _fault(endpoint, answer["error"])
    return answer["result"] if "result" in answer else Fault("an answer without result and without error")


def _fault(endpoint: Endpoint, error: Any) -> Fault:
    """What an error object means for the next attempt."""
    code = error.get("code") if isinstance(error, dict) else None
    words = endpoint.http.concealed(str(error.get("message") if isinstance(error, dict) else error))[:SHOWN]
    if code == NO_METHOD or NO_METHOD_WORDS.search(words):
        return Denied(NO_METHOD, words)
    if TOO_MUCH_WORDS.search(words):
        return TooMuch(words)
    if code in PASSING_CODES or PASSING_WORDS.search(words):
        return Fault(words)
    return Denied(code if isinstance(code, int) else None, words)


def _groups(calls: Iterable[Call], size: int) -> Iterator[list[Call]]:
    rest = iter(calls)
    while some := list(itertools.islice(rest, size)):
        yield some
