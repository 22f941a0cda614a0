"""The contracts' events: decoded from logs, and folded into the view of a round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from eth_utils.abi import event_abi_to_log_topic
from web3 import Web3
from web3._utils.events import get_event_data
from web3.exceptions import Web3Exception
from web3.types import LogReceipt

from anomalyhive.chain.artifacts import CONTRACTS, artifact
from anomalyhive.chain.rpc import answering
from anomalyhive.chain.views import Phase, Reveal, RoundView, Submission, Tallied
from anomalyhive.errors import ChainFailure

KEPT_EVENTS = 10_000
"""Decoded events kept: several rounds of a thousand updates."""

_DECODED: dict[tuple[Any, ...], Event] = {}


@dataclass(frozen=True)
class Event:
    """One event: name, values by the contract's names, and where in the chain it stands."""

    name: str
    values: Mapping[str, Any]
    block: int
    block_hash: bytes
    transaction: bytes
    index: int


@cache
def _known() -> Mapping[bytes, Any]:
    """First topic -> ABI of the event."""
    return {
        bytes(event_abi_to_log_topic(entry)): entry
        for contract in CONTRACTS
        for entry in artifact(contract)["abi"]
        if entry["type"] == "event"
    }


def word(number: int) -> str:
    """A number as a topic."""
    return "0x" + number.to_bytes(32, "big").hex()


def read_events(
    web3: Web3, addresses: Sequence[str], first: int, last: int | str = "latest", topics: Sequence[Any] = ()
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
        return sorted((_decoded(web3, log) for log in logs), key=lambda event: (event.block, event.index))


def round_events(web3: Web3, addresses: Sequence[str], first: int, task: int, round_: int) -> list[Event]:
    """The events of one round of a task, from its opening to its end; claims are of terms and not among them."""
    found = read_events(web3, addresses, first, topics=[None, word(task), word(round_)])
    # A shard, a seat or a node of the same number stands at the same place as the round.
    return [event for event in found if event.values.get("round") == round_]


def read_named(
    web3: Web3, addresses: Sequence[str], names: Sequence[str], first: int, *indexed: int | None
) -> list[Event]:
    """The events of some names from block ``first`` on, by their first indexed values; None for any value."""
    topics = ["0x" + topic.hex() for topic, entry in _known().items() if entry["name"] in names]
    return read_events(
        web3, addresses, first, topics=[topics, *(None if one is None else word(one) for one in indexed)]
    )


def _decoded(web3: Web3, log: LogReceipt) -> Event:
    """A log's event; kept, since a round's logs are read again after every step."""
    key = (bytes(log["blockHash"]), log["logIndex"], bytes(log["data"]), tuple(bytes(topic) for topic in log["topics"]))
    event = _DECODED.get(key)
    if event is None:
        if len(_DECODED) >= KEPT_EVENTS:
            _DECODED.clear()
        event = _DECODED[key] = _decode(web3, log)
    return event


def _decode(web3: Web3, log: LogReceipt) -> Event:
    abi = _known().get(bytes(log["topics"][0]) if log["topics"] else b"")
    if abi is None:
        raise ChainFailure(f"block {log['blockNumber']} has an event that is not of these contracts: other versions?")
    try:
        data = get_event_data(web3.codec, abi, log)
    except (Web3Exception, ValueError, TypeError) as error:
        raise ChainFailure(f"block {log['blockNumber']} has a malformed {abi['name']}: {error}") from error
    return Event(
        str(data["event"]),
        dict(data["args"]),
        log["blockNumber"],
        bytes(log["blockHash"]),
        bytes(log["transactionHash"]),
        log["logIndex"],
    )


def seats_of(bitmap: int) -> frozenset[int]:
    """The seats whose bits are set."""
    return frozenset(seat for seat in range(bitmap.bit_length()) if bitmap >> seat & 1)


def point_bytes(point: Any) -> bytes:
    """A G1 struct as 96 bytes."""
    parts = (point["a"], point["b"], point["c"]) if isinstance(point, Mapping) else point
    return b"".join(bytes(part) for part in parts)


def fold_round(task: int, round_: int, events: Sequence[Event], phase: Phase, ends_at: int, now: int) -> RoundView:
    """What the events of one round say of it, in the order of the chain."""
    opened: Event | None = None
    submissions: dict[int, Submission] = {}
    reveals: dict[int, Reveal] = {}
    committed: dict[int, int] = {}
    attested: dict[int, bytes] = {}
    slashed: dict[int, int] = {}
    medians: dict[int, int] = {}
    tallied: Tallied | None = None
    model, paid, returned, drawn = bytes(32), frozenset[int](), 0, bytes(32)
    for event in events:
        v = event.values
        match event.name:
            case "RoundOpened":
                opened = event
            case "UpdateSubmitted":
                submissions[v["shard"]] = Submission(
                    v["shard"], v["node"], bytes(v["digest"]), point_bytes(v["commitment"])
                )
                drawn = event.block_hash
            case "VerdictCommitted":
                committed[v["seat"]] = v["node"]
            case "VerdictRevealed":
                reveals[v["seat"]] = Reveal(v["seat"], v["node"], bytes(v["scores"]), bytes(v["verdict"]))
            case "SeatSlashed":
                slashed[v["seat"]] = v["burned"]
            case "UpdatesTallied":
                for offset, median in enumerate(bytes(v["medians"])):
                    shard = v["firstShard"] + offset
                    if shard in submissions:
                        # The medians of an earlier slice may come again; none of them ever becomes less.
                        medians[shard] = max(median, medians.get(shard, 0))
            case "RoundTallied":
                paid = seats_of(v["paid"])
                tallied = Tallied(medians, v["worth"], v["rate"], v["share"], paid, point_bytes(v["sum"]))
            case "ModelAttested":
                attested[v["seat"]] = bytes(v["model"])
            case "RoundFinalized":
                model, paid, returned = bytes(v["model"]), seats_of(v["paid"]), v["returned"]
            case "RoundCancelled":
                returned = v["returned"]
    if opened is None:
        raise ChainFailure(f"the logs do not say how round {round_} of task {task} opened: the RPC endpoint omits some")
    return RoundView(
        task=task,
        round=round_,
        phase=phase,
        ends_at=ends_at,
        now=now,
        seed=bytes(opened.values["seed"]),
        base=bytes(opened.values["base"]),
        submissions=submissions,
        committed=committed,
        reveals=reveals,
        tallied=tallied,
        attested=attested,
        slashed=slashed,
        model=model,
        paid=paid if tallied else frozenset(),
        returned=returned,
        opened_in=opened.block,
        drawn=drawn,
    )
