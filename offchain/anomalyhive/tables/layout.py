"""Which column of a CSV is what: the header against what the user named."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anomalyhive.errors import BadTable
from anomalyhive.tables.cells import shown

MAX_NAME = 256
"""Longest column name in characters: names travel in the spec of a task."""

LISTED = 60
"""Columns that a message lists before it cuts the list short."""


@dataclass(frozen=True)
class Layout:
    """Positions in a row of ``width`` cells: features with their names, label and id if there are any."""

    width: int
    names: tuple[str, ...]
    positions: tuple[int, ...]
    label_at: int | None
    id_at: int | None


def match_column(header: Sequence[str], name: str) -> int | None:
    """Position of a column: the exact name first, then the only one equal but for spaces around it."""
    if name in header:
        return list(header).index(name)
    loose = [i for i, column in enumerate(header) if column.strip() == name.strip()]
    return loose[0] if len(loose) == 1 else None


def unknown_column(header: Sequence[str], name: str) -> str:
    """What to say of a column that is not there: close matches, then the columns."""
    alike = difflib.get_close_matches(name.strip().lower(), [c.strip().lower() for c in header], n=3)
    close = [column for column in header if column.strip().lower() in alike]
    hint = f"did you mean {' or '.join(map(shown, close))}? " if close else ""
    listed = ", ".join(map(shown, header[:LISTED])) + (", …" if len(header) > LISTED else "")
    return f"there is no column {shown(name)}: {hint}the columns are {listed}"


def require_column(path: Path, header: Sequence[str], name: str) -> int:
    """Position of a column; raises BadTable if there is none."""
    position = match_column(header, name)
    if position is None:
        raise BadTable(f"{path}: {unknown_column(header, name)}")
    return position


def check_header(path: Path, header: Sequence[str]) -> None:
    """Raise BadTable for a header whose names do not tell columns apart."""
    seen: dict[str, int] = {}
    for position, name in enumerate(header):
        if len(name) > MAX_NAME:
            raise BadTable(f"{path}: the column name {shown(name)} has {len(name)} characters: {MAX_NAME} are allowed")
        if name in seen:
            raise BadTable(
                f"{path}: columns {seen[name] + 1} and {position + 1} are both named {shown(name)}: rename one"
            )
        seen[name] = position
    if len(header) == 1:
        for separator in (";", "\t", "|"):
            if separator in header[0]:
                raise BadTable(f"{path}: the header has no comma but {separator!r}: save the file with commas")


def plan_layout(
    path: Path,
    header: Sequence[str],
    label: str | None,
    row_id: str | None,
    drop: Sequence[str],
    columns: Sequence[str] | None,
) -> Layout:
    """The layout of a file: ``columns`` if named (others are ignored), else all that have no other part.

    Raises BadTable for a name that is not in the header or has two parts, and if no feature is left.
    """
    check_header(path, header)
    label_at = None if label is None else require_column(path, header, label)
    id_at = None if row_id is None else require_column(path, header, row_id)
    if label_at is not None and label_at == id_at:
        raise BadTable(f"{path}: column {shown(header[label_at])} cannot be both label and id: name another id")
    dropped = {require_column(path, header, name) for name in drop}
    for position, part in ((label_at, "label"), (id_at, "id")):
        if position in dropped:
            assert position is not None
            raise BadTable(f"{path}: column {shown(header[position])} is the {part}: it cannot be dropped as well")
    if columns is None:
        taken = dropped | {label_at, id_at}
        positions = [i for i in range(len(header)) if i not in taken]
        names = [header[i] for i in positions]
    else:
        positions = [require_column(path, header, name) for name in columns]
        names = list(columns)
    if not positions:
        raise BadTable(f"{path}: no column is left to learn from beside label, id and dropped ones")
    return Layout(len(header), tuple(names), tuple(positions), label_at, id_at)
