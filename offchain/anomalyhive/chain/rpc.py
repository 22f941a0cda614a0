"""A JSON-RPC connection to an EVM chain, and what it must be able to do."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, cast

import requests
from web3 import Web3
from web3.exceptions import Web3Exception, Web3RPCError
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers.rpc.utils import ExceptionRetryConfiguration
from web3.types import RPCEndpoint

from anomalyhive.errors import BadSetting, ChainFailure
from anomalyhive.urls import is_http, redact

BLS12_G1ADD = "0x000000000000000000000000000000000000000b"
"""Address of the precompile that adds two points of BLS12-381 G1 (EIP-2537)."""

G1ADD_INPUT_BYTES = 256
G1ADD_OUTPUT_BYTES = 128

REQUEST_SECONDS = 30.0
"""A request unanswered for this long has failed."""

NETWORK_ERRORS = (requests.exceptions.RequestException, ConnectionError, TimeoutError, OSError)

MALFORMED = (ValueError, TypeError, LookupError, AttributeError)
"""What reading an answer raises that is not what JSON-RPC says: web3.py checks no shapes."""

BRISK = ExceptionRetryConfiguration(
    errors=(requests.exceptions.ConnectionError,),
    retries=3,
    backoff_factor=0.05,
)
"""For a first contact, and for a chain of one's own: what is not there now will not come.

Not once only: a connection that was kept open may have been closed by the other side.
"""

PATIENT = ExceptionRetryConfiguration(
    errors=(
        requests.exceptions.ConnectionError,
        requests.exceptions.Timeout,
        requests.exceptions.HTTPError,
        requests.exceptions.ChunkedEncodingError,
    ),
    retries=7,
    backoff_factor=0.25,
)
"""For a chain that has answered before: it may be away for 15 seconds (1/4 + 1/2 + ... + 8) and nobody notices.

Only requests that may be repeated are: a signed transaction counts once however often it is sent.
"""


def because(error: Exception) -> str:
    """Why a chain did not answer, without the URL, which `requests` writes out with its API key."""
    if isinstance(error, requests.exceptions.HTTPError) and error.response is not None:
        return f"HTTP status {error.response.status_code}"
    if isinstance(error, (requests.exceptions.RequestException, OSError)):
        return type(error).__name__
    if isinstance(error, Web3RPCError) and error.rpc_response is not None:
        refused = error.rpc_response.get("error")
        return str(refused["message"]) if isinstance(refused, dict) and "message" in refused else str(refused)
    return f"{type(error).__name__}: {error}"


@contextlib.contextmanager
def answering(what: str) -> Iterator[None]:
    """Turn what goes wrong between here and a chain into ChainFailure, which says what the chain did not do."""
    try:
        yield
    except NETWORK_ERRORS as error:
        raise ChainFailure(
            f"the chain stopped answering at {what} ({because(error)}): see that it runs, then repeat the command"
        ) from error
    except (Web3Exception, *MALFORMED) as error:
        raise ChainFailure(f"the chain refused {what}, or its answer is malformed: {because(error)}") from error


def connect(url: str, patient: bool = True) -> Web3:
    """Open a chain by its URL; with ``patient``, a chain that goes away later is waited for.

    Raises BadSetting for what is no http(s) URL, ChainFailure where nothing answers as a chain does.
    """
    check_url(url)
    provider = Web3.HTTPProvider(url, request_kwargs={"timeout": REQUEST_SECONDS}, exception_retry_configuration=BRISK)
    web3 = Web3(provider)
    # Polygon and other proof-of-authority chains sign their blocks in a longer extraData field.
    web3.middleware_onion.inject(cast(Any, ExtraDataToPOAMiddleware), layer=0)
    try:
        chain_id = web3.eth.chain_id
    except (*NETWORK_ERRORS, Web3Exception, *MALFORMED) as error:
        raise ChainFailure(f"no chain answers at {redact(url)} ({because(error)}): start it or name another") from error
    if not isinstance(chain_id, int) or chain_id <= 0:
        raise ChainFailure(f"{redact(url)} gave {chain_id!r} for a chain id: it is not an EVM chain")
    if patient:
        provider.exception_retry_configuration = PATIENT
    return web3


def check_url(url: str) -> None:
    """Raise BadSetting for what is no http(s) URL."""
    if not is_http(url):
        # It may have a provider's key in its path all the same.
        shown = redact(url) if "://" in url else url.partition("/")[0].rpartition("@")[2]
        raise BadSetting(f"chain {shown!r} is neither anvil, ganache nor an http(s) URL such as http://127.0.0.1:8545")


def adds_points(web3: Web3) -> bool:
    """Whether the chain has EIP-2537.

    A chain without it has no code at the address: the call succeeds and returns nothing.
    """
    # INVARIANT: the sum of two points at infinity (all zero bytes) is the point at infinity.
    with answering("a call of the precompile that adds points"):
        answer = web3.eth.call({"to": Web3.to_checksum_address(BLS12_G1ADD), "data": bytes(G1ADD_INPUT_BYTES)})
    return bytes(answer) == bytes(G1ADD_OUTPUT_BYTES)


def latest_time(web3: Web3) -> int:
    """The time of the latest block, in unix seconds."""
    with answering("eth_getBlockByNumber"):
        return int(web3.eth.get_block("latest")["timestamp"])


def request(web3: Web3, method: str, params: list[Any]) -> Any:
    """Call a method that web3.py has no name for; ChainFailure with the chain's own words if it refuses."""
    with answering(method):
        answer = web3.provider.make_request(cast(RPCEndpoint, method), params)
    if "error" in answer:
        raise ChainFailure(f"the chain refused {method}: {answer['error']}")
    return answer.get("result")
