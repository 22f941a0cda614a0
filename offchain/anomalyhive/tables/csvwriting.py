"""Table to CSV: what read_table reads back bit for bit."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from anomalyhive.core.features import from_image
from anomalyhive.errors import BadTable
from anomalyhive.tables.files import write_text
from anomalyhive.tables.table import Table

EXACT_INTEGERS = float(1 << 53)
"""Below this magnitude a whole float64 is written without its .0."""

NEEDS_QUOTES = re.compile('[",\r\n\ufeff]')
"""Characters of RFC 4180, section 2, and the byte order mark, which would be taken for one at the file's start."""


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Rows as CSV with \\n at line ends. Not csv.writer: with that line end it leaves a lone \\r in a cell bare."""
    return "".join(",".join(map(_quoted, row)) + "\n" for row in rows)


def write_table(
    table: Table,
    path: Path | str,
    label: str,
    id: str | None = None,  # noqa: A002 - as read_table
) -> None:
    """Write a labelled table: id column if there are ids, features, label. Raises BadTable, StoreUnusable."""
    if not table.is_labelled:
        raise BadTable(f"{path}: the table has no labels to write as {label!r}")
    if (table.ids is None) != (id is None):
        raise BadTable(f"{path}: name an id column ({id!r} was given) exactly if the table has ids")
    rows = [
        [*map(_decimal, values), str(flag)]
        for values, flag in zip(from_image(table.features).tolist(), table.labels.tolist(), strict=True)
    ]
    header = [*table.columns, label]
    if table.ids is not None and id is not None:
        header = [id, *header]
        rows = [[name, *row] for name, row in zip(table.ids, rows, strict=True)]
    write_text(Path(path), csv_text([header, *rows]))


def _quoted(cell: str) -> str:
    """The cell as RFC 4180 writes it."""
    return '"' + cell.replace('"', '""') + '"' if NEEDS_QUOTES.search(cell) else cell


def _decimal(value: float) -> str:
    """The shortest decimal that reads back as the same float64."""
    return str(int(value)) if value.is_integer() and abs(value) < EXACT_INTEGERS else repr(value)
