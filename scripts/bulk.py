"""Hundreds of transactions of one sender in a few blocks: Brownie takes them one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import brownie
import requests

AT_ONCE = 250
"""Transactions in one request; at GAS each, what a block of Anvil has room for."""

GAS = 110_000
"""The most that one of them may use."""


def send_all(sender: Any, to: Any, inputs: Iterable[str], gas: int = GAS) -> list[int]:
    """Send transactions with these inputs to a contract; the gas that each used. All must succeed."""
    pending, used = list(inputs), []
    nonce = sender.nonce
    for begin in range(0, len(pending), AT_ONCE):
        slice_ = pending[begin : begin + AT_ONCE]
        with _unmined():
            hashes = _asked(
                "eth_sendTransaction",
                [
                    {
                        "from": sender.address,
                        "to": to.address,
                        "data": data,
                        "gas": hex(gas),
                        "gasPrice": "0x0",
                        "nonce": hex(nonce + begin + place),
                    }
                    for place, data in enumerate(slice_)
                ],
            )
        receipts = _asked("eth_getTransactionReceipt", hashes)
        assert all(one["status"] == "0x1" for one in receipts)
        used += [int(one["gasUsed"], 16) for one in receipts]
    return used


@contextmanager
def _unmined() -> Iterator[None]:
    """Transactions wait, to be mined together in one block."""
    provider: Any = brownie.web3.provider
    provider.make_request("evm_setAutomine", [False])
    try:
        yield
        provider.make_request("evm_mine", [])
    finally:
        provider.make_request("evm_setAutomine", [True])


def _asked(method: str, parameters: Sequence[Any]) -> list[Any]:
    """The answers to one call for each parameter, in one request."""
    calls = [
        {"jsonrpc": "2.0", "id": number, "method": method, "params": [one]} for number, one in enumerate(parameters)
    ]
    provider: Any = brownie.web3.provider
    answers = requests.post(provider.endpoint_uri, json=calls, timeout=60).json()
    assert not [one["error"] for one in answers if "error" in one]
    return [one["result"] for one in sorted(answers, key=lambda one: one["id"])]
