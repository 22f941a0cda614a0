"""The records of a hive's log, read from a chain through JSON-RPC, a few blocks at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from eth_utils.crypto import keccak
from web3 import Web3

from anomalyhive.audit.export.proving import MOST_GAP
from anomalyhive.audit.export.records import Bare, Placed, Record, Sealed, Told
from anomalyhive.audit.reading import ask
from anomalyhive.chain.deployment import Deployment
from anomalyhive.errors import ChainFailure
from anomalyhive.ingestion.evm.header import header_rlp
from anomalyhive.ingestion.evm.sealed import Header, Log
from anomalyhive.ingestion.evm.sealing import sealed_items
from anomalyhive.ingestion.evm.trie import MOST_ITEMS, ordered_root
from anomalyhive.ingestion.evm.values import ADDRESS, HASH, Malformed, data, objects, quantity

BLOCKS_AT_ONCE = 32
"""Blocks whose receipts are in memory together."""

SPAN = 10_000
"""Blocks that one question for logs covers: what public endpoints allow."""

Json = Mapping[str, Any]


@dataclass(frozen=True)
class ChainLog:
    """A hive's log from the block ``first`` to the block ``head``; before ``first`` it has none."""

    web3: Web3
    deployment: Deployment
    head: int

    @property
    def addresses(self) -> tuple[bytes, ...]:
        """Of the contracts that write logs."""
        deployment = self.deployment
        return tuple(bytes.fromhex(one[2:]) for one in (deployment.token, deployment.registry, deployment.hive))

    def records(self) -> Iterator[Record]:
        """The record of every block with events, of those between them where they are few, and of the head."""
        found = self._blocks_with_events()
        if not found:
            raise ChainFailure(f"chain {self.deployment.chain_id} has no event of the hive {self.deployment.hive}")
        wanted = _with_gaps(found, self.head)
        holding = set(found)
        for at in range(0, len(wanted), BLOCKS_AT_ONCE):
            yield from self._records(wanted[at : at + BLOCKS_AT_ONCE], holding)

    def _blocks_with_events(self) -> list[int]:
        spans = range(self.deployment.block, self.head + 1, SPAN)
        answers = ask(
            self.web3, [("eth_getLogs", [_filter(self.deployment, at, min(at + SPAN - 1, self.head))]) for at in spans]
        )
        blocks: set[int] = set()
        for answer in answers:
            blocks.update(_number(log, "blockNumber") for log in _list_of(answer, "logs"))
        return sorted(blocks)

    def _records(self, numbers: Sequence[int], holding: set[int]) -> Iterator[Record]:
        answers = ask(self.web3, [("eth_getBlockByNumber", [hex(one), one in holding]) for one in numbers])
        blocks = [_object_of(answer, f"block {one}") for one, answer in zip(numbers, answers, strict=True)]
        receipts = self._receipts([block for one, block in zip(numbers, blocks, strict=True) if one in holding])
        for number, block in zip(numbers, blocks, strict=True):
            yield self._record(number, block, receipts.get(number))

    def _record(self, number: int, block: Json, receipts: list[Json] | None) -> Record:
        try:
            hash_ = data(block.get("hash"), "hash", HASH)
            if quantity(block.get("number"), "number") != number:
                raise ChainFailure(f"the chain was asked for block {number} and gave {block.get('number')}")
        except Malformed as error:
            raise ChainFailure(f"block {number} is malformed: {error}") from error
        try:
            encoded = header_rlp(block)
            if keccak(encoded) != hash_:
                raise Malformed("the fields of its header do not give its hash")
            if receipts is not None:
                return _sealed(hash_, encoded, block, receipts)
            header = Header.read(encoded)
            if header.may_hold(self.addresses):
                full = _object_of(ask(self.web3, [("eth_getBlockByNumber", [hex(number), True])])[0], f"block {number}")
                return self._record(number, full, self._receipts([full])[number])
            return Bare(hash_, encoded)
        except Malformed as error:
            return self._told(number, hash_, block, str(error))

    def _told(self, number: int, hash_: bytes, block: Json, why: str) -> Told:
        try:
            parent = data(block.get("parentHash"), "parentHash", HASH)
            time = quantity(block.get("timestamp"), "timestamp")
        except Malformed as error:
            raise ChainFailure(f"block {number} is malformed: {error}") from error
        return Told(hash_, number, time, parent, why, logs_of_block(self.web3, self.deployment, number))

    def _receipts(self, blocks: Sequence[Json]) -> dict[int, list[Json]]:
        """Number of a block -> its receipts, asked by block, or one by one of a node that does not know how."""
        numbers = [_number(block, "number") for block in blocks]
        answers = ask(self.web3, [("eth_getBlockReceipts", [hex(one)]) for one in numbers])
        found: dict[int, list[Json]] = {}
        for number, block, answer in zip(numbers, blocks, answers, strict=True):
            if "error" in answer:
                hashes = [one.get("hash") for one in block.get("transactions", []) if isinstance(one, dict)]
                single = ask(self.web3, [("eth_getTransactionReceipt", [one]) for one in hashes])
                found[number] = [_object_of(one, f"a receipt of block {number}") for one in single]
            else:
                found[number] = _list_of(answer, f"the receipts of block {number}")
        return found


def logs_of_block(web3: Web3, deployment: Deployment, number: int) -> tuple[Placed, ...]:
    """The hive's logs in a block as the node tells them. Raises ChainFailure."""
    answer = ask(web3, [("eth_getLogs", [_filter(deployment, number, number)])])[0]
    try:
        return tuple(sorted((_placed(one) for one in _list_of(answer, "logs")), key=lambda one: one.index))
    except Malformed as error:
        raise ChainFailure(f"the logs of block {number} are malformed: {error}") from error


def _filter(deployment: Deployment, first: int, last: int) -> dict[str, Any]:
    contracts = [deployment.token, deployment.registry, deployment.hive]
    return {"address": contracts, "fromBlock": hex(first), "toBlock": hex(last)}


def _with_gaps(found: Sequence[int], head: int) -> list[int]:
    """The blocks with events, the head, and all those between two of them that are not too many."""
    wanted = [found[0]]
    for before, after in pairwise([*found, head]):
        if after - before - 1 <= MOST_GAP:
            wanted.extend(range(before + 1, after))
        if after > before:
            wanted.append(after)
    return wanted


def _sealed(hash_: bytes, encoded: bytes, block: Json, receipts: list[Json]) -> Sealed:
    """A block with events, everything recomputed. Raises Malformed where the roots are over something else."""
    transactions, kept = sealed_items(block, objects(block.get("transactions"), "transactions"), receipts)
    header = Header.read(encoded)
    for name, items, due in (("transactions", transactions, header.transactions), ("receipts", kept, header.receipts)):
        if len(items) >= MOST_ITEMS or ordered_root(items) != due:
            raise Malformed(f"its {name} do not give the root in its header")
    if len(kept) != len(transactions):
        raise Malformed(f"it has {len(kept)} receipts of {len(transactions)} transactions")
    return Sealed(hash_, encoded, tuple(kept), tuple(transactions))


def _placed(log: Json) -> Placed:
    topics = log.get("topics")
    if not isinstance(topics, list):
        raise Malformed("a log has no list of topics")
    return Placed(
        quantity(log.get("logIndex"), "logIndex"),
        data(log.get("transactionHash"), "transactionHash", HASH),
        Log(
            data(log.get("address"), "address", ADDRESS),
            tuple(data(topic, "topic", HASH) for topic in topics),
            data(log.get("data"), "data"),
        ),
    )


def _object_of(answer: Any, what: str) -> Json:
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, dict):
        raise ChainFailure(f"the chain does not give {what}: {str(answer)[:200]}")
    return result


def _list_of(answer: Any, what: str) -> list[Json]:
    result = answer.get("result") if isinstance(answer, dict) else None
    if not isinstance(result, list) or not all(isinstance(one, dict) for one in result):
        raise ChainFailure(f"the chain does not give {what}: {str(answer)[:200]}")
    return result


def _number(record: Json, name: str) -> int:
    try:
        return quantity(record.get(name), name)
    except Malformed as error:
        raise ChainFailure(f"the chain's answer is malformed: {error}") from error
