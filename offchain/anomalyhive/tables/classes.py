"""Labels that are names of classes: which names there are, and the number of each.

A class without a name (an empty cell) is ``unknown``. Where the names are not listed, they are those of the file:
``unknown`` first, so that class 0 is the one that says nothing, then by alphabet, whatever the order of the rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from anomalyhive.core.learner import MOST_CLASSES, Integers
from anomalyhive.errors import BadSetting, BadTable
from anomalyhive.tables.cells import ABSENT, shown
from anomalyhive.tables.layout import MAX_NAME

UNKNOWN = "unknown"
"""The class of a row that has no name of a class."""

ALL = "all"
"""Stands for every name that the file has."""


def parse_classes(text: str) -> tuple[str, ...]:
    """The names of "exchange,mining,unknown" in their order, or (ALL,). Raises BadSetting."""
    names = tuple(name.strip() for name in text.split(","))
    if names == (ALL,):
        return names
    if not 2 <= len(names) <= MOST_CLASSES or len(set(names)) != len(names) or "" in names:
        raise BadSetting(f"--classes {text[:80]!r}: give {ALL}, or 2 to {MOST_CLASSES} names and commas between")
    return names


def class_name(path: Path, cell: str, row: int) -> str:
    """The name of a row's class; raises BadTable for one that is too long to be a name."""
    name = cell.strip()
    if len(name) > MAX_NAME:
        raise BadTable(f"{path}, row {row}: the class {shown(name)} has {len(name)} characters: {MAX_NAME} are allowed")
    return UNKNOWN if name.lower() in ABSENT else name


def numbered(path: Path, found: Sequence[tuple[int, str]], classes: Sequence[str]) -> tuple[tuple[str, ...], Integers]:
    """The names of the classes and the number (n,) of each row's; ``found`` is where in the file each row is, and its
    name.

    Raises BadTable for a name that is not among ``classes``, and for too many or too few of them.
    """
    there = {name for _, name in found}
    names = tuple(classes)
    if names == (ALL,):
        names = tuple(sorted(there, key=lambda name: (name != UNKNOWN, name)))
        if not 2 <= len(names) <= MOST_CLASSES:
            raise BadTable(
                f"{path}: the label column has {len(names)} different classes: "
                f"2 to {MOST_CLASSES} can be learned, so list them with --classes or join the rare ones"
            )
    for row, name in found:
        if name not in names:
            raise BadTable(
                f"{path}, row {row}: {shown(name)} in the label column is none of {', '.join(names)}: "
                "list it with --classes, or remove the row"
            )
    missing = [name for name in names if name not in there]
    if missing:
        raise BadTable(f"{path}: no row has the class {shown(missing[0])}: learning needs rows of every class")
    number = {name: index for index, name in enumerate(names)}
    return names, np.array([number[name] for _, name in found], dtype=np.int64)
