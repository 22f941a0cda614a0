"""What stands where in an answer with blocks and receipts: the nodes of all named members, for all blocks at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomalyhive.ingestion.evm import runs
from anomalyhive.ingestion.evm.arrays import integer_columns
from anomalyhive.ingestion.evm.header import header_hash
from anomalyhive.ingestion.evm.scan import MAP, Nodes, members_of, members_of_maps, packed_names
from anomalyhive.ingestion.evm.sealing import withdrawal_faults
from anomalyhive.ingestion.evm.trie import MOST_ITEMS
from anomalyhive.ingestion.evm.values import HASH, data, integer, required
from anomalyhive.ingestion.transport.client import parse

Places = NDArray[np.int64]
Json = Mapping[str, Any]

OF_TRANSACTION = (*runs.TRANSACTION, "hash", "blockHash", "transactionIndex", "type", "from")
OF_RECEIPT = (
    *(*runs.RECEIPT, "type", "transactionHash", "blockHash", "gasUsed", "effectiveGasPrice", "contractAddress"),
    *("blobGasUsed", "blobGasPrice"),
)
OF_LOG = (*runs.LOG, "logIndex", "transactionHash")
"""Members that are asked for; of each kind first those that are hashed."""

TRANSACTION, RECEIPT, LOG = (packed_names(*names) for names in (OF_TRANSACTION, OF_RECEIPT, OF_LOG))
BLOCK = packed_names("hash", "transactions")

INTEGERS_OF_TRANSACTION = {
    **dict.fromkeys(("transactionIndex", "nonce", "gas", "gasPrice"), False),
    **dict.fromkeys(("type", "maxFeePerGas", "maxPriorityFeePerGas", "maxFeePerBlobGas"), True),
}
INTEGERS_OF_RECEIPT = {
    **dict.fromkeys(("gasUsed", "cumulativeGasUsed"), False),
    **dict.fromkeys(("type", "status", "effectiveGasPrice", "blobGasUsed", "blobGasPrice"), True),
}
"""Members that are quantities which a column takes -> whether one may be missing."""

Column = tuple[Places, NDArray[np.uint8]]
"""Values, and whether each is there."""


class NotPlain(Exception):
    """Something is not as it must be, or unusual."""


@dataclass(frozen=True)
class Header:
    """A block without its transactions."""

    fields: Json
    hash_node: int
    number: int
    timestamp: int


def expect(given: Any) -> Any:
    """What was given; raises NotPlain where it is none, as what `arrays` and `scan` give of what is not plain."""
    if given is None or given is False:
        raise NotPlain
    return given


class Found:
    """The nodes of an answer by what they are.

    ``transactions`` and ``receipts`` are (n, names), ``logs`` (m, names), of which ``log_counts`` belong to each
    receipt; ``integers`` and ``receipt_integers`` are the quantities of the former by name. The transactions of block i
    are firsts[i] to firsts[i + 1]. Raises NotPlain, Malformed.
    """

    def __init__(self, nodes: Nodes, tail: int, blocks: Sequence[int], receipts: Sequence[int]) -> None:
        self.nodes, self.tail = nodes, tail
        if (nodes.kinds[blocks] != MAP).any():
            raise NotPlain
        hashes, lists = members_of_maps(nodes, np.array(blocks, np.int64), BLOCK).T.copy()
        self.transactions, self.counts = expect(members_of(nodes, lists, TRANSACTION))
        self.receipts, counts = expect(members_of(nodes, np.array(receipts, np.int64), RECEIPT))
        if (counts != self.counts).any() or (counts >= MOST_ITEMS).any():
            raise NotPlain
        self.headers = [
            self._header(block, hash_, transactions)
            for block, hash_, transactions in zip(blocks, hashes.tolist(), lists.tolist(), strict=True)
        ]  # fmt: skip
        self.firsts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        # One layout everywhere: for each other one Numba would load a further version of what is compiled.
        self._by_name, self._receipts_by_name = (
            np.ascontiguousarray(one.T) for one in (self.transactions, self.receipts)
        )
        self.logs, self.log_counts = expect(members_of(nodes, self.receipt_node("logs"), LOG))
        self.integers = self._integers(self.transactions, OF_TRANSACTION, INTEGERS_OF_TRANSACTION)
        self.receipt_integers = self._integers(self.receipts, OF_RECEIPT, INTEGERS_OF_RECEIPT)

    def _header(self, block: int, hash_node: int, transactions: int) -> Header:
        """The block's own fields as Python has them: they are few."""
        nodes = self.nodes
        start, stop = nodes.starts[transactions], nodes.ends[transactions]
        text = nodes.data[nodes.starts[block] : start].tobytes() + b"[]"
        fields = parse(text + nodes.data[stop : nodes.ends[block]].tobytes())
        number, timestamp = (integer(required(fields, name), name) for name in ("number", "timestamp"))
        claimed = data(required(fields, "hash"), "hash", HASH)
        if header_hash(fields) != claimed or withdrawal_faults(fields):
            raise NotPlain
        return Header(fields, hash_node, number, timestamp)

    def _integers(self, at: Places, names: Sequence[str], wanted: Mapping[str, bool]) -> dict[str, Column]:
        """Name -> the column of a quantity."""
        places = [names.index(name) for name in wanted]
        found, valid = expect(integer_columns(self.nodes, at[:, places].copy(), [*wanted.values()]))
        return dict(zip(wanted, zip(found, valid, strict=True), strict=True))

    def node(self, name: str) -> Places:
        """Of a member of the transactions."""
        node: Places = self._by_name[OF_TRANSACTION.index(name)]
        return node

    def receipt_node(self, name: str) -> Places:
        node: Places = self._receipts_by_name[OF_RECEIPT.index(name)]
        return node

    def repeated(self, values: Sequence[int]) -> Places:
        """A value of each block for each of its transactions."""
        return np.repeat(np.array(values, np.int64), np.diff(self.firsts))
