"""A chain behind several endpoints: what one does not answer another is asked, the first named coming first again.

An endpoint is passed over while it rests after a failure (each time twice as long), while its head lies behind the
others', and for good while it answers for another chain. Endpoints are believed as far as one alone would be: none can
be told from the truth by asking the others, but who is ahead of all is preferred to who has stopped.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from web3 import Web3
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from anomalyhive.chain.rpc import check_url
from anomalyhive.errors import AnomalyHiveError, BadSetting, ChainFailure
from anomalyhive.ingestion.transport.client import parsed
from anomalyhive.ingestion.transport.faults import Fault
from anomalyhive.ingestion.transport.http import Http

ANSWER_BYTES = 64 << 20
"""Of one answer: the logs of a round with a thousand updates are a hundredth of it."""

CONNECTIONS = 8

BUSY_CODES = (-32005, 429, -32029)
"""Errors of JSON-RPC that mean "later": the limit of EIP-1474, and what providers made of HTTP's status."""


@dataclass(frozen=True)
class Patience:
    """Seconds: for how long an endpoint may be silent; its first rest and its longest; for how long a request waits
    where all rest; how often heads are compared. ``lag`` is how many blocks an endpoint may be behind.
    """

    silent: float = 20.0
    first: float = 0.25
    longest: float = 60.0
    wait: float = 15.0
    heads: float = 15.0
    lag: int = 5
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)


def nobody_told(where: str, error: Exception) -> None:
    """Hear of a failure, and keep it to oneself."""


@dataclass(eq=False)
class _Endpoint:
    """An endpoint and how it has been doing; ``failures`` are in a row, ``checked`` whether its chain id was."""

    http: Http
    failures: int = 0
    rests_until: float = 0.0
    checked: bool = False
    lagging: bool = False
    wrong: int | None = None
    fault: str = "not asked yet"


class FailoverProvider(JSONBaseProvider):
    """Endpoints of one chain, in the order in which they are preferred.

    ``tell`` hears of every endpoint that begins to fail or lag, named without the secrets of its URL. Several threads
    may ask at once. Requests raise ChainFailure where no endpoint answers, BadSetting where all are of other chains.
    """

    def __init__(
        self,
        urls: Sequence[str],
        chain_id: int,
        patience: Patience | None = None,
        tell: Callable[[str, Exception], None] = nobody_told,
    ) -> None:
        super().__init__()
        if not urls:
            raise BadSetting("no endpoint of the chain is named: give a URL such as http://127.0.0.1:8545")
        for url in urls:
            check_url(url)
        self._patience = patience or Patience()
        self._chain_id = chain_id
        self._tell = tell
        self._lock = threading.Lock()
        self._compared = -float("inf")
        self._endpoints = [
            _Endpoint(Http(url, self._patience.silent, ANSWER_BYTES, CONNECTIONS)) for url in dict.fromkeys(urls)
        ]

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """The answer of the first endpoint that has one."""
        body = self.encode_rpc_request(method, params)
        self._compare_heads()
        waited = 0.0
        while True:
            endpoint, pause = self._choose()
            if pause > 0:
                if waited + pause > self._patience.wait:
                    raise self._exhausted(str(method))
                waited += pause
                self._patience.sleep(pause)
                continue
            try:
                return self._ask(endpoint, body)
            except Fault as fault:
                self._failed(endpoint, fault)

    def is_connected(self, show_traceback: bool = False) -> bool:  # noqa: ARG002 - web3.py's signature
        """Whether an endpoint answers for the chain."""
        try:
            return "result" in self.make_request(RPCEndpoint("eth_chainId"), [])
        except AnomalyHiveError:
            return False

    def _choose(self) -> tuple[_Endpoint, float]:
        """Whom to ask, and the seconds until it may be asked."""
        with self._lock:
            now = self._patience.clock()
            rested = [one for one in self._endpoints if one.rests_until <= now]
            if rested:
                return min(rested, key=lambda one: one.lagging), 0.0
            soonest = min(self._endpoints, key=lambda one: one.rests_until)
            return soonest, soonest.rests_until - now

    def _ask(self, endpoint: _Endpoint, body: bytes) -> RPCResponse:
        if not endpoint.checked:
            self._check_chain(endpoint)
        answer = _answer(endpoint.http.post("", body))
        with self._lock:
            endpoint.failures = 0
        return answer

    def _check_chain(self, endpoint: _Endpoint) -> None:
        said = self._number(endpoint, "eth_chainId")
        if said != self._chain_id:
            endpoint.wrong = said
            raise Fault(f"it is of chain {said} instead of {self._chain_id}", self._patience.longest)
        endpoint.checked, endpoint.wrong = True, None

    def _number(self, endpoint: _Endpoint, method: str) -> int:
        """What a method without parameters answers, as a number. Raises Fault."""
        answer: Any = _answer(endpoint.http.post("", self.encode_rpc_request(RPCEndpoint(method), [])))
        try:
            return int(answer["result"], 16)
        except (KeyError, TypeError, ValueError) as error:
            raise Fault(f"its answer to {method} is no number") from error

    def _compare_heads(self) -> None:
        """Now and then, see who is behind."""
        with self._lock:
            now = self._patience.clock()
            if len(self._endpoints) == 1 or now - self._compared < self._patience.heads:
                return
            self._compared = now
            asked = [one for one in self._endpoints if one.rests_until <= now]
        heads: dict[_Endpoint, int] = {}
        for one in asked:
            try:
                if not one.checked:
                    self._check_chain(one)
                heads[one] = self._number(one, "eth_blockNumber")
            except Fault as fault:
                self._failed(one, fault)
        highest = max(heads.values(), default=0)
        for one, head in heads.items():
            behind = highest - head > self._patience.lag
            if behind and not one.lagging:
                self._tell(one.http.name, ChainFailure(f"{one.http.name} is {highest - head} blocks behind the others"))
            one.lagging = behind

    def _failed(self, endpoint: _Endpoint, fault: Fault) -> None:
        with self._lock:
            endpoint.failures += 1
            endpoint.checked = False
            news = endpoint.failures == 1 or endpoint.fault != str(fault)
            endpoint.fault = str(fault)
            pause = min(self._patience.longest, self._patience.first * 2 ** min(endpoint.failures - 1, 30))
            # Who asks for more time gets it, though not for ever.
            pause = max(pause, min(fault.wait or 0.0, self._patience.longest))
            endpoint.rests_until = self._patience.clock() + pause
        if news:
            self._tell(endpoint.http.name, ChainFailure(f"{endpoint.http.name} does not answer as it must: {fault}"))

    def _exhausted(self, method: str) -> AnomalyHiveError:
        told = "; ".join(f"{one.http.name}: {one.fault}" for one in self._endpoints)
        if all(one.wrong is not None for one in self._endpoints):
            return BadSetting(f"no endpoint is of chain {self._chain_id} ({told}): see where the URLs lead")
        return ChainFailure(f"no endpoint of the chain answers {method} ({told}): see that one works")


def _answer(body: bytes) -> RPCResponse:
    """An answer of JSON-RPC. Raises Fault for what is none, and for one that says "later"."""
    answer = parsed(body)
    if not isinstance(answer, dict) or ("result" in answer) == ("error" in answer and answer["error"] is not None):
        raise Fault("its answer is not one of JSON-RPC")
    error = answer.get("error")
    if isinstance(error, dict) and error.get("code") in BUSY_CODES:
        raise Fault(f"it says: {error.get('message')}")
    return cast(RPCResponse, answer)


def connect_several(
    urls: Sequence[str],
    chain_id: int,
    patience: Patience | None = None,
    tell: Callable[[str, Exception], None] = nobody_told,
) -> Web3:
    """A chain behind endpoints; nothing is asked yet. Raises BadSetting for what is no http(s) URL."""
    web3 = Web3(FailoverProvider(urls, chain_id, patience, tell))
    # Polygon and other proof-of-authority chains sign their blocks in a longer extraData field.
    web3.middleware_onion.inject(cast(Any, ExtraDataToPOAMiddleware), layer=0)
    return web3
