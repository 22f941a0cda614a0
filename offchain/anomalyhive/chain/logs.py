"""Logs as bytes into events: what a receipt holds, without a chain that could be asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import event_abi_to_log_topic
from eth_utils.address import to_checksum_address

from anomalyhive.chain.artifacts import CONTRACTS, artifact
from anomalyhive.chain.events import Event
from anomalyhive.errors import ChainFailure
from anomalyhive.ingestion.evm.sealed import Log


@dataclass(frozen=True)
class Position:
    """Where in a chain a log stands: number and hash of its block, its transaction, its place in the block."""

    block: int
    block_hash: bytes
    transaction: bytes
    index: int


@dataclass(frozen=True)
class _Known:
    """An event of the contracts: its inputs in the ABI, and the types of those in topics and of those in the data."""

    name: str
    inputs: Sequence[Mapping[str, Any]]
    topics: Sequence[str]
    data: Sequence[str]


@cache
def _known() -> Mapping[bytes, _Known]:
    """First topic -> event."""
    found = {}
    for contract in CONTRACTS:
        for entry in artifact(contract)["abi"]:
            if entry["type"] == "event":
                inputs = entry["inputs"]
                parts = {side: [_type(one) for one in inputs if one["indexed"] is side] for side in (True, False)}
                topic = bytes(event_abi_to_log_topic(entry))
                found[topic] = _Known(str(entry["name"]), inputs, parts[True], parts[False])
    return found


def _type(parameter: Mapping[str, Any]) -> str:
    if not parameter["type"].startswith("tuple"):
        return str(parameter["type"])
    return f"({','.join(_type(one) for one in parameter['components'])}){parameter['type'][len('tuple') :]}"


def event_of(log: Log, position: Position) -> Event:
    """The event that a log is. Raises ChainFailure for what is none of these contracts'."""
    known = _known().get(log.topics[0] if log.topics else b"")
    if known is None:
        raise ChainFailure(f"block {position.block} has an event that is not of these contracts: other versions?")
    try:
        if len(log.topics) != 1 + len(known.topics):
            raise ChainFailure(f"block {position.block} has a {known.name} of {len(log.topics)} topics")
        indexed = iter(decode([kind], topic)[0] for kind, topic in zip(known.topics, log.topics[1:], strict=True))
        plain = iter(decode(known.data, log.data))
        values = {str(one["name"]): _value(one, next(indexed if one["indexed"] else plain)) for one in known.inputs}
    except (DecodingError, ValueError, OverflowError) as error:
        raise ChainFailure(f"block {position.block} has a malformed {known.name}: {error}") from error
    return Event(known.name, values, position.block, position.block_hash, position.transaction, position.index)


def _value(abi: Mapping[str, Any], value: Any) -> Any:
    """A value as web3.py gives it: structs by the names of their fields, addresses with their checksum."""
    kind = str(abi["type"])
    if kind.endswith("[]"):
        return [_value({**abi, "type": kind[:-2]}, one) for one in value]
    if kind == "tuple":
        return {str(one["name"]): _value(one, part) for one, part in zip(abi["components"], value, strict=True)}
    return to_checksum_address(value) if kind == "address" else value
