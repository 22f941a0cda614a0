"""Table to CSV: what read_table reads back bit for bit."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from anomalyhive.core.features import from_image
from anomalyhive.errors import BadTable
from anomalyhive.tables.files import write_text
from anomalyhive.tables.table import Table

EXACT_INTEGERS = float(1 << 53)
"""Below this magnitude a whole float64 is written without its .0."""


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
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    named = [] if id is None else [id]
    writer.writerow([*named, *table.columns, label])
    ids = [[]] * len(table) if table.ids is None else [[name] for name in table.ids]
    for name, values, flag in zip(ids, from_image(table.features).tolist(), table.labels.tolist(), strict=True):
        writer.writerow([*name, *map(_decimal, values), flag])
    write_text(Path(path), text.getvalue())


def _decimal(value: float) -> str:
    """The shortest decimal that reads back as the same float64."""
    return str(int(value)) if value.is_integer() and abs(value) < EXACT_INTEGERS else repr(value)
