"""Blocks of Monero over the RPC of monerod."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import pyarrow as pa

from anomalyhive.errors import ChainFailure
from anomalyhive.ingestion.block import Block, Unreadable
from anomalyhive.ingestion.monero.cursor import HASH, Malformed
from anomalyhive.ingestion.monero.decode import data, decode, integer, required, shown, wanted
from anomalyhive.ingestion.monero.schema import SCHEMAS
from anomalyhive.ingestion.transport import JsonRpc

RPC_PATH, TRANSACTIONS_PATH = "/json_rpc", "/get_transactions"

TRANSACTIONS = 100
"""Transactions in one request: what a daemon with --restricted-rpc gives at most
(RESTRICTED_TRANSACTIONS_COUNT in Monero's src/rpc/core_rpc_server.cpp)."""


class MoneroSource:
    """A `Source` over daemons that keep whole transactions.

    Pruned daemons are passed over: a table of blocks must not depend on which daemon was asked, and neither the
    sizes of transactions nor the ids of those of version 1 follow from what a pruned one has left.
    """

    def __init__(self, client: JsonRpc) -> None:
        self._client = client

    @property
    def schemas(self) -> Mapping[str, pa.Schema]:
        """Those of `schema`."""
        return SCHEMAS

    @cached_property
    def chain_id(self) -> int | str | None:
        """The hash of the first block, in hex."""
        return self.hash_of(0).hex()

    def head(self) -> int:
        """The number of the last block."""
        answer = self._client.call("get_block_count", {}, _not_ok)
        try:
            count = integer(required(answer, "count"), "count")
        except Malformed as error:
            raise ChainFailure(f"the answer to get_block_count cannot be read: {error}") from error
        if count == 0:
            raise ChainFailure("the daemon has no block: count is 0")
        return count - 1

    def hash_of(self, number: int) -> bytes:
        """The hash of a block as the daemons have it now."""
        answer = self._client.call("get_block_header_by_height", {"height": number}, _not_ok)
        try:
            return data(required(required(answer, "block_header"), "hash"), "hash", HASH)
        except Malformed as error:
            raise ChainFailure(f"the answer to block {number} cannot be read: {error}") from error

    def blocks(self, numbers: range) -> Iterator[Block | Unreadable]:
        """The blocks with these numbers."""
        yield from self._client.ordered(self._fetch, numbers)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _fetch(self, number: int) -> Block | Unreadable:
        answer = self._client.call("get_block", {"height": number}, _not_ok)
        ids = wanted(answer)
        if ids is None:
            return decode(number, answer, None)
        given: list[Any] = []
        for start in range(0, len(ids), TRANSACTIONS):
            given += self._transactions(ids[start : start + TRANSACTIONS])
        return decode(number, answer, given)

    def _transactions(self, ids: Sequence[str]) -> list[Any]:
        asked = {"txs_hashes": list(ids), "decode_as_json": False, "prune": False}
        answer = self._client.post(TRANSACTIONS_PATH, asked, lambda given: _lacking(given, len(ids)))
        return list(answer["txs"])


def _not_ok(answer: Any) -> str | None:
    """Why a daemon's answer cannot be used: it has a status for that, such as BUSY while it synchronizes."""
    if not isinstance(answer, dict):
        return f"{shown(answer)} is no object"
    return None if answer.get("status") == "OK" else f"its status is {shown(answer.get('status'))}"


def _lacking(answer: Any, count: int) -> str | None:
    """Why transactions cannot be used: some are not there, or not as a whole."""
    if (reason := _not_ok(answer)) is not None:
        return reason
    if answer.get("missed_tx"):
        return f"it does not have transactions {shown(answer['missed_tx'])}"
    given = answer.get("txs")
    if not isinstance(given, list) or len(given) != count:
        return f"txs {shown(given)} is no list of {count} transactions"
    for one in given:
        if isinstance(one, dict) and not one.get("as_hex") and not one.get("prunable_as_hex"):
            return f"it is pruned and does not have all of transaction {shown(one.get('tx_hash'))}"
    return None
