"""Cells that are no numbers, gathered so that one message names all columns in question."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from anomalyhive.errors import BadTable
from anomalyhive.tables.cells import Fault, shown

READ_ON = 10_000
"""Rows read after the first fault, to find further columns with faults."""

ADVICE = {
    Fault.ABSENT: "fill the cell, or give --missing 0 to read every absent value as 0",
    Fault.INFINITE: "replace it by a finite number or remove the row",
    Fault.OVERFLOW: "replace it by a smaller number or remove the row",
}
"""What to do about a fault in a numeric column."""


@dataclass(frozen=True)
class FirstFault:
    """Where a kind of fault was met first in a column."""

    column: int
    fault: Fault
    cell: str
    row: int


class Faults:
    """The first fault of each kind in each column, in the order met."""

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        self._path = path
        self._names = names
        self._first: dict[tuple[int, Fault], FirstFault] = {}

    @property
    def found(self) -> bool:
        """Whether any cell was refused."""
        return bool(self._first)

    def note(self, column: int, fault: Fault, cell: str, row: int) -> None:
        """Remember a fault unless the column had one of its kind."""
        self._first.setdefault((column, fault), FirstFault(column, fault, cell, row))

    def enough(self, row: int) -> bool:
        """Whether reading on to this row would tell nothing more that matters."""
        return row - next(iter(self._first.values())).row >= READ_ON

    def complain(self) -> None:
        """Raise BadTable if there was a fault. Text goes first: a column of names must go anyway."""
        text = [first for first in self._first.values() if first.fault is Fault.TEXT]
        if text:
            raise BadTable(f"{self._path}: {self._text_columns(sorted(text, key=lambda first: first.column))}")
        for first in self._first.values():
            alike = len({column for column, fault in self._first if fault is first.fault})
            others = f" (so in {alike} columns)" if alike > 1 else ""
            raise BadTable(
                f"{self._path}, row {first.row}, column {shown(self._names[first.column])}: "
                f"{shown(first.cell)} is {first.fault.value}{others}: {ADVICE[first.fault]}"
            )

    def _text_columns(self, text: list[FirstFault]) -> str:
        """Names every column with text, its first one, and the options that leave them out."""
        where = ", ".join(
            f"column {shown(self._names[first.column])} holds text ({shown(first.cell)} in row {first.row})"
            for first in text
        )
        options = " ".join(f"--drop {shlex.quote(self._names[first.column])}" for first in text)
        return f"{where}: only numbers can be learned from: correct the cells, or leave them out with {options}"
