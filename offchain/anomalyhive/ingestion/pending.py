"""Blocks that have been read and checked and are in no part yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from anomalyhive.ingestion.block import Block, Row, Unreadable
from anomalyhive.ingestion.shard.parts import Link, Parts, Quarantined


@dataclass(frozen=True)
class PartSize:
    """When a part is written: at so many ``rows`` of all tables together, or so many ``blocks`` if they hold few.

    It is what a kill costs, and what is held in memory; the finished tables do not depend on it.
    """

    rows: int = 1 << 15
    blocks: int = 1 << 12


class Pending:
    """Takes blocks in their order; `flush` makes them the next part."""

    def __init__(self, schemas: Mapping[str, pa.Schema], size: PartSize) -> None:
        self._schemas = schemas
        self._size = size
        self.links: list[Link] = []
        self._tables: list[dict[str, pa.RecordBatch]] = []
        self._quarantined: list[Quarantined] = []
        self._rows = 0

    @property
    def full(self) -> bool:
        """Whether there is enough for a part."""
        return self._rows >= self._size.rows or len(self.links) >= self._size.blocks

    def keep(self, block: Block, tables: dict[str, pa.RecordBatch]) -> None:
        """A block that is as it must be."""
        self.links.append(Link(block.number, block.hash.hex(), block.parent_hash.hex(), sound=True, kept=True))
        self._tables.append(tables)
        self._rows += sum(batch.num_rows for batch in tables.values())

    def set_aside(self, number: int, block: Block | Unreadable, reasons: Sequence[str]) -> None:
        """A block that is not; it stands in the chain all the same if its hash was read."""
        read = isinstance(block, Block) and block.number == number
        hash_, parent = (
            (block.hash.hex(), block.parent_hash.hex()) if isinstance(block, Block) and read else (None, None)
        )
        sound = isinstance(block, Block) and read and not block.faults
        self.links.append(Link(number, hash_, parent, sound=sound, kept=False))
        self._tables.append({})
        self._quarantined.append(Quarantined(number, tuple(reasons), _text(block.raw)))
        self._rows += 1

    def drop_after(self, number: int) -> None:
        """Forget the blocks above ``number``."""
        kept = sum(link.number <= number for link in self.links)
        del self.links[kept:], self._tables[kept:]
        self._quarantined = [one for one in self._quarantined if one.number <= number]
        self._rows = sum(batch.num_rows for tables in self._tables for batch in tables.values()) + len(
            self._quarantined
        )

    def flush(self, parts: Parts) -> None:
        """Write what there is as the next part."""
        if self.links:
            tables = {name: [one[name] for one in self._tables if name in one] for name in self._schemas}
            parts.append(self.links, self._quarantined, tables)
            self.drop_after(self.links[0].number - 1)


def as_batches(schemas: Mapping[str, pa.Schema], block: Block) -> dict[str, pa.RecordBatch]:
    """A block's rows as batches of the tables' schemas. Raises ValueError for a row that does not fit."""
    if unknown := block.rows.keys() - schemas.keys():
        raise ValueError(f"table {min(unknown)!r} is none of {', '.join(schemas)}")
    return {name: _batch(name, schemas[name], rows) for name, rows in block.rows.items() if len(rows)}


def _batch(name: str, schema: pa.Schema, rows: Sequence[Row] | pa.RecordBatch) -> pa.RecordBatch:
    if isinstance(rows, pa.RecordBatch):
        if rows.schema != schema:
            raise ValueError(f"table {name} has other columns than its schema")
        return rows
    width = len(schema)
    if any(len(row) != width for row in rows):
        raise ValueError(f"a row of table {name} has not {width} values")
    columns = []
    for field, values in zip(schema, zip(*rows, strict=True), strict=True):
        columns.append(_column(name, field, values))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(name: str, field: pa.Field, values: Sequence[Any]) -> pa.Array:
    try:
        if any(isinstance(value, float) for value in values):  # Arrow would take 1.0 for an integer
            raise ValueError("a float")
        array = pa.array(values, field.type)
    except (pa.ArrowException, ValueError, TypeError, OverflowError) as error:
        raise ValueError(f"column {field.name} of table {name} does not take a value ({error})") from error
    if not field.nullable and array.null_count:
        raise ValueError(f"column {field.name} of table {name} has no value")
    return array


def _text(raw: bytes) -> str:
    """What was given, as text; hexadecimal where it is none."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return f"0x{raw.hex()}"
