"""A client of several endpoints: sends a body until one of them answers with what can be used."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from types import TracebackType
from typing import Any, NoReturn, TypeVar

from anomalyhive.errors import ChainFailure, Refused
from anomalyhive.ingestion.transport.endpoints import Endpoint, Endpoints, Patience
from anomalyhive.ingestion.transport.faults import Denied, Fault, TooMuch
from anomalyhive.ingestion.transport.http import Http
from anomalyhive.ingestion.transport.ordered import ordered
from anomalyhive.jsontext import loads

A = TypeVar("A")
B = TypeVar("B")

WORKERS = 4
"""Requests under way at once."""

BATCH = 32
"""Calls in one request, unless an endpoint takes less."""

SECONDS = 60.0
"""For how long an endpoint may be silent."""

ANSWER_BYTES = 256 << 20
"""Of one answer. A batch of the largest blocks there are (some 2 MB each with receipts as JSON) is a quarter of it."""

Unusable = Callable[[Any], "str | None"]
"""Says of an answer why it cannot be used, such as that a node does not have the block yet; None if it can."""


def parse(body: bytes) -> Any:
    """A JSON text as Python values, numbers with a decimal point as Decimal. Raises ValueError."""
    return loads(body, parse_float=Decimal, parse_constant=_no_number)


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")


class Client:
    """Endpoints that all serve one chain; a context that closes its connections and threads.

    ``urls`` may hold user and password, for basic or digest authentication; ``workers`` requests are under way at
    once, each of up to ``batch`` calls. Raises BadSetting for what is no http(s) URL.
    """

    def __init__(
        self,
        urls: Sequence[str],
        *,
        workers: int = WORKERS,
        batch: int = BATCH,
        seconds: float = SECONDS,
        limit: int = ANSWER_BYTES,
        patience: Patience | None = None,
    ) -> None:
        self._workers = workers
        self._batch = batch
        self.endpoints = Endpoints(
            [Endpoint(Http(url, seconds, limit, workers), batch) for url in dict.fromkeys(urls)], patience or Patience()
        )
        self._executor = ThreadPoolExecutor(workers, "endpoint")

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close connections and threads; requests under way are waited for, pauses are not."""
        self.endpoints.closed.set()
        self._executor.shutdown(cancel_futures=True)
        for one in self.endpoints.all:
            one.http.close()

    def post(self, path: str, body: Any, unusable: Unusable | None = None) -> Any:
        """The answer to a JSON body sent to a path, as monerod's `/get_transactions` takes it. Raises ChainFailure."""
        sent = json.dumps(body).encode()

        def ask(endpoint: Endpoint) -> Any:
            answer = parsed(endpoint.http.post(path, sent))
            if unusable is not None and (reason := unusable(answer)) is not None:
                raise Fault(endpoint.http.concealed(reason))
            return answer

        return self.attempt(path, ask)

    def ordered(self, work: Callable[[A], B], items: Iterable[A]) -> Iterator[B]:
        """Work done in the client's threads, twice as many begun as are under way; results in order.

        ``work`` may call what sends one request (`post`, `call`), not what itself sends several.
        """
        return ordered(self._executor, work, items, 2 * self._workers)

    def attempt(self, what: str, ask: Callable[[Endpoint], B]) -> B:
        """The first result that an endpoint gives without a Fault.

        Where all endpoints deny the request, or some do and the others keep failing, Refused is raised with the words
        of the last that denied it; where they all fail, ChainFailure.
        """
        refusals: dict[Endpoint, Refused] = {}
        failures = 0
        while True:
            endpoint = self._chosen(refusals)
            try:
                result = ask(endpoint)
            except Denied as fault:
                self.endpoints.answered(endpoint)
                refusals[endpoint] = Refused(what, endpoint.http.name, fault.code, fault.words)
                if len(refusals) == len(self.endpoints.all):
                    raise refusals[endpoint] from fault
            except Fault as fault:
                failures = 1 if fault.progress else failures + 1
                self.endpoints.failed(endpoint, fault)
                left = len(self.endpoints.all) - len(refusals)
                if failures >= self.endpoints.patience.attempts * left:
                    failed = self.endpoints.exhausted(f"{what} was tried {failures} times")
                    raise _last(refusals) or failed from fault
            else:
                self.endpoints.answered(endpoint)
                return result

    def _chosen(self, refusals: Mapping[Endpoint, Refused]) -> Endpoint:
        """The endpoint to ask next; where the others rest too long, what one that answered said is raised."""
        try:
            return self.endpoints.choose(refusals)
        except ChainFailure as failure:
            refusal = _last(refusals)
            if refusal is None or self.endpoints.closed.is_set():
                raise
            raise refusal from failure


def _last(refusals: Mapping[Endpoint, Refused]) -> Refused | None:
    return next(reversed([*refusals.values()]), None)


def parsed(body: bytes) -> Any:
    """An answer as Python values; Fault where it is no JSON."""
    try:
        return parse(body)
    except ValueError as error:
        raise TooMuch(f"the answer is no JSON ({error})") from error
