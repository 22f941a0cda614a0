"""Nodes of transactions and receipts as runs of tokens, for `tokens.encode_tokens`, in machine code."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

from anomalyhive.ingestion.evm.envelopes import FIELDS
from anomalyhive.ingestion.evm.scan import LIST, MAP, NULL, STRING, Names, Nodes, is_text, packed_names
from anomalyhive.ingestion.evm.tokens import BARE, BYTES, CLOSE, OPEN, QUANTITY, encode_tokens

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]

TRANSACTION = tuple(dict.fromkeys(name for kind in range(4) for name in FIELDS[kind]))
"""Names of what the types 0 to 3 hash."""

RECEIPT = ("status", "root", "cumulativeGasUsed", "logsBloom", "logs")
LOG = ("address", "topics", "data")

PLAIN, DATA, RECEIVER, HASHES, ACCESS = range(5)
"""How a field of a transaction is encoded: quantity, bytes, bytes or none, list of bytes, access list."""

WAYS = np.array(
    [
        {"input": DATA, "to": RECEIVER, "blobVersionedHashes": HASHES, "accessList": ACCESS}.get(name, PLAIN)
        for name in TRANSACTION
    ]
)

ORDERS = np.full((4, max(len(FIELDS[kind]) for kind in range(4))), -1, np.int64)
"""Type -> the fields of a transaction in their order, as places in TRANSACTION."""
for _kind in range(4):
    ORDERS[_kind, : len(FIELDS[_kind])] = [TRANSACTION.index(name) for name in FIELDS[_kind]]

ENTRY: Names = packed_names("address", "storageKeys")
"""Members of an entry of an access list."""

TAIL = b"0x010x020x030x"
"""Stands behind the text: types as hexadecimal, and no bytes at all."""

EMPTY_AT = 12
"""Where in TAIL `0x` stands."""


def encoded_transactions(nodes: Nodes, tail: int, found: Places, types: Places) -> tuple[Bytes, Places] | None:
    """Encodings of transactions with nodes (n, TRANSACTION), one after the other, and where each begins.

    ``tail`` is where TAIL stands. None where one cannot be encoded.
    """
    lists = found[:, [TRANSACTION.index(name) for name in ("accessList", "blobVersionedHashes")]]
    inside = ((nodes.nexts[lists] - lists) * (lists >= 0)).sum()
    run = _Run(2 * int(inside) + (ORDERS.shape[1] + 6) * len(found), len(found))
    count = _transactions(
        *(nodes.data, nodes.kinds, nodes.starts, nodes.ends, nodes.nexts, tail, found, types, ORDERS, WAYS, *ENTRY),
        *run.arrays,
    )
    return run.encoded(nodes, count)


def encoded_receipts(
    nodes: Nodes, tail: int, found: Places, types: Places, logs: Places, counts: Places
) -> tuple[Bytes, Places] | None:
    """The same of receipts with nodes (n, RECEIPT), whose logs (m, LOG) are so many each."""
    run = _Run(12 * len(found) + 12 * len(logs), len(found))
    count = _receipts(
        *(nodes.kinds, nodes.starts, nodes.ends, nodes.nexts, tail, found, types, logs, counts),
        *run.arrays,
    )
    return run.encoded(nodes, count)


class _Run:
    """Room for tokens."""

    def __init__(self, tokens: int, items: int) -> None:
        self._kinds = np.empty(tokens, np.uint8)
        self._firsts, self._stops = np.empty(tokens, np.int64), np.empty(tokens, np.int64)
        self._items = np.zeros(items + 1, np.int64)
        self.arrays = (self._kinds, self._firsts, self._stops, self._items)

    def encoded(self, nodes: Nodes, count: int) -> tuple[Bytes, Places] | None:
        if count < 0:
            return None
        given = (self._firsts[:count], self._stops[:count], self._kinds[:count], self._items)
        out, begins, wrong = encode_tokens(nodes.data, *given)
        return None if wrong >= 0 else (out, begins)


@numba.njit(cache=True, nogil=True)
def _put(kinds: Bytes, firsts: Places, stops: Places, at: int, kind: int, first: int, stop: int) -> int:
    kinds[at], firsts[at], stops[at] = kind, first, stop
    return at + 1


@numba.njit(cache=True, nogil=True)
def _strings(
    kinds: Bytes, starts: Places, ends: Places, nexts: Places, node: int, out: Bytes, firsts: Any, stops: Any, at: int
) -> int:
    """Tokens of a list of bytes; -1 where it is none."""
    at = _put(out, firsts, stops, at, OPEN, 0, 0)
    if node >= 0 and kinds[node] != NULL:
        if kinds[node] != LIST:
            return -1
        one = node + 1
        while one < nexts[node]:
            if kinds[one] != STRING:
                return -1
            at = _put(out, firsts, stops, at, BYTES, starts[one], ends[one])
            one = nexts[one]
    return _put(out, firsts, stops, at, CLOSE, 0, 0)


@numba.njit(cache=True, nogil=True)
def _access_list(
    data: Bytes,
    kinds: Bytes,
    starts: Places,
    ends: Places,
    nexts: Places,
    node: int,
    names: Bytes,
    offsets: Places,
    out: Bytes,
    firsts: Places,
    stops: Places,
    at: int,
) -> int:
    """Tokens of an access list (EIP-2930); -1 where it is none."""
    at = _put(out, firsts, stops, at, OPEN, 0, 0)
    if node >= 0 and kinds[node] != NULL:
        if kinds[node] != LIST:
            return -1
        one = node + 1
        while one < nexts[node]:
            if kinds[one] != MAP:
                return -1
            address, keys, member = -1, -1, one + 1
            while member < nexts[one]:
                if is_text(data, starts[member], ends[member], names, offsets[0], offsets[1]):
                    address = member + 1
                elif is_text(data, starts[member], ends[member], names, offsets[1], offsets[2]):
                    keys = member + 1
                member = nexts[member + 1]
            if address < 0 or kinds[address] != STRING:
                return -1
            at = _put(out, firsts, stops, at, OPEN, 0, 0)
            at = _put(out, firsts, stops, at, BYTES, starts[address], ends[address])
            at = _strings(kinds, starts, ends, nexts, keys, out, firsts, stops, at)
            if at < 0:
                return -1
            at = _put(out, firsts, stops, at, CLOSE, 0, 0)
            one = nexts[one]
    return _put(out, firsts, stops, at, CLOSE, 0, 0)


@numba.njit(cache=True, nogil=True)
def _transactions(
    data: Bytes,
    kinds: Bytes,
    starts: Places,
    ends: Places,
    nexts: Places,
    tail: int,
    found: Any,
    types: Places,
    orders: Any,
    ways: Places,
    names: Bytes,
    offsets: Places,
    out: Bytes,
    firsts: Places,
    stops: Places,
    items: Places,
) -> int:
    """The number of tokens, -1 where a value is not what it must be."""
    at, empty = 0, tail + EMPTY_AT
    for row in range(len(found)):
        if types[row]:
            begin = tail + 4 * (types[row] - 1)
            at = _put(out, firsts, stops, at, BARE, begin, begin + 4)
        at = _put(out, firsts, stops, at, OPEN, 0, 0)
        for field in orders[types[row]]:
            if field < 0:
                break
            node, way = found[row, field], ways[field]
            if way == HASHES:
                at = _strings(kinds, starts, ends, nexts, node, out, firsts, stops, at)
            elif way == ACCESS:
                at = _access_list(data, kinds, starts, ends, nexts, node, names, offsets, out, firsts, stops, at)
            elif way == RECEIVER and (node < 0 or kinds[node] == NULL):
                at = _put(out, firsts, stops, at, BYTES, empty, empty + 2)
            elif node < 0 or kinds[node] != STRING:
                return -1
            else:
                kind = QUANTITY if way == PLAIN else BYTES
                at = _put(out, firsts, stops, at, kind, starts[node], ends[node])
            if at < 0:
                return -1
        at = _put(out, firsts, stops, at, CLOSE, 0, 0)
        items[row + 1] = at
    return at


@numba.njit(cache=True, nogil=True)
def _receipts(
    kinds: Bytes,
    starts: Places,
    ends: Places,
    nexts: Places,
    tail: int,
    found: Any,
    types: Places,
    logs: Any,
    counts: Places,
    out: Bytes,
    firsts: Places,
    stops: Places,
    items: Places,
) -> int:
    """The same for receipts."""
    at, log = 0, 0
    for row in range(len(found)):
        if types[row]:
            begin = tail + 4 * (types[row] - 1)
            at = _put(out, firsts, stops, at, BARE, begin, begin + 4)
        at = _put(out, firsts, stops, at, OPEN, 0, 0)
        status, root, gas, bloom = found[row, 0], found[row, 1], found[row, 2], found[row, 3]
        by_root = status < 0 or kinds[status] == NULL
        first = root if by_root else status
        if first < 0 or gas < 0 or bloom < 0:
            return -1
        if kinds[first] != STRING or kinds[gas] != STRING or kinds[bloom] != STRING:
            return -1
        at = _put(out, firsts, stops, at, BYTES if by_root else QUANTITY, starts[first], ends[first])
        at = _put(out, firsts, stops, at, QUANTITY, starts[gas], ends[gas])
        at = _put(out, firsts, stops, at, BYTES, starts[bloom], ends[bloom])
        at = _put(out, firsts, stops, at, OPEN, 0, 0)
        for _ in range(counts[row]):
            address, topics, bytes_ = logs[log, 0], logs[log, 1], logs[log, 2]
            if address < 0 or topics < 0 or bytes_ < 0 or kinds[topics] != LIST:
                return -1
            if kinds[address] != STRING or kinds[bytes_] != STRING or nexts[topics] - topics > 5:
                return -1
            at = _put(out, firsts, stops, at, OPEN, 0, 0)
            at = _put(out, firsts, stops, at, BYTES, starts[address], ends[address])
            at = _strings(kinds, starts, ends, nexts, topics, out, firsts, stops, at)
            if at < 0:
                return -1
            at = _put(out, firsts, stops, at, BYTES, starts[bytes_], ends[bytes_])
            at = _put(out, firsts, stops, at, CLOSE, 0, 0)
            log += 1
        at = _put(out, firsts, stops, at, CLOSE, 0, 0)
        at = _put(out, firsts, stops, at, CLOSE, 0, 0)
        items[row + 1] = at
    return at
