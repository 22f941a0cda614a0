"""An ethereum-etl folder as blocks of an EVM chain: the same tables, and null where the files say nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from anomalyhive.errors import BadTable
from anomalyhive.ingestion.block import Block, Row, Unreadable
from anomalyhive.ingestion.chains import Chain
from anomalyhive.ingestion.evm.schema import INTEGER, SCHEMAS
from anomalyhive.ingestion.files.folder import Cells, Folder
from anomalyhive.ingestion.transport.client import parse

KEYS = {
    "blocks": "number",
    "transactions": "block_number",
    "receipts": "block_number",
    "logs": "block_number",
    "token_transfers": "block_number",
}
"""Table -> where ethereum-etl has the block's number."""

NAMES = {
    "base_fee_per_gas_wei": "base_fee_per_gas",
    "gas_price_wei": "gas_price",
    "max_fee_per_gas_wei": "max_fee_per_gas",
    "max_priority_fee_per_gas_wei": "max_priority_fee_per_gas",
    "max_fee_per_blob_gas_wei": "max_fee_per_blob_gas",
    "effective_gas_price_wei": "effective_gas_price",
    "blob_gas_price_wei": "blob_gas_price",
}
"""Our column -> ethereum-etl's, where they differ."""

GWEI = 10**9
LARGEST = (1 << 63) - 1
MOST_WEI = 1 << 256

WITHDRAWALS = "withdrawals"
"""A table of ours, and the column of ethereum-etl's blocks that holds its rows."""

WITHDRAWAL = {
    "withdrawal_index": "index",
    "validator_index": "validator_index",
    "address": "address",
    "amount_gwei": "amount",
}
"""Our column -> the member of a withdrawal in ethereum-etl's list."""

FILE_SCHEMAS = {
    table: pa.schema([one.with_nullable(one.name != "block_number") for one in SCHEMAS[table]])
    for table in (*KEYS, WITHDRAWALS)
}
"""The tables of the chain, every column nullable but the number of the block."""


class EvmFiles:
    """A `Source` over a folder of ethereum-etl's CSV, Parquet or JSON files; raises BadTable naming file or row.

    A value that cannot be one makes its block unreadable. Header hashes cannot be recomputed, since ethereum-etl
    leaves out fields. Without a `blocks` table hashes are not known at all: a block's is empty, and so are the
    manifest's.
    """

    def __init__(self, chain: Chain, path: Path) -> None:
        self._folder = Folder(path, KEYS)
        self._chain = chain
        self.chain_id: int | str | None = chain.chain_id
        self._tables = [*self._folder.columns]
        if WITHDRAWALS in self._folder.columns.get("blocks", ()):
            self._tables.append(WITHDRAWALS)
        self._no_rows: dict[str, list[Row]] = {table: [] for table in self._tables}

    @property
    def schemas(self) -> Mapping[str, pa.Schema]:
        """Of the tables that are there."""
        return {table: FILE_SCHEMAS[table] for table in self._tables}

    def head(self) -> int:
        """The number of the last block with anything in the files."""
        return self._folder.last()

    def hash_of(self, number: int) -> bytes:
        """The hash of a block, empty where the files have none."""
        for _, (row, *_rest) in self._folder.by_block("blocks", range(number, number + 1)):
            return _hash(row, "hash")
        return b""

    def blocks(self, numbers: range) -> Iterator[Block | Unreadable]:
        """The blocks with these numbers; one with nothing in any table is empty, or missing where blocks are listed."""
        streams = {table: self._folder.by_block(table, numbers) for table in self._folder.columns}
        waiting = {table: next(stream, None) for table, stream in streams.items()}
        for number in numbers:
            given: dict[str, list[Cells]] = {}
            for table, stream in streams.items():
                first = waiting[table]
                if first is not None and first[0] == number:
                    given[table] = first[1]
                    waiting[table] = next(stream, None)
            try:
                yield self._block(number, given)
            except BadTable as error:
                yield Unreadable(number, f"value: {error}", _raw(given))

    def close(self) -> None:
        """Close the files."""
        self._folder.close()

    def _block(self, number: int, given: Mapping[str, list[Cells]]) -> Block | Unreadable:
        if not given and "blocks" not in self._folder.columns:
            return Block(
                number, b"", b"", self._no_rows
            )  # most of a range, where the files are a selection of transactions
        listed = given.get("blocks", [])
        if "blocks" in self._folder.columns and len(listed) != 1:
            return Unreadable(number, f"block: the files have {len(listed)} rows for it, and 1 is expected")
        transactions = given.get("transactions", [])
        when = listed[0].get("timestamp") if listed else None
        when = when or next((one["block_timestamp"] for one in transactions if one.get("block_timestamp")), None)
        given = {**given, WITHDRAWALS: _withdrawals(listed)}
        receipts = {one.get("transaction_index"): one for one in given.get("receipts", [])}
        rows = {}
        for table in self._tables:
            own: Cells = {"block_timestamp": when, "block_number": str(number)}
            made = [{**_renamed(one), **own} for one in given.get(table, [])]
            if table == "transactions":
                made = [{**one, **_receipt_of(one, receipts)} for one in made]
            rows[table] = [_row(table, one) for one in made]
        faults = tuple(_faults(listed, transactions, "transactions" in self._folder.columns))
        hashes = [_hash(listed[0], name) for name in ("hash", "parent_hash")] if listed else [b"", b""]
        return Block(number, hashes[0], hashes[1], rows, faults, _raw(given) if faults else b"")


def _raw(given: Mapping[str, list[Cells]]) -> bytes:
    """What the files have of a block, for the quarantine."""
    return json.dumps({table: rows for table, rows in given.items() if rows}).encode()


def _faults(listed: list[Cells], transactions: list[Cells], there: bool) -> Iterator[str]:
    """What does not hold of a block's transactions; ``there`` is whether the files have any of any block."""
    count = listed[0].get("transaction_count") if listed and there else None
    if count is not None and count != str(len(transactions)):
        yield f"transaction count: the block says {count}, the files have {len(transactions)}"
    places = [one.get("transaction_index") for one in transactions]
    if len(set(places)) != len(places):
        yield "transaction: two of the block stand at one place"
    elif listed and places != [str(place) for place in range(len(places))]:
        yield f"transaction: the {len(places)} of the block stand at {', '.join(map(str, places))[:80]}"
    for one in transactions:
        if listed and one.get("block_hash") not in (None, "", listed[0].get("hash")):
            yield f"transaction: {str(one.get('hash'))[:80]!r} says it is of block {str(one.get('block_hash'))[:80]}"


def _list_of(cells: Cells, name: str, table: str) -> list[Any]:
    """A cell's list: JSON, or as ethereum-etl writes it in CSV, the items with commas between. Raises BadTable."""
    text = (cells.get(name) or "").strip()
    if text and not text.startswith("["):
        text = f"[{text}]" if text.startswith("{") else json.dumps([one for one in text.split(",") if one])
    try:
        found = parse(text.encode()) if text else []
    except ValueError as error:
        raise BadTable(f"{table}, row {cells.get('#')}, column {name!r}: {text[:80]!r} is no list") from error
    return found if isinstance(found, list) else []


def _withdrawals(listed: list[Cells]) -> list[Cells]:
    """The withdrawals of a block as rows. Raises BadTable."""
    rows: list[Cells] = []
    for block in listed:
        for one in _list_of(block, WITHDRAWALS, "blocks"):
            if not isinstance(one, dict) or any(one.get(name) is None for name in WITHDRAWAL.values()):
                raise BadTable(f"blocks, row {block.get('#')}: {str(one)[:80]!r} is no withdrawal")
            rows.append({**{ours: str(one[theirs]) for ours, theirs in WITHDRAWAL.items()}, "#": block.get("#")})
    return rows


def _renamed(cells: Cells) -> Cells:
    return {**cells, **{ours: cells[theirs] for ours, theirs in NAMES.items() if theirs in cells}}


def _receipt_of(one: Cells, receipts: Mapping[Any, Cells]) -> Cells:
    """What a transaction's row takes from its receipt, where it does not have it already."""
    receipt = receipts.get(one.get("transaction_index"), {})
    return {
        f"receipt_{name}": one.get(f"receipt_{name}") or receipt.get(name)
        for name in ("gas_used", "status", "contract_address")
    }


def _row(table: str, cells: Cells) -> Row:
    values: dict[str, Any] = {}
    for one in SCHEMAS[table]:
        # CSV cannot tell an empty text from none; nothing in these tables is an empty text.
        text = cells.get(one.name) or None
        values[one.name] = None if text is None else _integer(table, cells, one.name) if one.type == INTEGER else text
    values.update(_derived(table, cells))
    return tuple(values[one.name] for one in SCHEMAS[table])


def _derived(table: str, cells: Cells) -> dict[str, Any]:
    """Columns that follow from ones of another form."""
    derived: dict[str, Any] = {}
    if table == "transactions":
        if cells.get("value") is not None:
            value = _integer(table, cells, "value", MOST_WEI)
            derived["value_gwei"], derived["value_wei_rest"] = divmod(value, GWEI)
        if cells.get("input") is not None:
            data = str(cells["input"])
            derived["input_length"] = max(0, len(data) - 2) // 2
            derived["input_selector"] = data[:10] if len(data) >= 10 else "0x"
    if table == "blocks" and WITHDRAWALS in cells and cells.get("withdrawals_root"):
        derived["withdrawal_count"] = len(_list_of(cells, WITHDRAWALS, table))
    if table == "logs":
        topics = [str(one) for one in _list_of(cells, "topics", table)]
        derived["topic_count"] = len(topics)
        derived.update({f"topic{place}": topics[place] if place < len(topics) else None for place in range(4)})
    return derived


def _integer(table: str, cells: Cells, name: str, limit: int = LARGEST) -> int:
    """The cell as an integer of at least 0; BadTable for anything else, decimals and exponents too."""
    text = str(cells.get(name))
    if not text.isascii() or not text.isdigit() or len(text) > 78 or int(text) > limit:
        raise BadTable(
            f"{table}, row {cells.get('#')}, column {name!r}: {text[:40]!r} is no whole number from 0 to {limit}: "
            "export the table anew"
        )
    return int(text)


def _hash(cells: Cells, name: str) -> bytes:
    text = cells.get(name) or ""
    try:
        if len(text) == 66 and text.startswith("0x"):
            return bytes.fromhex(text[2:])
    except ValueError:
        pass
    raise BadTable(f"blocks, row {cells.get('#')}, column {name!r}: {text[:80]!r} is no hash: export the table anew")
