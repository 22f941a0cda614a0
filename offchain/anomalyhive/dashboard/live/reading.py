"""What is asked of a chain: its head, headers, logs by ranges of blocks, and the gas of transactions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from requests.exceptions import ConnectionError as Unreachable
from requests.exceptions import Timeout
from web3 import Web3

from anomalyhive.audit.reading import ANSWER_ERRORS, ask
from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.events import Event, read_events
from anomalyhive.chain.rpc import answering
from anomalyhive.errors import ChainFailure


@dataclass(frozen=True)
class Head:
    """A block: number, hash (32 bytes) and time in unix seconds."""

    number: int
    hash: bytes
    time: int


class Moved(ChainFailure):
    """The chain was reorganised while it was read: what was read of it does not fit together."""


def read_head(web3: Web3, number: int | None = None) -> Head:
    """A block, the latest by default. Raises ChainFailure."""
    with answering("eth_getBlockByNumber"):
        block = web3.eth.get_block("latest" if number is None else number)
        return Head(int(block["number"]), bytes(block["hash"]), int(block["timestamp"]))


def read_range(web3: Web3, deployment: Deployment, first: int, last: int) -> list[Event]:
    """The events of registry and hive in blocks ``first`` to ``last``, in their order. Raises ChainFailure."""
    return read_events(web3, [deployment.registry, deployment.hive], first, last)


def too_much(error: ChainFailure) -> bool:
    """Whether a node may have refused a range for its size: it did answer."""
    return not isinstance(error.__cause__, (Unreachable, Timeout))


def read_times(web3: Web3, events: Sequence[Event]) -> dict[int, int]:
    """Block -> unix seconds, of the blocks of these events. Raises ChainFailure, Moved where a block is another now."""
    hashes = {event.block: event.block_hash for event in events}
    if any(hashes[event.block] != event.block_hash for event in events):
        raise Moved("the chain gave logs of two blocks of the same number: it is being reorganised")
    answers = ask(web3, [("eth_getBlockByNumber", [hex(block), False]) for block in hashes])
    times: dict[int, int] = {}
    for block, answer in zip(hashes, answers, strict=True):
        try:
            header = answer["result"]
            found, times[block] = bytes.fromhex(header["hash"].removeprefix("0x")), int(header["timestamp"], 16)
        except (*ANSWER_ERRORS, AttributeError) as error:
            raise ChainFailure(f"the chain does not give the time of block {block}") from error
        if found != hashes[block]:
            raise Moved(f"block {block} is another than that of its logs: the chain is being reorganised")
    return times


def read_gas(web3: Web3, transactions: Iterable[bytes]) -> int:
    """The gas that transactions used, together. Raises ChainFailure."""
    wanted = [Web3.to_hex(one) for one in transactions]
    total = 0
    for name, answer in zip(wanted, ask(web3, [("eth_getTransactionReceipt", [one]) for one in wanted]), strict=True):
        try:
            total += int(answer["result"]["gasUsed"], 16)
        except (*ANSWER_ERRORS, AttributeError) as error:
            raise ChainFailure(f"the chain does not give the receipt of {name}") from error
    return total
