"""Blocks of plain answers, read as a whole in machine code: the rows and checks of `decode`, many times as fast.

What is read here is as it must be in every respect. Where anything is not, or is merely unusual, nothing is read, and
`decode` says of each block what it is and what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anomalyhive.ingestion.block import Block
from anomalyhive.ingestion.evm import runs
from anomalyhive.ingestion.evm.arrays import are_hex_of, same_texts
from anomalyhive.ingestion.evm.decode import block_table, withdrawal_table
from anomalyhive.ingestion.evm.plain_members import Column, Found, NotPlain, expect
from anomalyhive.ingestion.evm.plain_tables import Tables
from anomalyhive.ingestion.evm.scan import NULL, Nodes, members_of, packed_names, scan
from anomalyhive.ingestion.evm.sealing import root_faults, state_syncs
from anomalyhive.ingestion.evm.tokens import hashes
from anomalyhive.ingestion.evm.values import HASH, Malformed, data, integer, required

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Json = Mapping[str, Any]

PLAIN_TYPES = 3
"""Types of transactions up to this one are read here; lists of authorizations (EIP-7702) are left to `decode`."""

MOST_GAS = 1 << 40
"""Of a transaction: far more than a block of any chain has, and small enough that sums do not overflow."""

ANSWER = packed_names("id", "result", "error")
"""Members of an answer to a call."""


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
        return _Batch(Found(nodes, tail, results[::2], results[1::2])).blocks()
    except (NotPlain, Malformed):
        return None


def _results(nodes: Nodes, ids: Sequence[int]) -> list[int]:
    """The nodes of the results, in the order of the calls."""
    members, _ = expect(members_of(nodes, np.zeros(1, np.int64), ANSWER))
    asked, results, errors = members.T
    if len(members) != len(ids) or (members[:, :2] < 0).any() or (nodes.kinds[errors[errors >= 0]] != NULL).any():
        raise NotPlain
    by_id = dict(zip(map(nodes.text, asked.tolist()), results.tolist(), strict=True))
    if by_id.keys() != {str(one) for one in ids}:
        raise NotPlain
    return [by_id[str(one)] for one in ids]


class _Batch:
    """The blocks of an answer together: what is done is done for all their transactions at once."""

    def __init__(self, found: Found) -> None:
        self._found = found

    def blocks(self) -> list[Block]:
        """All of them, checked."""
        self._check_places()
        self._check_seals()
        found, columns = self._found, Tables(self._found, self._places, self._types)
        tables = {"transactions": columns.transactions(), "receipts": columns.receipts()}
        logs = columns.logs()
        log_firsts = np.concatenate([np.zeros(1, np.int64), np.cumsum(found.log_counts)])[found.firsts]
        transfer_firsts = np.searchsorted(logs[2], log_firsts)
        of_blocks = block_table([header.fields for header in found.headers], found.counts.tolist())
        made = []
        for place, header in enumerate(found.headers):
            first, stop = found.firsts[place : place + 2].tolist()
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

    def _check_places(self) -> None:
        """Transactions and receipts stand where they say, and the gas adds up."""
        found, nodes = self._found, self._found.nodes
        block_hashes = found.repeated([header.hash_node for header in found.headers])
        expect(same_texts(nodes, found.node("blockHash"), block_hashes))
        expect(same_texts(nodes, found.receipt_node("blockHash"), block_hashes))
        expect(same_texts(nodes, found.receipt_node("transactionHash"), found.node("hash")))
        indices, _ = found.integers["transactionIndex"]
        self._places = np.arange(len(indices)) - found.repeated(found.firsts[:-1].tolist())
        self._types = _known(found.integers["type"])
        used, _ = found.receipt_integers["gasUsed"]
        added, _ = found.receipt_integers["cumulativeGasUsed"]
        if (indices != self._places).any() or (used > MOST_GAS).any():
            raise NotPlain
        running = np.concatenate([np.zeros(1, np.int64), np.cumsum(used)])
        before = running[found.firsts]
        if (running[1:] - found.repeated(before[:-1].tolist()) != added).any():
            raise NotPlain
        for total, header in zip(np.diff(before).tolist(), found.headers, strict=True):
            if total != integer(required(header.fields, "gasUsed"), "gasUsed"):
                raise NotPlain

    def _check_seals(self) -> None:
        """Ids are those of the fields, and roots those of the header."""
        found, nodes, known = self._found, self._found.nodes, len(runs.TRANSACTION)
        out, begins = expect(
            runs.encoded_transactions(nodes, found.tail, found.transactions[:, :known].copy(), self._types)
        )
        expect(are_hex_of(nodes, found.node("hash"), hashes(out, begins)))
        of_receipts, receipt_begins = expect(
            runs.encoded_receipts(
                *(nodes, found.tail, found.receipts[:, : len(runs.RECEIPT)].copy()),
                *(_known(found.receipt_integers["type"]), found.logs[:, : len(runs.LOG)].copy(), found.log_counts),
            )
        )
        for place, header in enumerate(found.headers):
            first, stop = found.firsts[place : place + 2].tolist()
            if root_faults("transactionsRoot", header.fields, out, begins[first : stop + 1]):
                raise NotPlain
            if root_faults("receiptsRoot", header.fields, of_receipts, receipt_begins[first : stop + 1]):
                raise NotPlain
            last = [{"hash": nodes.text(int(found.node("hash")[stop - 1]))}] if stop > first else []
            if state_syncs(header.fields, last):
                raise NotPlain


def _known(column: Column) -> Places:
    """Types of transactions, 0 where none is told. Raises NotPlain for one that is not read here."""
    types, _ = column
    if (types > PLAIN_TYPES).any():
        raise NotPlain
    return types
