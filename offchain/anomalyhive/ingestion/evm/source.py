"""Blocks of an EVM chain over JSON-RPC."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa

from anomalyhive.errors import BadSetting, ChainFailure, Refused
from anomalyhive.ingestion.block import Block, Unreadable
from anomalyhive.ingestion.chains import Chain
from anomalyhive.ingestion.evm.decode import decode
from anomalyhive.ingestion.evm.plain import plain_blocks
from anomalyhive.ingestion.evm.schema import SCHEMAS, WITHOUT_RECEIPTS
from anomalyhive.ingestion.evm.values import HASH, Malformed, data, integer
from anomalyhive.ingestion.transport import JsonRpc
from anomalyhive.ingestion.transport.jsonrpc import Call

BLOCKS = 8
"""Blocks that are asked for in one request, with their receipts."""

REREADS = 3
"""How often a block is read again whose receipts are of another block: the chain moved on between the two calls."""


class EvmSource:
    """A `Source` over endpoints of an EVM chain.

    ``receipts`` is whether receipts, logs and token transfers are fetched. Raises BadSetting where the endpoints are
    of another chain, ChainFailure.
    """

    def __init__(self, client: JsonRpc, chain: Chain, receipts: bool = True) -> None:
        self._client = client
        self._receipts = receipts
        self.chain_id: int | str | None = chain.chain_id
        self._one_by_one = False
        with _understood("eth_chainId"):
            there = integer(client.call("eth_chainId"), "eth_chainId")
        if there != chain.chain_id:
            raise BadSetting(f"the endpoints of --source are of chain id {there}, {chain.name} has {chain.chain_id}")

    @property
    def schemas(self) -> Mapping[str, pa.Schema]:
        """Those of `schema`."""
        return SCHEMAS if self._receipts else WITHOUT_RECEIPTS

    def head(self) -> int:
        """The number of the last block."""
        with _understood("eth_blockNumber"):
            return integer(self._client.call("eth_blockNumber"), "eth_blockNumber")

    def hash_of(self, number: int) -> bytes:
        """The hash of a block as the endpoints have it now."""
        block = self._client.call("eth_getBlockByNumber", [hex(number), False], _missing)
        with _understood(f"block {number}"):
            return data(block.get("hash") if isinstance(block, dict) else block, "hash", HASH)

    def blocks(self, numbers: range) -> Iterator[Block | Unreadable]:
        """The blocks with these numbers."""
        groups = (numbers[start : start + BLOCKS] for start in range(0, len(numbers), BLOCKS))
        for blocks in self._client.ordered(self._fetch, groups):
            yield from blocks

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _fetch(self, numbers: range) -> list[Block | Unreadable]:
        """A few blocks, in one request."""
        if self._receipts and not self._one_by_one:
            calls = [call for number in numbers for call in _calls(number)]
            try:
                read = self._client.batch_read(calls, plain_blocks, _missing)
            except Refused:
                self._one_by_one = True
            else:
                if read and isinstance(read[0], Block):
                    return [*read]
                blocks, receipts = read[::2], read[1::2]
                return self._all_settled(numbers, blocks, receipts)
        return self._all_settled(numbers, *self._answers(numbers))

    def _all_settled(self, numbers: range, blocks: Sequence[Any], receipts: Sequence[Any]) -> list[Block | Unreadable]:
        return [
            self._settled(number, block, some)
            for number, block, some in zip(numbers, blocks, receipts, strict=True)
        ]  # fmt: skip

    def _answers(self, numbers: range) -> tuple[list[Any], Sequence[Any]]:
        calls = [("eth_getBlockByNumber", [hex(number), True]) for number in numbers]
        if not self._receipts:
            return self._client.batch(calls, _missing), [None] * len(numbers)
        if not self._one_by_one:
            try:
                answers = self._client.batch([call for number in numbers for call in _calls(number)], _missing)
                return answers[::2], answers[1::2]
            except Refused:
                self._one_by_one = True
        blocks = self._client.batch(calls, _missing)
        return blocks, [self._receipts_of(block) for block in blocks]

    def _receipts_of(self, block: Any) -> list[Any]:
        """The receipts of a block's transactions one by one, for nodes that do not give them by block."""
        transactions = block.get("transactions") if isinstance(block, dict) else None
        if not isinstance(transactions, list):
            return []
        hashes = [one.get("hash") for one in transactions if isinstance(one, dict)]
        return self._client.batch([("eth_getTransactionReceipt", [one]) for one in hashes], _missing)

    def _settled(self, number: int, block: Any, receipts: Any) -> Block | Unreadable:
        """The block with its own receipts, read again while they are of another."""
        for _ in range(REREADS):
            if receipts is None or not _torn(block, receipts):
                break
            (block,), (receipts,) = self._answers(range(number, number + 1))
        return decode(number, block, receipts)


def _calls(number: int) -> list[Call]:
    """What is asked of a block: itself, and its receipts."""
    return [("eth_getBlockByNumber", [hex(number), True]), ("eth_getBlockReceipts", [hex(number)])]


@contextmanager
def _understood(what: str) -> Iterator[None]:
    """Turn a malformed answer to a question about the chain into ChainFailure."""
    try:
        yield
    except Malformed as error:
        raise ChainFailure(f"the answer to {what} cannot be read: {error}") from error


def _missing(answer: Any) -> str | None:
    return "it does not have the block yet" if answer is None else None


def _torn(block: Any, receipts: Any) -> bool:
    """Whether receipts are those of another block."""
    if not isinstance(block, dict) or not isinstance(receipts, list):
        return False
    return any(isinstance(one, dict) and one.get("blockHash") != block.get("hash") for one in receipts)
