"""The rows of plain answers as tables, column by column."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from anomalyhive.ingestion.evm import schema
from anomalyhive.ingestion.evm.arrays import (
    ANY,
    are_text,
    column,
    cut,
    gwei,
    integer_array,
    integer_columns,
    text_columns,
    texts,
)
from anomalyhive.ingestion.evm.plain_members import OF_RECEIPT, OF_TRANSACTION, Found, NotPlain, expect
from anomalyhive.ingestion.evm.transactions import SELECTOR
from anomalyhive.ingestion.evm.transfers import TRANSFER, WORD, standards
from anomalyhive.ingestion.evm.values import ADDRESS, HASH

Places = NDArray[np.int64]

BLOB_TYPE = 3
"""The type of transactions that carry blobs (EIP-4844)."""

TOPICS = ((HASH, True),) * 4
"""A log has up to four."""


class Tables:
    """The tables of answers whose seals hold; ``places`` are those of transactions in their blocks.

    Its methods raise NotPlain.
    """

    def __init__(self, found: Found, places: Places, types: Places) -> None:
        self._found, self._places, self._types = found, places, types
        own = [OF_TRANSACTION.index(name) for name in ("hash", "from", "to")]
        self._hash, self._sender, self._receiver = self._text_columns(
            found.transactions[:, own].copy(), (HASH, False), (ADDRESS, False), (ADDRESS, True)
        )
        own = [OF_RECEIPT.index(name) for name in ("root", "contractAddress")]
        self._root, self._created = self._text_columns(found.receipts[:, own].copy(), (HASH, True), (ADDRESS, True))

    def _texts(self, at: Places, width: int) -> pa.Array:
        return expect(texts(self._found.nodes, at, width))

    def _text_columns(self, at: Places, *columns: tuple[int, bool]) -> tuple[pa.Array, ...]:
        """Of nodes (n, columns), each column with its width and whether a value may be missing."""
        widths, optional = zip(*columns, strict=True)
        found: tuple[pa.Array, ...] = expect(text_columns(self._found.nodes, at, widths, optional))
        return found

    def _integers(self, name: str) -> pa.Array:
        return integer_array(self._found.integers[name])

    def _receipt_integers(self, name: str) -> pa.Array:
        return integer_array(self._found.receipt_integers[name])

    def _of_block(self) -> list[pa.Array]:
        """The first two columns of each table of transactions."""
        return [
            column(self._found.repeated([header.number for header in self._found.headers])),
            column(self._found.repeated([header.timestamp for header in self._found.headers])),
        ]

    def transactions(self) -> pa.RecordBatch:
        whole, rest = expect(gwei(self._found.nodes, self._found.node("value")))
        # The input was found to be hexadecimal when it was hashed.
        given = self._found.node("input")
        lengths = (self._found.nodes.ends[given] - self._found.nodes.starts[given]) // 2 - 1
        columns = [
            *self._of_block(),
            column(self._places),
            self._hash,
            self._integers("nonce"),
            self._sender,
            self._receiver,
            column(whole),
            column(rest),
            self._integers("gas"),
            self._integers("gasPrice"),
            self._integers("maxFeePerGas"),
            self._integers("maxPriorityFeePerGas"),
            self._integers("maxFeePerBlobGas"),
            column(self._blob_counts()),
            column(self._types),
            # The first four bytes of the input.
            cut(self._found.nodes, self._found.nodes.starts[given] + 2, np.where(lengths >= 4, SELECTOR - 2, 0)),
            column(lengths),
            self._receipt_integers("gasUsed"),
            self._receipt_integers("status"),
            self._created,
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema.TRANSACTIONS)

    def _blob_counts(self) -> Places:
        """Blobs of each transaction; lists of strings, as was found when they were hashed."""
        at = self._found.node("blobVersionedHashes")
        if ((self._types != BLOB_TYPE) & (at >= 0)).any():
            raise NotPlain
        counts: Places = np.where(self._types == BLOB_TYPE, self._found.nodes.nexts[at] - at - 1, 0)
        return counts

    def receipts(self) -> pa.RecordBatch:
        prices, there = self._found.receipt_integers["effectiveGasPrice"]
        offered, _ = self._found.integers["gasPrice"]
        columns = [
            *self._of_block(),
            column(self._places),
            self._hash,
            self._receipt_integers("gasUsed"),
            self._receipt_integers("cumulativeGasUsed"),
            column(np.where(there, prices, offered)),
            column(self._found.log_counts),
            self._receipt_integers("status"),
            self._root,
            self._created,
            self._receipt_integers("blobGasUsed"),
            self._receipt_integers("blobGasPrice"),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema.RECEIPTS)

    def logs(self) -> tuple[pa.RecordBatch, pa.RecordBatch, Places]:
        """Logs, the token transfers among them, and which log each of these is."""
        nodes = self._found.nodes
        address, topics, content, index, of = np.ascontiguousarray(self._found.logs.T)
        topic_counts = nodes.nexts[topics] - topics - 1  # lists of strings, as was found when they were hashed
        some = [np.where(topic_counts > place, topics + 1 + place, -1) for place in range(4)]
        text = self._text_columns(
            np.stack([of, address, content, *some], axis=1), (HASH, False), (ADDRESS, False), (ANY, False), *TOPICS
        )
        numbers, there = expect(integer_columns(nodes, index.reshape(-1, 1), [False]))
        columns = [
            *(column(np.repeat(one.to_numpy(), self._found.log_counts)) for one in self._of_block()),
            column(np.repeat(self._places, self._found.log_counts)),
            integer_array((numbers[0], there[0])),
            *text[:3],
            column(topic_counts),
            *text[3:],
        ]
        logs = pa.RecordBatch.from_arrays(columns, schema=schema.LOGS)
        return logs, *self._transfers(logs, topic_counts)

    def _transfers(self, logs: pa.RecordBatch, counts: Places) -> tuple[pa.RecordBatch, Places]:
        """The token transfers among the logs, and which log each is."""
        nodes = self._found.nodes
        address, topics, content, _, of = np.ascontiguousarray(self._found.logs.T)
        kinds = standards(counts, nodes.ends[content] - nodes.starts[content])
        kinds[counts > 0] *= are_text(logs.column("topic0"), TRANSFER)
        kinds[counts == 0] = 0
        rows = np.flatnonzero(kinds)
        # Where each word begins: first those of topics, then those of the data.
        indexed, begun = counts[rows] - 1, nodes.starts[content[rows]] + 2
        words = [
            np.where(indexed > place, nodes.starts[topics[rows] + 2 + place] + 2, begun + WORD * (place - indexed))
            for place in range(3)
        ]
        digits = np.full(len(rows), 2 * ADDRESS)
        sent, received = (cut(nodes, at + WORD - digits, digits) for at in words[:2])
        amounts = [str(int(word, 16)) for word in cut(nodes, words[2], np.full(len(rows), WORD)).to_pylist()]
        columns = [
            *(column(one.to_numpy()[rows]) for one in logs.columns[:4]),
            *(self._texts(of[rows], HASH), self._texts(address[rows], ADDRESS)),
            column(kinds[rows]),
            *(sent, received, pa.array(amounts, pa.string())),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema.TOKEN_TRANSFERS), rows
