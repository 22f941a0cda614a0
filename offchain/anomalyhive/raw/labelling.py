"""A list of labelled accounts, and which of them are kept apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

import numpy as np

from anomalyhive.content.kinds import Labels
from anomalyhive.errors import BadSetting, BadTable
from anomalyhive.metrics.sketching import ADDRESS
from anomalyhive.tables.cells import parse_label, shown
from anomalyhive.tables.classes import class_name, numbered
from anomalyhive.tables.csvfile import read_records
from anomalyhive.tables.groups import content_key
from anomalyhive.tables.layout import check_header, require_column
from anomalyhive.tables.textlines import open_lines

ADDRESS_COLUMN = "address"
LABEL_COLUMN = "flag"
"""The columns of addresses and labels, if none are named."""

MOST_STRANGE = Fraction(1, 100)
"""Of the rows, what may be no address before the column is taken for the wrong one."""

Chosen = Callable[[str], bool]
V = TypeVar("V", int, str)


@dataclass(frozen=True)
class Labelled:
    """Address in lower case -> number of its class; and what stands among the addresses and is none, in words.

    ``classes`` names the numbers 0, 1, …; it is empty where the labels are 0 and 1 themselves.
    """

    labels: Mapping[str, int]
    strange: tuple[str, ...]
    classes: tuple[str, ...] = ()


def read_labels(path: Path, label: str, account: str | None, classes: Sequence[str] = ()) -> Labelled:
    """The accounts of a CSV file with these two columns; others are ignored.

    ``classes`` says that labels are names, see `tables.classes`. Real lists hold a hash here and there where an address
    should be: up to ``MOST_STRANGE`` of the rows are set aside. Raises BadTable naming file, row and value: for more of
    them, for what is no label, for an address with two, and where all have the same one.
    """
    if classes:
        named, strange = _values(path, label, account, class_name)
        names, numbers = numbered(path, tuple(named.values()), classes)
        return Labelled(dict(zip(named, numbers.tolist(), strict=True)), strange, names)
    found, strange = _values(path, label, account, _zero_or_one)
    plain = {address: value for address, (_, value) in found.items()}
    if len(set(plain.values())) < 2:
        raise BadTable(f"{path}: learning needs accounts of both labels in column {shown(label)}")
    return Labelled(plain, strange)


def _zero_or_one(path: Path, cell: str, row: int) -> int:
    value = parse_label(cell)
    if value is None:
        raise BadTable(
            f"{path}, row {row}: {shown(cell)} is no label: write 0 or 1, or say with --classes that it names a class"
        )
    return value


def _values(
    path: Path, label: str, account: str | None, parsed: Callable[[Path, str, int], V]
) -> tuple[dict[str, tuple[int, V]], tuple[str, ...]]:
    """Address -> the first row that has it, and the value of its label; and what is no address, in words."""
    found: dict[str, tuple[int, V]] = {}
    strange: list[str] = []
    with open_lines(path) as lines:
        records = read_records(path, lines)
        _, header = next(records)
        check_header(path, header)
        label_at, account_at = (require_column(path, header, name) for name in (label, account or ADDRESS_COLUMN))
        for row, record in records:
            address, value = record[account_at].strip().lower(), parsed(path, record[label_at], row)
            if not ADDRESS.fullmatch(address):
                strange.append(f"row {row}: {shown(record[account_at])} is no address")
            elif found.setdefault(address, (row, value))[1] != value:
                raise BadTable(
                    f"{path}, row {row}: {address} has the label {shown(str(value))} here and another one before "
                    f"({shown(str(found[address][1]))} in row {found[address][0]}): keep one of the rows"
                )
    if len(strange) > MOST_STRANGE * (len(found) + len(strange)):
        raise BadTable(f"{path}, {strange[0]}: give 0x and 40 hexadecimal digits, in the column that --id names")
    return found, tuple(strange)


def labels_of(labelled: Mapping[str, int], chosen: Chosen, classes: tuple[str, ...] = ()) -> Labels:
    """The labels of the accounts that are chosen, as content. Raises BadSetting where there are none."""
    accounts = tuple(sorted(filter(chosen, labelled)))
    if not accounts:
        raise BadSetting("no labelled account is left to learn from: lower --test-fraction or give more labels")
    return Labels(accounts, np.array([labelled[one] for one in accounts], dtype=np.int64), classes)


def kept_apart(purpose: str, share: Fraction, seed: int, offset: Fraction = Fraction(0)) -> Chosen:
    """Whether an address is among the ``share`` of all that are kept apart for a purpose.

    By a hash of address and seed alone, so that it depends on no other account: those whose hash, as a fraction of 1,
    lies from ``offset`` to ``offset + share``.
    """
    low, high = offset * 2**256, (offset + share) * 2**256
    return lambda address: low <= int.from_bytes(content_key(seed, purpose, address.encode()), "big") < high
