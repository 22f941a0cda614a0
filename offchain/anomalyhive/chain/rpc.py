"""A JSON-RPC connection to an EVM chain, and what it must be able to do."""

from __future__ import annotations

from typing import Any, TypeVar, cast
from urllib.parse import urlsplit, urlunsplit

import requests
from web3 import Web3
from web3.exceptions import Web3Exception
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers.rpc.utils import ExceptionRetryConfiguration
from web3.types import RPCEndpoint

from anomalyhive.errors import BadSetting, ChainFailure

BLS12_G1ADD = "0x000000000000000000000000000000000000000b"
"""Address of the precompile that adds two points of BLS12-381 G1 (EIP-2537)."""

G1ADD_INPUT_BYTES = 256
G1ADD_OUTPUT_BYTES = 128

REQUEST_SECONDS = 30.0
"""A request unanswered for this long has failed."""

NETWORK_ERRORS = (requests.exceptions.RequestException, ConnectionError, TimeoutError, OSError)

T = TypeVar("T")


def redact(url: str) -> str:
    """The URL without user, password, path and query, where providers put their API keys."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return urlunsplit((parts.scheme, f"{host}:{parts.port}" if parts.port else host, "", "", ""))


def connect(url: str) -> Web3:
    """Open a chain by its URL.

    Raises BadSetting for what is no http(s) URL, ChainFailure where nothing answers as a chain does.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadSetting(f"chain {url!r} is neither anvil, ganache nor an http(s) URL such as http://127.0.0.1:8545")
    provider = Web3.HTTPProvider(
        url,
        request_kwargs={"timeout": REQUEST_SECONDS},
        exception_retry_configuration=ExceptionRetryConfiguration(
            errors=(requests.exceptions.ConnectionError, requests.exceptions.Timeout),
            retries=3,
            backoff_factor=0.25,
        ),
    )
    web3 = Web3(provider)
    # Polygon and other proof-of-authority chains sign their blocks in a longer extraData field.
    web3.middleware_onion.inject(cast(Any, ExtraDataToPOAMiddleware), layer=0)
    try:
        chain_id = web3.eth.chain_id
    except (*NETWORK_ERRORS, Web3Exception, ValueError) as error:
        raise ChainFailure(
            f"no chain answers at {redact(url)} ({type(error).__name__}): start it or name another with --chain"
        ) from error
    if not isinstance(chain_id, int) or chain_id <= 0:
        raise ChainFailure(f"{redact(url)} gave {chain_id!r} for a chain id: it is not an EVM chain")
    return web3


def adds_points(web3: Web3) -> bool:
    """Whether the chain has EIP-2537.

    A chain without it has no code at the address: the call succeeds and returns nothing.
    """
    # INVARIANT: the sum of two points at infinity (all zero bytes) is the point at infinity.
    answer = web3.eth.call({"to": Web3.to_checksum_address(BLS12_G1ADD), "data": bytes(G1ADD_INPUT_BYTES)})
    return bytes(answer) == bytes(G1ADD_OUTPUT_BYTES)


def request(web3: Web3, method: str, params: list[Any]) -> Any:
    """Call a method that web3.py has no name for; ChainFailure with the chain's own words if it refuses."""
    try:
        answer = web3.provider.make_request(cast(RPCEndpoint, method), params)
    except NETWORK_ERRORS as error:
        raise ChainFailure(f"the chain stopped answering at {method}: {type(error).__name__}") from error
    if "error" in answer:
        raise ChainFailure(f"{method} failed: {answer['error']}")
    return answer.get("result")
