"""One table of events, a row for each side of a transaction or of a token transfer, from what ingestion writes.

Two layouts come in: ingestion's own (value_gwei and value_wei_rest) and that of ethereum-etl (value in wei as decimal
text). What comes out is numbers that every engine reads alike: what needs big integers, text or a hash is done
here, batch by batch, so that an engine only compares and adds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from anomalyhive.errors import BadTable
from anomalyhive.metrics.sketching import address_marks, amount_marks

Ints = NDArray[np.int64]

GWEI_PER_MICRO = 1000
"""Sums are in microether (10^12 wei), so that they fit int64 for every address there is."""

MOST_MICRO = 1 << 43
"""Amounts above 8.8 million ether count as that much."""

SIZE_BOUNDS = tuple(10**power for power in range(3, 9))
"""Microether from which an amount has size 2 to 7: 0.001, 0.01, … 100 ether; 0 is nothing, 1 what is below."""

PLAIN_GAS = 21_000
"""Gas of a transfer without input (yellow paper, appendix G, G_transaction)."""

APPROVE, TRANSFER, TRANSFER_FROM = "0x095ea7b3", "0xa9059cbb", "0x23b872dd"
"""Selectors of ERC-20 (EIP-20)."""

MOST_BLOCK, MOST_INDEX = 1 << 40, 1 << 20

EVENT_COLUMNS: Mapping[str, tuple[str, bool]] = {
    "address": ("text", False),
    "block_number": ("blocks", True),
    "place": ("order", True),
    "time": ("unix seconds", True),
    "track": ("0 transaction, 1 token transfer", False),
    "sent": ("0 or 1", False),
    "received": ("0 or 1", False),
    "token_sent": ("0 or 1", False),
    "token_received": ("0 or 1", False),
    "micro": ("microether", False),
    "size": ("class", False),
    "magnitude": ("bits of gwei", False),
    "zeros": ("decimal zeros of wei", False),
    "failed": ("0 or 1", False),
    "created": ("0 or 1", False),
    "called": ("0 or 1", False),
    "approve": ("0 or 1", False),
    "transfer": ("0 or 1", False),
    "transfer_from": ("0 or 1", False),
    "input_magnitude": ("bits of bytes", False),
    "plain": ("0 or 1", False),
    "gas_magnitude": ("bits of gas", False),
    "gas_used_share": ("sixteenths", False),
    "hour": ("hour of day, UTC", False),
    "alone": ("0 or 1", False),
    "other": ("mark", False),
    "token": ("mark", False),
    "amount": ("mark", False),
}
"""Column -> (unit, whether it tells the era). Nonce and gas price are not even taken over."""


def event_table(transactions: pa.Table | None, token_transfers: pa.Table | None = None) -> pa.Table:
    """The events of both tables, in no particular order. Raises BadTable for columns or values that cannot be."""
    parts = []
    if transactions is not None:
        parts += _transaction_events(transactions)
    if token_transfers is not None:
        parts += _token_events(token_transfers)
    return pa.concat_tables(parts) if parts else _table({}, 0)


def _column(table: pa.Table, *names: str) -> pa.ChunkedArray:
    for name in names:
        if name in table.column_names:
            return table.column(name)
    raise BadTable(f"there is no column {' or '.join(names)}: the table has {', '.join(table.column_names)[:400]}")


def _numbers(table: pa.Table, *names: str, high: int = 1 << 62) -> Ints:
    """A column of integers from 0 to below ``high``; null is 0."""
    column = _column(table, *names)
    try:
        values = pc.cast(column, pa.int64()).fill_null(0).to_numpy()
    except pa.ArrowInvalid as error:
        raise BadTable(f"{names[0]} holds what is no integer: {str(error)[:200]}") from error
    found: Ints = np.asarray(values, dtype=np.int64)
    if found.size and not 0 <= int(found.min()) <= int(found.max()) < high:
        raise BadTable(f"{names[0]} is from {found.min()} to {found.max()}: from 0 to below {high} is possible")
    return found


def _addresses(table: pa.Table, name: str) -> pa.ChunkedArray:
    """A column of addresses in lower case; null where there is none (creations, and the makers of genesis)."""
    column = pc.utf8_lower(pc.cast(_column(table, name), pa.large_string()))
    nobody = pc.or_(pc.equal(column, ""), pc.starts_with(column, "genesis"))
    return pc.if_else(pc.fill_null(nobody, True), pa.scalar(None, pa.large_string()), column)


def _gwei(table: pa.Table) -> tuple[Ints, Ints, pa.ChunkedArray]:
    """Gwei (n,), decimal zeros at the end of the amount in wei (n,), and the amounts as text."""
    if "value_gwei" in table.column_names:
        gwei, rest = _numbers(table, "value_gwei"), _numbers(table, "value_wei_rest", high=10**9)
        high, low = (pa.chunked_array([pc.cast(pa.array(one), pa.large_string())]) for one in (gwei, rest))
        text = pc.binary_join_element_wise(high, pc.utf8_lpad(low, 9, "0"), pa.scalar("", pa.large_string()))
        text = pc.utf8_ltrim(text, "0")
        text = pc.if_else(pc.equal(text, ""), "0", text)
    else:
        text = pc.cast(_column(table, "value"), pa.large_string())
        right = pc.fill_null(pc.match_substring_regex(text, "^(0|[1-9][0-9]{0,26})$"), False)
        if len(text) and not pc.all(right).as_py():
            raise BadTable("value holds what is no amount in wei below 10^27: give decimal digits")
        whole = pc.utf8_slice_codeunits(text, 0, -9)
        gwei = pc.cast(pc.if_else(pc.equal(whole, ""), "0", whole), pa.int64()).to_numpy()
    zeros = pc.subtract(pc.utf8_length(text), pc.utf8_length(pc.utf8_rtrim(text, "0"))).to_numpy()
    return np.asarray(gwei, dtype=np.int64), np.asarray(zeros, dtype=np.int64), text


def _bit_length(values: Ints) -> Ints:
    """Bits of non-negative integers below 2^62, exactly."""
    found = np.zeros(values.shape, dtype=np.int64)
    rest = values.copy()
    for step in (32, 16, 8, 4, 2, 1):
        above = rest >= np.int64(1) << step
        found += np.where(above, step, 0)
        rest = np.where(above, rest >> step, rest)
    found += rest > 0
    return found


def _transaction_events(table: pa.Table) -> list[pa.Table]:
    block = _numbers(table, "block_number", high=MOST_BLOCK)
    index = _numbers(table, "transaction_index", high=MOST_INDEX)
    time = _numbers(table, "block_timestamp", high=1 << 40)
    gwei, zeros, text = _gwei(table)
    micro = np.minimum(gwei // GWEI_PER_MICRO, MOST_MICRO)
    gas, used = _numbers(table, "gas"), _numbers(table, "receipt_gas_used", "gas_used")
    selector = pc.fill_null(pc.cast(_column(table, "input_selector"), pa.large_string()), "0x")
    length = _numbers(table, "input_length")
    sender, receiver = _addresses(table, "from_address"), _addresses(table, "to_address")
    created_address = _addresses(table, "receipt_contract_address")
    created = created_address.is_valid().to_numpy()
    target = pc.coalesce(receiver, created_address)
    status = pc.fill_null(_column(table, "receipt_status"), 1)
    marks = {True: address_marks(sender), False: address_marks(target)}
    itself = pc.fill_null(pc.equal(sender, target), False).to_numpy()
    shared = {
        "block_number": block,
        "time": time,
        "micro": micro,
        "size": np.where(gwei > 0, 1 + np.searchsorted(SIZE_BOUNDS, micro, side="right"), 0),
        "magnitude": _bit_length(gwei),
        "zeros": np.where(text.to_numpy() == "0", 0, zeros),
        "failed": 1 - np.minimum(_values(status), 1),
        "created": created,
        "called": (length > 0) & ~created,
        "approve": _is(selector, APPROVE),
        "transfer": _is(selector, TRANSFER),
        "transfer_from": _is(selector, TRANSFER_FROM),
        "input_magnitude": _bit_length(length),
        "plain": gas == PLAIN_GAS,
        "gas_magnitude": _bit_length(gas),
        "gas_used_share": np.minimum(used, gas) // np.maximum(gas >> 4, 1),
        "hour": time // 3600 % 24,
        "alone": itself,
        "amount": amount_marks(text),
    }
    place = (block << 21) + (index << 1)
    sides = []
    for sends, owner in ((True, sender), (False, target)):
        here = owner.is_valid().to_numpy()
        columns = {
            **shared,
            "place": place + sends,
            "sent": np.full(len(block), sends),
            "received": np.full(len(block), not sends),
            "other": marks[not sends],
        }
        sides.append(_table({"address": owner, **columns}, len(block)).filter(pa.array(here)))
    return sides


def _token_events(table: pa.Table) -> list[pa.Table]:
    block = _numbers(table, "block_number", high=MOST_BLOCK)
    sender, receiver = _addresses(table, "from_address"), _addresses(table, "to_address")
    marks = {True: address_marks(sender), False: address_marks(receiver)}
    value = pc.cast(_column(table, "value"), pa.large_string())
    shared = {
        "block_number": block,
        "track": np.ones(len(block)),
        "size": ~_is(value, "0"),
        "token": address_marks(_addresses(table, "token_address")),
    }
    sides = []
    for sends, owner in ((True, sender), (False, receiver)):
        columns = {
            **shared,
            "place": (block << 21) + sends,
            "token_sent": np.full(len(block), sends),
            "token_received": np.full(len(block), not sends),
            "other": marks[not sends],
        }
        here = owner.is_valid().to_numpy()
        sides.append(_table({"address": owner, **columns}, len(block)).filter(pa.array(here)))
    return sides


def _is(column: pa.ChunkedArray, text: str) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.fill_null(pc.equal(column, text), False).to_numpy()
    return found


def _values(column: pa.ChunkedArray) -> Ints:
    return np.asarray(pc.cast(column, pa.int64()).to_numpy(), dtype=np.int64)


def _table(columns: Mapping[str, object], rows: int) -> pa.Table:
    """All EVENT_COLUMNS; those not given are 0, and marks that there are not are -1."""
    made = []
    for name, (unit, _) in EVENT_COLUMNS.items():
        value = columns.get(name)
        if name == "address":
            made.append(pc.cast(value, pa.string()) if value is not None else pa.array([], pa.string()))
        elif value is None:
            made.append(pa.array(np.full(rows, -1 if unit == "mark" else 0, dtype=np.int64)))
        else:
            made.append(pa.array(np.asarray(value).astype(np.int64)))
    return pa.table(made, names=list(EVENT_COLUMNS))
