"""CSV to table and back: strict about every cell, since a wrong number would be learned without a word.

The format is RFC 4180 with a header, commas, UTF-8 (with or without byte order mark), any of \\n and \\r\\n,
plain or gzip. Rows are numbered as an editor shows them when no field spans lines: the header is row 1.
"""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from anomalyhive.core.features import to_image
from anomalyhive.errors import BadSetting, BadTable
from anomalyhive.tables.cells import Fault, parse_label, parse_number, parse_numbers, shown
from anomalyhive.tables.classes import class_name, numbered
from anomalyhive.tables.faults import Faults
from anomalyhive.tables.layout import MAX_NAME, Layout, plan_layout
from anomalyhive.tables.table import Table
from anomalyhive.tables.textlines import TextLines, open_lines

MAX_CELLS = 1 << 26
"""Most cells of a table, dropped ones and blank rows included: 64 Mi, that is 512 MiB of features."""

LARGEST_FILL = 1 << 53
"""Largest magnitude of a fill value: beyond it float64 skips integers."""


def read_table(
    path: Path | str,
    label: str | None,
    id: str | None = None,  # noqa: A002 - named as the option that users know, --id
    drop: Sequence[str] = (),
    require_label: bool = True,
    columns: Sequence[str] | None = None,
    missing: int | None = None,
    classes: Sequence[str] = (),
) -> Table:
    """The table of a CSV file (.csv or .csv.gz).

    ``label`` and ``id`` name their columns, ``drop`` those to leave out; all others are features, or just
    ``columns`` in their order if given (then any further column is ignored). A name matches exactly, else
    but for spaces around it; "" is the unnamed column. ``missing`` replaces absent values, which are refused
    otherwise. ``classes`` says that labels are names, which become their places in it; (ALL,) takes those of the
    file, see `tables.classes`. With ``require_label`` both classes must be present; without it ``label`` may be None.
    Raises BadTable naming file, row, column and value; BadSetting for a fill value out of range.
    """
    path = Path(path)
    if require_label and label is None:
        raise BadSetting("no label column is named: name the one that holds 0 and 1 with --label")
    if missing is not None and not -LARGEST_FILL <= missing <= LARGEST_FILL:
        raise BadSetting(f"the value for absent cells is {missing}: give an integer from -2^53 to 2^53")
    with open_lines(path) as lines:
        records = read_records(path, lines)
        _, header = next(records)
        layout = plan_layout(path, header, label, id, drop, columns)
        table = _collect(path, layout, records, None if missing is None else float(missing), tuple(classes))
    if not len(table):
        raise BadTable(f"{path}: there is a header but no row: give at least one row of each class")
    if require_label and len(set(table.labels.tolist())) < 2:
        raise BadTable(
            f"{path}: every row has the label {int(table.labels[0])} in column {shown(str(label))}: "
            "learning needs rows of both classes"
        )
    return table


def read_records(path: Path, lines: TextLines) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers, header first, all of one width. Blank lines are passed over."""
    # strict: a stray or unclosed quote is an error instead of a field that swallows what follows.
    reader = csv.reader(lines, strict=True)
    row, cells, width = 0, 0, 0
    while True:
        lines.start_record()
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise BadTable(f"{path}, line {lines.number}: not CSV ({error}): check quotes and line ends") from error
        if record is None:
            break
        row += 1
        cells += max(1, len(record))
        if cells > MAX_CELLS:
            raise BadTable(f"{path}, row {row}: more than {MAX_CELLS} cells: split the file or drop columns before")
        if not record:
            if width != 1:
                continue
            record = [""]  # in a file of one column, a blank line is a row without a value
        if width and len(record) != width:
            raise BadTable(f"{path}, row {row}: {len(record)} cells where the header has {width}: correct the row")
        width = width or len(record)
        yield row, record
    if not width:
        raise BadTable(f"{path} is empty: give a CSV file with a header and rows")


def _collect(
    path: Path,
    layout: Layout,
    records: Iterator[tuple[int, list[str]]],
    missing: float | None,
    classes: tuple[str, ...],
) -> Table:
    """All rows as a table. After a cell that is no number it only looks for further such columns."""
    numbers = array("d")
    labels: list[int] = []
    named: list[tuple[int, str]] = []
    ids: list[str] = []
    faults = Faults(path, layout.names)
    for row, record in records:
        cells = [record[i] for i in layout.positions]
        values = parse_numbers(cells)
        if values is None:
            values = _closer_look(cells, row, missing, faults)
        if faults.found and faults.enough(row):
            break
        numbers.extend(values)
        if layout.label_at is not None and classes:
            named.append((row, class_name(path, record[layout.label_at], row)))
        elif layout.label_at is not None:
            labels.append(_label(path, record[layout.label_at], row))
        if layout.id_at is not None:
            ids.append(_identity(path, record[layout.id_at], row))
    faults.complain()
    numbers_of = np.array(labels, dtype=np.int64)
    if named:
        classes, numbers_of = numbered(path, named, classes)
    features = np.frombuffer(numbers, dtype=np.float64).reshape(-1, len(layout.names))
    return Table(
        ids=ids if layout.id_at is not None else None,
        columns=layout.names,
        features=to_image(features),
        labels=numbers_of,
        classes=classes if named else (),
    )


def _closer_look(cells: list[str], row: int, missing: float | None, faults: Faults) -> list[float]:
    """The numbers of a row that has absent or bad cells; the bad ones are noted and stand as zero."""
    values = []
    for column, cell in enumerate(cells):
        value = parse_number(cell, missing)
        if isinstance(value, Fault):
            faults.note(column, value, cell, row)
            value = 0.0
        values.append(value)
    return values


def _label(path: Path, cell: str, row: int) -> int:
    """The class of a row; raises BadTable."""
    label = parse_label(cell)
    if label is None:
        raise BadTable(
            f"{path}, row {row}: {shown(cell)} in the label column is no label: "
            f"write 0 or 1 (or false or true), say with --classes that it names a class, or remove the row"
        )
    return label


def _identity(path: Path, cell: str, row: int) -> str:
    """The id of a row; raises BadTable."""
    if not cell.strip() or len(cell) > MAX_NAME:
        raise BadTable(
            f"{path}, row {row}: the id is {shown(cell)} of {len(cell)} characters: give one of 1 to {MAX_NAME}"
        )
    return cell
