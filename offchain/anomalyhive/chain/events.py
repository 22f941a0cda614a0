"""The contracts' events, decoded from logs: those that a node gives, and those that a receipt holds.

They are those of a hive's own contracts where no others are named: an alert feed has some of the same names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import event_abi_to_log_topic
from eth_utils.address import to_checksum_address
from web3 import Web3
from web3.types import LogReceipt, TxReceipt

from anomalyhive.chain.artifacts import CONTRACTS, abi_type, artifact
from anomalyhive.chain.rpc import answering
from anomalyhive.errors import ChainFailure

KEPT_EVENTS = 10_000
"""Decoded events kept: several rounds of a thousand updates."""

_DECODED: dict[tuple[Any, ...], Event] = {}


@dataclass(frozen=True)
class Position:
    """Where in a chain a log stands: number and hash of its block, its transaction, its place in the block."""

    block: int
    block_hash: bytes
    transaction: bytes
    index: int


@dataclass(frozen=True)
class Event:
    """One event: name, values by the contract's names, and where in the chain it stands."""

    name: str
    values: Mapping[str, Any]
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
def _known(contracts: tuple[str, ...]) -> Mapping[bytes, _Known]:
    """First topic -> event."""
    found = {}
    for contract in contracts:
        for entry in artifact(contract)["abi"]:
            if entry["type"] == "event":
                inputs = entry["inputs"]
                parts = {side: [abi_type(one) for one in inputs if one["indexed"] is side] for side in (True, False)}
                topic = bytes(event_abi_to_log_topic(entry))
                found[topic] = _Known(str(entry["name"]), inputs, parts[True], parts[False])
    return found


def word(number: int) -> str:
    """A number as a topic."""
    return "0x" + number.to_bytes(32, "big").hex()


def read_events(
    web3: Web3,
    addresses: Sequence[str],
    first: int,
    last: int | str = "latest",
    topics: Sequence[Any] = (),
    contracts: tuple[str, ...] = CONTRACTS,
) -> list[Event]:
    """All events of these contracts from block ``first`` to ``last``, in the order of the chain.

    Raises ChainFailure where the answer is missing or not an event of these contracts.
    """
    query: Any = {
        "address": [Web3.to_checksum_address(one) for one in addresses],
        "fromBlock": first,
        "toBlock": last,
        "topics": list(topics),
    }
    with answering(f"the logs from block {first} on"):
        logs = web3.eth.get_logs(query)
        wanted = {bytes.fromhex(one.removeprefix("0x")) for one in addresses}
        for log in logs:
            if bytes.fromhex(log["address"].removeprefix("0x")) not in wanted:
                raise ChainFailure(f"the RPC endpoint answered with a log of {log['address']}, which was not asked for")
        return sorted((_decoded(log, contracts) for log in logs), key=lambda event: (event.block, event.index))


def round_events(web3: Web3, addresses: Sequence[str], first: int, task: int, round_: int) -> list[Event]:
    """The events of one round of a task, from its opening to its end; claims are of terms and not among them."""
    found = read_events(web3, addresses, first, topics=[None, word(task), word(round_)])
    # A shard, a seat or a node of the same number stands at the same place as the round.
    return [event for event in found if event.values.get("round") == round_]


def read_named(
    web3: Web3, addresses: Sequence[str], names: Sequence[str], first: int, *indexed: int | None
) -> list[Event]:
    """The events of some names from block ``first`` on, by their first indexed values; None for any value."""
    topics = ["0x" + topic.hex() for topic, entry in _known(CONTRACTS).items() if entry.name in names]
    return read_events(
        web3, addresses, first, topics=[topics, *(None if one is None else word(one) for one in indexed)]
    )


def receipt_events(receipt: TxReceipt, address: str, contracts: tuple[str, ...] = CONTRACTS) -> list[Event]:
    """The events that one contract emitted in a transaction, in their order. Raises ChainFailure as `read_events`."""
    with answering("the receipt's logs"):
        return [_decoded(log, contracts) for log in receipt["logs"] if log["address"].lower() == address.lower()]


def _decoded(log: LogReceipt, contracts: tuple[str, ...]) -> Event:
    """A log's event; kept, since a round's logs are read again after every step."""
    topics = tuple(bytes(topic) for topic in log["topics"])
    key = (bytes(log["blockHash"]), log["logIndex"], bytes(log["data"]), topics, contracts)
    event = _DECODED.get(key)
    if event is None:
        if len(_DECODED) >= KEPT_EVENTS:
            _DECODED.clear()
        position = Position(log["blockNumber"], bytes(log["blockHash"]), bytes(log["transactionHash"]), log["logIndex"])
        event = _DECODED[key] = event_of(topics, bytes(log["data"]), position, contracts)
    return event


def event_of(topics: Sequence[bytes], data: bytes, position: Position, contracts: tuple[str, ...] = CONTRACTS) -> Event:
    """The event that a log with these topics and data is. Raises ChainFailure for what is none of these contracts'."""
    known = _known(contracts).get(topics[0] if topics else b"")
    if known is None:
        raise ChainFailure(f"block {position.block} has an event that is not of these contracts: other versions?")
    try:
        if len(topics) != 1 + len(known.topics):
            raise ChainFailure(f"block {position.block} has a {known.name} of {len(topics)} topics")
        indexed = iter(decode([kind], topic)[0] for kind, topic in zip(known.topics, topics[1:], strict=True))
        plain = iter(decode(known.data, data))
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
