"""Blocks of plain answers, read as a whole in machine code: the rows and checks of `decode`, many times as fast.

What is read here is as it must be in every respect. Where anything is not, or is merely unusual, nothing is read, and
`decode` says of each block what it is and what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anomalyhive.ingestion.block import Block
from anomalyhive.ingestion.evm import runs, schema
from anomalyhive.ingestion.evm.arrays import ANY, are_hex_of, cut, gwei, integer_array, integers, same_texts, texts
from anomalyhive.ingestion.evm.decode import block_row, withdrawal_table
from anomalyhive.ingestion.evm.header import header_hash
from anomalyhive.ingestion.evm.scan import LIST, MAP, NULL, Nodes, members_of, packed_names, scan
from anomalyhive.ingestion.evm.sealing import root_faults, state_syncs, withdrawal_faults
from anomalyhive.ingestion.evm.tokens import hashes
from anomalyhive.ingestion.evm.transactions import SELECTOR
from anomalyhive.ingestion.evm.transfers import TRANSFER, WORD, standards
from anomalyhive.ingestion.evm.trie import MOST_ITEMS
from anomalyhive.ingestion.evm.values import ADDRESS, HASH, Malformed, data, integer, required
from anomalyhive.ingestion.transport.client import parse

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Json = Mapping[str, Any]

PLAIN_TYPES = 3
"""Types of transactions up to this one are read here; lists of authorizations (EIP-7702) are left to `decode`."""

MOST_GAS = 1 << 40
"""Of a transaction: far more than a block of any chain has, and small enough that sums do not overflow."""

TRANSACTION = packed_names(*runs.TRANSACTION, "hash", "blockHash", "transactionIndex", "type", "from")
RECEIPT = packed_names(
    *(*runs.RECEIPT, "type", "transactionHash", "blockHash", "gasUsed", "effectiveGasPrice", "contractAddress"),
    *("blobGasUsed", "blobGasPrice"),
)
LOG = packed_names(*runs.LOG, "logIndex", "transactionHash")


class _NotPlain(Exception):
    """Something is not as it must be, or unusual."""


@dataclass(frozen=True)
class _Header:
    """A block without its transactions."""

    fields: Json
    hash_node: int
    number: int
    timestamp: int


def plain_blocks(body: bytes, ids: Sequence[int]) -> list[Block] | None:
    """The blocks of an answer to calls with these ids, in turns for a block and for its receipts; None if not plain."""
    tail = len(body.rstrip())
    text = np.empty((tail + len(runs.TAIL) + 7) // 8 * 8, np.uint8)
    text[:tail] = np.frombuffer(body, np.uint8, tail)
    text[tail : tail + len(runs.TAIL)] = np.frombuffer(runs.TAIL, np.uint8)
    nodes = scan(text, tail)
    if nodes is None:
        return None
    try:
        results = _results(nodes, ids)
        return _Batch(nodes, tail, results[::2], results[1::2]).blocks()
    except (_NotPlain, Malformed):
        return None


def _results(nodes: Nodes, ids: Sequence[int]) -> list[int]:
    """The nodes of the results, in the order of the calls."""
    by_id = {}
    for one in _expect(nodes.items(0) if nodes.kinds[0] == LIST else None):
        answer = nodes.members(one) if nodes.kinds[one] == MAP else {}
        if "id" not in answer or "result" not in answer:
            raise _NotPlain
        if "error" in answer and nodes.kinds[answer["error"]] != NULL:
            raise _NotPlain
        by_id[nodes.text(answer["id"])] = answer["result"]
    if by_id.keys() != {str(one) for one in ids} or len(nodes.items(0)) != len(ids):
        raise _NotPlain
    return [by_id[str(one)] for one in ids]


def _expect(given: Any) -> Any:
    """What was given; raises _NotPlain where it is none, as what `arrays` and `scan` give of what is not plain."""
    if given is None or given is False:
        raise _NotPlain
    return given


class _Batch:
    """The blocks of an answer together: what is done is done for all their transactions at once."""

    def __init__(self, nodes: Nodes, tail: int, blocks: Sequence[int], receipts: Sequence[int]) -> None:
        self._nodes, self._tail = nodes, tail
        members = [nodes.members(one) if nodes.kinds[one] == MAP else {} for one in blocks]
        lists = np.array([one.get("transactions", -1) for one in members], np.int64)
        self._transactions, self._counts = _expect(members_of(nodes, lists, TRANSACTION))
        self._receipts, counts = _expect(members_of(nodes, np.array(receipts, np.int64), RECEIPT))
        if (counts != self._counts).any() or (counts >= MOST_ITEMS).any():
            raise _NotPlain
        self._headers = [
            self._header(block, one, place)
            for block, one, place in zip(blocks, members, lists.tolist(), strict=True)
        ]  # fmt: skip
        self._firsts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
        # One layout everywhere: for each other one Numba would load a further version of what is compiled.
        self._by_name, self._receipts_by_name = (
            np.ascontiguousarray(one.T) for one in (self._transactions, self._receipts)
        )
        self._logs, self._log_counts = _expect(members_of(nodes, self._receipt_node("logs"), LOG))

    def blocks(self) -> list[Block]:
        """All of them, checked."""
        self._check_places()
        self._check_seals()
        tables = {"transactions": self._transaction_table(), "receipts": self._receipt_table()}
        logs = self._log_tables()
        log_firsts = np.concatenate([np.zeros(1, np.int64), np.cumsum(self._log_counts)])[self._firsts]
        transfer_firsts = np.searchsorted(logs[2], log_firsts)
        counts = zip(self._headers, np.diff(self._firsts).tolist(), strict=True)
        own = [block_row(header.fields, header.number, header.timestamp, count) for header, count in counts]
        of_blocks = pa.RecordBatch.from_pylist(own, schema.BLOCKS)
        made = []
        for place, header in enumerate(self._headers):
            first, stop = self._firsts[place : place + 2].tolist()
            rows = {
                "blocks": of_blocks.slice(place, 1),
                "withdrawals": withdrawal_table((header.number, header.timestamp), header.fields),
                **{name: table.slice(first, stop - first) for name, table in tables.items()},
            }
            for name, table, firsts in (("logs", logs[0], log_firsts), ("token_transfers", logs[1], transfer_firsts)):
                first, stop = firsts[place : place + 2].tolist()
                rows[name] = table.slice(first, stop - first)
            hash_, parent = (data(header.fields[name], name, HASH) for name in ("hash", "parentHash"))
            made.append(Block(header.number, hash_, parent, rows))
        return made

    def _header(self, block: int, members: Mapping[str, int], transactions: int) -> _Header:
        """The block's own fields as Python has them: they are few."""
        nodes = self._nodes
        start, stop = nodes.starts[transactions], nodes.ends[transactions]
        text = nodes.data[nodes.starts[block] : start].tobytes() + b"[]"
        fields = parse(text + nodes.data[stop : nodes.ends[block]].tobytes())
        number, timestamp = (integer(required(fields, name), name) for name in ("number", "timestamp"))
        claimed = data(required(fields, "hash"), "hash", HASH)
        if header_hash(fields) != claimed or withdrawal_faults(fields):
            raise _NotPlain
        return _Header(fields, members["hash"], number, timestamp)

    def _node(self, name: str) -> Places:
        """Of a member of the transactions."""
        node: Places = self._by_name[_TRANSACTION_AT[name]]
        return node

    def _receipt_node(self, name: str) -> Places:
        node: Places = self._receipts_by_name[_RECEIPT_AT[name]]
        return node

    def _repeated(self, values: Sequence[int]) -> Places:
        """A value of each block for each of its transactions."""
        return np.repeat(np.array(values, np.int64), np.diff(self._firsts))

    def _check_places(self) -> None:
        """Transactions and receipts stand where they say, and the gas adds up."""
        nodes = self._nodes
        block_hashes = self._repeated([header.hash_node for header in self._headers])
        _expect(same_texts(nodes, self._node("blockHash"), block_hashes))
        _expect(same_texts(nodes, self._receipt_node("blockHash"), block_hashes))
        _expect(same_texts(nodes, self._receipt_node("transactionHash"), self._node("hash")))
        indices, _ = _expect(integers(nodes, self._node("transactionIndex")))
        self._places = np.arange(len(indices)) - self._repeated(self._firsts[:-1].tolist())
        self._types = self._types_of(self._node("type"))
        used, _ = _expect(integers(nodes, self._receipt_node("gasUsed")))
        added, _ = _expect(integers(nodes, self._receipt_node("cumulativeGasUsed")))
        if (indices != self._places).any() or (used > MOST_GAS).any():
            raise _NotPlain
        running = np.concatenate([np.zeros(1, np.int64), np.cumsum(used)])
        before = running[self._firsts]
        if (running[1:] - self._repeated(before[:-1].tolist()) != added).any():
            raise _NotPlain
        for total, header in zip(np.diff(before).tolist(), self._headers, strict=True):
            if total != integer(required(header.fields, "gasUsed"), "gasUsed"):
                raise _NotPlain

    def _types_of(self, at: Places) -> Places:
        found, _ = _expect(integers(self._nodes, at, optional=True))
        if (found > PLAIN_TYPES).any():
            raise _NotPlain
        typed: Places = found
        return typed

    def _check_seals(self) -> None:
        """Ids are those of the fields, and roots those of the header."""
        nodes, known = self._nodes, len(runs.TRANSACTION)
        out, begins = _expect(
            runs.encoded_transactions(nodes, self._tail, self._transactions[:, :known].copy(), self._types)
        )
        _expect(are_hex_of(nodes, self._node("hash"), hashes(out, begins)))
        of_receipts, receipt_begins = _expect(
            runs.encoded_receipts(
                *(nodes, self._tail, self._receipts[:, : len(runs.RECEIPT)].copy()),
                *(self._types_of(self._receipt_node("type")), self._logs[:, : len(runs.LOG)].copy(), self._log_counts),
            )
        )
        for place, header in enumerate(self._headers):
            first, stop = self._firsts[place : place + 2].tolist()
            if root_faults("transactionsRoot", header.fields, out, begins[first : stop + 1]):
                raise _NotPlain
            if root_faults("receiptsRoot", header.fields, of_receipts, receipt_begins[first : stop + 1]):
                raise _NotPlain
            last = [{"hash": nodes.text(int(self._node("hash")[stop - 1]))}] if stop > first else []
            if state_syncs(header.fields, last):
                raise _NotPlain

    def _texts(self, at: Places, width: int, optional: bool = False) -> pa.Array:
        return _expect(texts(self._nodes, at, width, optional))

    def _integers(self, at: Places, optional: bool = False) -> pa.Array:
        return integer_array(_expect(integers(self._nodes, at, optional)))

    def _of_block(self) -> list[pa.Array]:
        """The first two columns of each table of transactions."""
        return [
            pa.array(self._repeated([header.number for header in self._headers])),
            pa.array(self._repeated([header.timestamp for header in self._headers])),
        ]

    def _transaction_table(self) -> pa.RecordBatch:
        whole, rest = _expect(gwei(self._nodes, self._node("value")))
        # The input was found to be hexadecimal when it was hashed.
        given = self._node("input")
        lengths = (self._nodes.ends[given] - self._nodes.starts[given]) // 2 - 1
        columns = [
            *self._of_block(),
            pa.array(self._places),
            self._texts(self._node("hash"), HASH),
            self._integers(self._node("nonce")),
            self._texts(self._node("from"), ADDRESS),
            self._texts(self._node("to"), ADDRESS, optional=True),
            pa.array(whole),
            pa.array(rest),
            self._integers(self._node("gas")),
            self._integers(self._node("gasPrice")),
            self._integers(self._node("maxFeePerGas"), optional=True),
            self._integers(self._node("maxPriorityFeePerGas"), optional=True),
            self._integers(self._node("maxFeePerBlobGas"), optional=True),
            pa.array(self._blob_counts()),
            pa.array(self._types),
            # The first four bytes of the input.
            cut(self._nodes, self._nodes.starts[given] + 2, np.where(lengths >= 4, SELECTOR - 2, 0)),
            pa.array(lengths),
            self._integers(self._receipt_node("gasUsed")),
            self._integers(self._receipt_node("status"), optional=True),
            self._texts(self._receipt_node("contractAddress"), ADDRESS, optional=True),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema.TRANSACTIONS)

    def _blob_counts(self) -> Places:
        """Blobs of each transaction; lists of strings, as was found when they were hashed."""
        at = self._node("blobVersionedHashes")
        if ((self._types != PLAIN_TYPES) & (at >= 0)).any():
            raise _NotPlain
        counts: Places = np.where(self._types == PLAIN_TYPES, self._nodes.nexts[at] - at - 1, 0)
        return counts

    def _receipt_table(self) -> pa.RecordBatch:
        prices, there = _expect(integers(self._nodes, self._receipt_node("effectiveGasPrice"), optional=True))
        offered, _ = _expect(integers(self._nodes, self._node("gasPrice")))
        columns = [
            *self._of_block(),
            pa.array(self._places),
            self._texts(self._receipt_node("transactionHash"), HASH),
            self._integers(self._receipt_node("gasUsed")),
            self._integers(self._receipt_node("cumulativeGasUsed")),
            pa.array(np.where(there, prices, offered)),
            pa.array(self._log_counts),
            self._integers(self._receipt_node("status"), optional=True),
            self._texts(self._receipt_node("root"), HASH, optional=True),
            self._texts(self._receipt_node("contractAddress"), ADDRESS, optional=True),
            self._integers(self._receipt_node("blobGasUsed"), optional=True),
            self._integers(self._receipt_node("blobGasPrice"), optional=True),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema.RECEIPTS)

    def _log_tables(self) -> tuple[pa.RecordBatch, pa.RecordBatch, Places]:
        """Logs, the token transfers among them, and which log each of these is."""
        nodes = self._nodes
        address, topics, content, index, of = np.ascontiguousarray(self._logs.T)
        topic_counts = nodes.nexts[topics] - topics - 1  # lists of strings, as was found when they were hashed
        some = [np.where(topic_counts > place, topics + 1 + place, -1) for place in range(4)]
        columns = [
            *(pa.array(np.repeat(one.to_numpy(), self._log_counts)) for one in self._of_block()),
            pa.array(np.repeat(self._places, self._log_counts)),
            self._integers(index),
            self._texts(of, HASH),
            self._texts(address, ADDRESS),
            self._texts(content, ANY),
            pa.array(topic_counts),
            *(self._texts(at, HASH, optional=True) for at in some),
        ]
        logs = pa.RecordBatch.from_arrays(columns, schema=schema.LOGS)
        return logs, *self._transfers(logs, topics, topic_counts, content)

    def _transfers(
        self, logs: pa.RecordBatch, topics: Places, counts: Places, content: Places
    ) -> tuple[pa.RecordBatch, Places]:
        """The token transfers among the logs, and which log each is."""
        nodes = self._nodes
        known = pc.fill_null(pc.equal(logs.column("topic0"), TRANSFER), False).to_numpy(zero_copy_only=False)
        kinds = standards(counts, nodes.ends[content] - nodes.starts[content]) * known
        rows = np.flatnonzero(kinds)
        # Where each word begins: first those of topics, then those of the data.
        indexed, begun = counts[rows] - 1, nodes.starts[content[rows]] + 2
        words = [
            np.where(indexed > place, nodes.starts[topics[rows] + 2 + place] + 2, begun + WORD * (place - indexed))
            for place in range(3)
        ]
        digits = np.full(len(rows), 2 * ADDRESS)
        sent, received = (cut(nodes, at + WORD - digits, digits) for at in words[:2])
        text = nodes.data.tobytes()
        amounts = [str(int(text[at : at + WORD], 16)) for at in words[2].tolist()]
        columns = [
            *(column.take(pa.array(rows)) for column in logs.columns[:6]),
            pa.array(kinds[rows]),
            *(sent, received, pa.array(amounts, pa.string())),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema.TOKEN_TRANSFERS), rows


def _places_of(*names: str) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


_TRANSACTION_AT = _places_of(*runs.TRANSACTION, "hash", "blockHash", "transactionIndex", "type", "from")
_RECEIPT_AT = _places_of(
    *(*runs.RECEIPT, "type", "transactionHash", "blockHash", "gasUsed", "effectiveGasPrice", "contractAddress"),
    *("blobGasUsed", "blobGasPrice"),
)
