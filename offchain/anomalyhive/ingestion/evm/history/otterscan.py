"""Transactions of an address that a node finds by itself: the methods ``ots_…`` of Erigon, Anvil and others.

https://docs.otterscan.io/api-docs/ots-api. The search goes by calls, so it also gives transactions in which the
address takes part only inside; they are no rows of it. What the search may leave out is asked for on its own: a page
that ends within a block, what the address sent (its nonces have no gap), and the creation of a contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from anomalyhive.errors import Refused
from anomalyhive.ingestion.evm.history.checking import row_of
from anomalyhive.ingestion.evm.history.history import (
    MOST_TRANSACTIONS,
    Listener,
    check_count,
    contradiction,
    touching,
)
from anomalyhive.ingestion.evm.history.logs import Transfers
from anomalyhive.ingestion.evm.values import HASH, Malformed, data, integer, objects, shown
from anomalyhive.ingestion.transport import JsonRpc

Json = Mapping[str, Any]

PAGE = 25
"""Transactions of a page: the most that Erigon gives unless it is told otherwise (--rpc.ots.search.max.pagesize)."""

MOST_PAGE = 10_000
"""Transactions of one answer: a page is filled up with its last block, and no block holds more."""

DELEGATION = "0xef0100"
"""How the code of an account that can still send transactions begins (EIP-7702)."""


def has_otterscan(client: JsonRpc) -> bool:
    """Whether a node finds transactions by address. Raises ChainFailure where none answers."""
    try:
        return isinstance(client.call("ots_getApiLevel"), int)
    except Refused:
        return False


@dataclass(frozen=True)
class Told:
    """A transaction as a node tells of it; number of its block and hash can be read."""

    block: int
    hash: str
    content: Json

    @classmethod
    def of(cls, content: Json) -> Told:
        """Raises Malformed."""
        return cls(
            integer(content.get("blockNumber"), "blockNumber"),
            f"0x{data(content.get('hash'), 'hash', HASH).hex()}",
            content,
        )


@dataclass
class Search:
    """The transactions of an address in a range of blocks, as they are found."""

    client: JsonRpc
    address: str
    blocks: range
    transfers: Transfers
    listener: Listener
    rows: dict[str, pa.RecordBatch] = field(default_factory=dict)
    set_aside: int = 0
    _seen: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Find them all. Raises ChainFailure for answers that cannot be."""
        self.listener.begins("blocks", self.blocks)
        given = 0
        for page, cut in self._pages():
            given += len(page)
            check_count(given, MOST_TRANSACTIONS, "transactions", self.address)
            self._take(page, cut)
        self._take_creation()
        self._take_unseen()

    def _pages(self) -> Iterator[tuple[list[Told], int | None]]:
        """Pages with rising blocks, and the block within which a page may have been cut."""
        after = max(0, self.blocks.start - 1)
        while after < self.blocks.stop - 1:
            page, last = _page(self.client.call("ots_searchTransactionsAfter", [self.address, after, PAGE]))
            if not page:
                break
            low, high = min(one.block for one in page), max(one.block for one in page)
            if low <= after:
                raise contradiction(f"block {low} was given where blocks after {after} were asked for")
            after = high
            yield [one for one in page if one.block in self.blocks], None if last or high not in self.blocks else high
            if last:
                break
            self.listener.read(min(high, self.blocks.stop - 1))
        self.listener.read(self.blocks.stop - 1)

    def _take(self, given: Sequence[Told], cut: int | None = None) -> None:
        """Keep what is the address's of these transactions, and of all that are in the block ``cut``."""
        mine = {one.hash: one for one in given if self._may_be_own(one.content)}
        numbers = sorted({one.block for one in mine.values()} | ({cut} if cut is not None else set()))
        calls = [("eth_getBlockByNumber", [hex(number), number == cut]) for number in numbers]
        headers = dict(zip(numbers, self.client.batch(calls, _missing), strict=True))
        if cut is not None:
            mine = {**{one.hash: one for one in _listed(headers[cut], cut) if self._may_be_own(one.content)}, **mine}
        new = [one for one in mine.values() if one.hash not in self._seen]
        self._seen.update(one.hash for one in new)
        receipts = self.client.batch([("eth_getTransactionReceipt", [one.hash]) for one in new], _missing)
        for one, receipt in zip(new, receipts, strict=True):
            self._keep(one, receipt, headers[one.block])

    def _may_be_own(self, one: Json) -> bool:
        """Whether a transaction is sent by the address or to it, or creates a contract, which may be the address."""
        return one.get("to") is None or self.address in (str(one.get(side)).lower() for side in ("from", "to"))

    def _keep(self, one: Told, receipt: Any, header: Any) -> None:
        try:
            if not isinstance(receipt, dict) or not isinstance(header, dict):
                raise Malformed(f"receipt {shown(receipt)} or block {shown(header)} is no object")
            row = touching("transactions", row_of(one.content, receipt, header), self.address)
            if row.num_rows:
                self.transfers.take(receipt.get("logs"), range(one.block, one.block + 1))
                self.rows[one.hash] = row
        except Malformed as error:
            self._set_aside(f"transaction {one.hash}", str(error))

    def _take_creation(self) -> None:
        """The transaction that created the address, where it is a contract."""
        try:
            answer = self.client.call("ots_getContractCreator", [self.address])
        except Refused as error:
            self._set_aside("the creation of the address", str(error))
            return
        if isinstance(answer, dict):
            self._take_by_hash([answer.get("hash")])

    def _take_unseen(self) -> None:
        """What the address sent by its nonces, and the search did not find."""
        try:
            low = 0 if self.blocks.start == 0 else self._nonce(self.blocks.start - 1)
            missing = self._unseen(range(low, self._nonce(self.blocks.stop - 1)))
            if not missing or self._is_contract():  # a contract's nonces count what it created
                return
            calls = [("ots_getTransactionBySenderAndNonce", [self.address, nonce]) for nonce in missing]
            self._take_by_hash([one for one in self.client.calls(calls) if one is not None])
        except Refused as error:
            self._set_aside("the check that nothing sent is missing", str(error))
            return
        if left := self._unseen(missing):
            listed = ", ".join(map(str, left[:5])) + (", …" if len(left) > 5 else "")
            self._set_aside(f"what it sent with nonce {listed}", "the endpoint does not find it")

    def _unseen(self, nonces: Sequence[int]) -> list[int]:
        check_count(len(nonces), MOST_TRANSACTIONS, "transactions", self.address)
        sent = [row for row in self.rows.values() if row.column("from_address")[0].as_py() == self.address]
        seen = {row.column("nonce")[0].as_py() for row in sent}
        return [nonce for nonce in nonces if nonce not in seen]

    def _take_by_hash(self, hashes: Sequence[Any]) -> None:
        for at in range(0, len(hashes), PAGE):
            some = hashes[at : at + PAGE]
            try:
                asked = [f"0x{data(one, 'hash', HASH).hex()}" for one in some]
                found = self.client.batch([("eth_getTransactionByHash", [one]) for one in asked], _missing)
                self._take([one for one in map(Told.of, objects(found, "transactions")) if one.block in self.blocks])
            except Malformed as error:
                raise contradiction(f"what it says of {shown(some[0])} cannot be read: {error}") from error

    def _nonce(self, number: int) -> int:
        answer = self.client.call("eth_getTransactionCount", [self.address, hex(number)])
        try:
            return integer(answer, "eth_getTransactionCount")
        except Malformed as error:
            raise contradiction(str(error)) from error

    def _is_contract(self) -> bool:
        code = self.client.call("eth_getCode", [self.address, hex(self.blocks.stop - 1)])
        return isinstance(code, str) and len(code) > 2 and not code.lower().startswith(DELEGATION)

    def _set_aside(self, what: str, reason: str) -> None:
        self.set_aside += 1
        self.listener.set_aside(what, (reason,))


def _page(answer: Any) -> tuple[list[Told], bool]:
    """The transactions of a page, and whether it is the last. Raises ChainFailure."""
    try:
        given = answer if isinstance(answer, dict) else {}
        page = objects(given.get("txs"), "txs")
        if len(page) > MOST_PAGE:
            raise Malformed(f"a page of {len(page)} transactions, and no block has more than {MOST_PAGE}")
        # Searching forward, the first page is that of the newest transactions.
        return [Told.of(one) for one in page], given.get("firstPage") is True
    except Malformed as error:
        raise contradiction(f"the answer to ots_searchTransactionsAfter cannot be read: {error}") from error


def _listed(block: Any, number: int) -> list[Told]:
    """The transactions of a block, where it lists them whole. Raises ChainFailure."""
    try:
        found = [
            Told.of(one)
            for one in objects(block.get("transactions") if isinstance(block, dict) else None, "transactions")
        ]
        if any(one.block != number for one in found):
            raise Malformed("one of its transactions is of another block")
        return found
    except Malformed as error:
        raise contradiction(f"block {number} cannot be read: {error}") from error


def _missing(answer: Any) -> str | None:
    return "it does not have what it has just told of" if answer is None else None
