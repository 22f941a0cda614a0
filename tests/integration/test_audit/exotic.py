"""A chain whose answers are changed on their way: what a node of another kind, or one that lies, would say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint, RPCResponse

from anomalyhive.chain.rpc import connect

Change = Callable[[str, Any, Any], Any]
"""Takes method, parameters and result; gives the result that arrives."""


class Changing(HTTPProvider):
    """A connection on which the results of batches are changed."""

    change: Change

    def make_batch_request(self, requests: list[tuple[RPCEndpoint, Any]]) -> list[RPCResponse] | RPCResponse:
        answers = super().make_batch_request(requests)
        assert isinstance(answers, list)
        for (method, params), answer in zip(requests, answers, strict=True):
            if "result" in answer:
                made = self.change(method, params, answer["result"])
                if isinstance(made, Refusal):
                    cast(dict[str, Any], answer).pop("result")
                    answer["error"] = {"code": -32601, "message": str(made)}
                else:
                    answer["result"] = made
        return answers


class Refusal(str):
    """Words with which a node refuses a method."""

    __slots__ = ()


def changed(web3: Web3, change: Change) -> Web3:
    """The same chain, with other answers to batches."""
    url = cast(HTTPProvider, web3.provider).endpoint_uri
    assert url is not None
    other = connect(str(url))
    provider = Changing(str(url))
    provider.change = change
    other.provider = provider
    return other
