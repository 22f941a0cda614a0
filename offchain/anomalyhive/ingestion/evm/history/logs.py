"""Token transfers to and from an address: what a node finds in its logs, over ranges as wide as it allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from anomalyhive.errors import Refused
from anomalyhive.ingestion.evm.history.history import MOST_TRANSFERS, Listener, check_count, contradiction
from anomalyhive.ingestion.evm.transfers import TRANSFER, WORD, transfer
from anomalyhive.ingestion.evm.values import ADDRESS, HASH, Malformed, data, integer, objects, required, shown, texts
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.ingestion.transport.jsonrpc import NO_METHOD

Transfer = tuple[int, int, str, str, str, str]
"""Block, place of the log in it, token, sender, receiver, amount or token id in decimal."""

PATIENCE = 8
"""Answers in a row after which a range that was cut is doubled again: a node's limit may be one of results."""


class Transfers:
    """Takes logs, keeps the transfers of an address, each once."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._found: dict[tuple[int, int], Transfer] = {}

    @property
    def all(self) -> Iterable[Transfer]:
        """What was kept."""
        return self._found.values()

    def take(self, logs: Any, blocks: range) -> None:
        """Keep what is a transfer of the address; all of it is in ``blocks``. Raises Malformed, ChainFailure."""
        read = [transfer_of(log) for log in objects(logs, "logs")]
        for found in read:
            if found is None or self._address not in found[3:5]:
                continue
            if found[0] not in blocks:
                raise Malformed(f"log {found[1]} of block {found[0]} is outside {blocks.start}:{blocks.stop}")
            if self._found.setdefault(found[:2], found) != found:
                raise contradiction(f"two transfers are log {found[1]} of block {found[0]}")
        check_count(len(self._found), MOST_TRANSFERS, "token transfers", self._address)


def transfer_of(log: Mapping[str, Any]) -> Transfer | None:
    """The token transfer in a log, None if it is none. Raises Malformed."""
    topics = log.get("topics")
    if not isinstance(topics, list) or len(topics) > 4:
        raise Malformed(f"topics {shown(topics)} are no list of at most 4")
    if log.get("removed"):
        raise Malformed(f"log {shown(log.get('logIndex'))} of block {shown(log.get('blockNumber'))} was removed")
    content = f"0x{data(required(log, 'data'), 'data').hex()}"
    found = transfer(texts(topics, "topic", HASH), content)
    if found is None:
        return None
    _, sender, receiver, value = found
    (token,) = texts([log.get("address")], "address", ADDRESS)
    place = integer(log.get("blockNumber"), "blockNumber"), integer(log.get("logIndex"), "logIndex")
    return (*place, token, sender, receiver, value)


def find_transfers(client: JsonRpc, address: str, blocks: range, kept: Transfers, listener: Listener) -> None:
    """Take the transfers of an address in these blocks that index sender and receiver. Raises ChainFailure."""
    topic = f"0x{address[2:].rjust(WORD, '0')}"
    sides: list[tuple[str, list[str | None]]] = [("sent", [TRANSFER, topic]), ("received", [TRANSFER, None, topic])]
    for side, topics in sides:
        listener.begins(f"tokens {side}", blocks)
        for span, logs in _ranges(client, topics, blocks):
            try:
                _check(objects(logs, "logs"), span, topic, len(topics) - 1)
                kept.take(logs, span)
            except Malformed as error:
                raise contradiction(f"the answer to eth_getLogs cannot be read: {error}") from error
            listener.read(span.stop - 1)


def _ranges(client: JsonRpc, topics: list[str | None], blocks: range) -> Iterator[tuple[range, Any]]:
    """Consecutive ranges and their logs: all at once, halved where an endpoint refuses so much."""
    start, size, answers = blocks.start, len(blocks), 0
    while start < blocks.stop:
        span = range(start, min(start + size, blocks.stop))
        wanted = {"fromBlock": hex(span.start), "toBlock": hex(span.stop - 1), "topics": topics}
        try:
            logs = client.call_once("eth_getLogs", [wanted])
        except Refused as error:
            if error.code == NO_METHOD or len(span) == 1:
                raise
            size, answers = len(span) // 2, 0
            continue
        yield span, logs
        start, answers = span.stop, answers + 1
        if answers == PATIENCE:
            size, answers = min(2 * size, len(blocks)), 0


def _check(logs: Iterable[Mapping[str, Any]], span: range, topic: str, place: int) -> None:
    """Raise ChainFailure for a log that was not asked for, Malformed for one that cannot be read."""
    for log in logs:
        number = integer(log.get("blockNumber"), "blockNumber")
        if number not in span:
            raise contradiction(f"a log of block {number} was given where {span.start}:{span.stop} was asked for")
        topics = log.get("topics")
        if not isinstance(topics, list) or len(topics) <= place or str(topics[place]).lower() != topic:
            raise contradiction(f"log {shown(log.get('logIndex'))} of block {number} is of another address")
