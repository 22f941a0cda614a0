"""A contract's custom error, from what an RPC answer carries of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak
from web3.exceptions import Web3Exception

from anomalyhive.chain.artifacts import ALL, artifact
from anomalyhive.chain.rpc import because
from anomalyhive.errors import ChainFailure, Reverted

# Errors that Solidity and OpenZeppelin's ERC-20 raise on their own.
STANDARD_ERRORS = {
    "08c379a0": ("Error", [("reason", "string")]),
    "4e487b71": ("Panic", [("code", "uint256")]),
}

MAX_REVERT_BYTES = 4096
"""A revert longer than this is not one of ours."""


@cache
def known_errors() -> Mapping[str, tuple[str, list[tuple[str, str]]]]:
    """Selector (8 hex digits) -> name and inputs (name, type) of every custom error of the contracts."""
    errors = dict(STANDARD_ERRORS)
    for contract in ALL:
        for entry in artifact(contract)["abi"]:
            if entry["type"] == "error":
                inputs = [(one["name"] or f"value{i}", one["type"]) for i, one in enumerate(entry["inputs"])]
                signature = f"{entry['name']}({','.join(kind for _, kind in inputs)})"
                errors[keccak(text=signature)[:4].hex()] = (entry["name"], inputs)
    return errors


def decode_revert(call: str, error: Web3Exception) -> Reverted | ChainFailure:
    """The refusal of `call` as an error of ours; ChainFailure where no revert data can be found."""
    for data in _revert_data(error):
        name, inputs = known_errors().get(data[:8], ("", []))
        if not name:
            return Reverted(call, f"0x{data[:8]}", {"data": f"0x{data[:200]}"})
        try:
            values = abi_decode([kind for _, kind in inputs], bytes.fromhex(data[8:]))
        except (DecodingError, ValueError, OverflowError):
            return Reverted(call, name, {"data": f"0x{data[8:200]}"})
        shown = (f"0x{value.hex()}" if isinstance(value, bytes) else value for value in values)
        return Reverted(call, name, dict(zip((label for label, _ in inputs), shown, strict=True)))
    return ChainFailure(f"the chain refused {call}: {because(error)}")


def _revert_data(error: Web3Exception) -> Iterator[str]:
    """Candidates for the revert data as hex digits: clients put it in different places."""
    answer = getattr(error, "rpc_response", None) or {}
    inner = answer.get("error") if isinstance(answer, dict) else None
    places: list[Any] = [getattr(error, "data", None), inner.get("data") if isinstance(inner, dict) else None]
    while places:
        place = places.pop(0)
        if isinstance(place, dict):  # Ganache: {"data": {"result": "0x..."}}; others: {"originalError": {...}}
            places.extend(place.values())
        elif isinstance(place, str) and 10 <= len(place) <= 2 + 2 * MAX_REVERT_BYTES:
            digits = place.removeprefix("0x").lower()
            # Ganache also sends a transaction hash and a program counter; a revert is a selector and words.
            if len(digits) % 64 == 8 and all(digit in "0123456789abcdef" for digit in digits):
                yield digits
