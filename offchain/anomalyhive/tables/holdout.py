"""Rows that are kept from training: for measuring the model, and for validators who judge by their own.

Whole groups go to one side, so that neither an account nor a set of features is on both. Shares are taken
from each class apart. All is decided by keyed hashes of the rows' content: the same rows under the same seed
give the same sides, in whatever order a file holds them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from anomalyhive.errors import BadSetting
from anomalyhive.tables.cells import shown
from anomalyhive.tables.groups import Group, groups_of
from anomalyhive.tables.table import Table


@dataclass(frozen=True)
class HoldOut:
    """Ascending row indices of the two sides; together all rows, none twice."""

    train: NDArray[np.int64]
    test: NDArray[np.int64]


@dataclass(frozen=True)
class CarveOut:
    """Ascending row indices of the trainers and of each validator; together all rows, none twice."""

    trainers: NDArray[np.int64]
    validators: list[NDArray[np.int64]]


def parse_fraction(text: Fraction | str | int, name: str, whole: bool = False) -> Fraction:
    """An exact fraction from 0 to below 1, of "0.25" or "1/4"; 1 too if it may be the ``whole``.

    Raises BadSetting naming ``name``.
    """
    fraction = _fraction_of_text(text.strip()) if isinstance(text, str) else Fraction(text)
    if fraction is None or not 0 <= fraction <= 1 or (fraction == 1 and not whole):
        last = "1" if whole else "below 1"
        raise BadSetting(f"{name} is {str(text)[:40]!r}: give a decimal from 0 to {last}, such as 0.25")
    return fraction


def _fraction_of_text(text: str) -> Fraction | None:
    """The fraction, or None. No exponents: Fraction("1e-999999999") would compute that power of ten."""
    if not re.fullmatch(r"-?[0-9]{0,32}(\.[0-9]{0,32}|/[0-9]{1,32})?", text):
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def hold_out(table: Table, fraction: Fraction | str | int, seed: int) -> HoldOut:
    """Part the rows into those to train on and ``fraction`` of each class to test on; 0 trains on all.

    Raises BadSetting if a side would lack a class, which no measure of quality survives.
    """
    share = parse_fraction(fraction, "test fraction")
    if share == 0:
        return HoldOut(np.arange(len(table), dtype=np.int64), np.empty(0, dtype=np.int64))
    rest, (test,) = _deal(groups_of(table, seed, "hold out"), 1, share)
    for side, rows in (("train on", rest), ("test on", test)):
        for label in range(table.label_classes):
            if not np.any(table.labels[rows] == label):
                raise BadSetting(
                    f"test fraction {share} of {len(table)} rows leaves no row of class {_shown(table, label)} "
                    f"to {side} (rows of one id or with equal features stay together): "
                    "change the fraction, or give 0 to train on all"
                )
    return HoldOut(rest, test)


def _shown(table: Table, label: int) -> str:
    """A class as messages name it."""
    return shown(table.classes[label]) if table.classes else str(label)


def carve_out(table: Table, validators: int, share: Fraction | str | int, seed: int) -> CarveOut:
    """Give each validator ``share`` of each class for its own, which no trainer and no other one has.

    Where a class has too few groups for all, the first validators get them and others hold one class.
    Raises BadSetting if the shares leave nothing to train on, or a validator without a row.
    """
    part = parse_fraction(share, "validator share")
    if validators < 1 or part * validators >= 1:
        raise BadSetting(
            f"{validators} validators with {part} of the rows each: give at least 1, together less than all"
        )
    rest, own = _deal(groups_of(table, seed, "carve out"), validators, part)
    if not len(rest) or not all(len(rows) for rows in own):
        raise BadSetting(
            f"{validators} validators with {part} of {len(table)} rows each: somebody would have no row, "
            "so give fewer validators or more rows"
        )
    return CarveOut(rest, own)


def _deal(groups: list[Group], bins: int, share: Fraction) -> tuple[NDArray[np.int64], list[NDArray[np.int64]]]:
    """The rows of the rest and of each bin, ``share`` of each stratum (nearest integer of rows) to a bin."""
    rest: list[int] = []
    dealt: list[list[int]] = [[] for _ in range(bins)]
    for stratum in range(1 + max((group.stratum for group in groups), default=0)):
        members = [group for group in groups if group.stratum == stratum]
        rows = sum(len(group.rows) for group in members)
        target = (2 * share.numerator * rows + share.denominator) // (2 * share.denominator)
        kept, chosen = _deal_stratum(members, bins, target)
        rest += kept
        for mine, more in zip(dealt, chosen, strict=True):
            mine += more
    return _indices(rest), [_indices(rows) for rows in dealt]


def _deal_stratum(groups: list[Group], bins: int, target: int) -> tuple[list[int], list[list[int]]]:
    """First fit in the seed's order, at most ``target`` rows a bin; then no bin stays empty that need not."""
    rest: list[Group] = []
    dealt: list[list[Group]] = [[] for _ in range(bins)]
    sizes = [0] * bins
    for group in groups:
        room = (i for i in range(bins) if sizes[i] + len(group.rows) <= target)
        place = next(room, None)
        if place is None:
            rest.append(group)
        else:
            dealt[place].append(group)
            sizes[place] += len(group.rows)
    for mine in dealt:
        if not mine and len(rest) > 1:
            smallest = min(rest, key=lambda group: len(group.rows))
            rest.remove(smallest)
            mine.append(smallest)
    if not rest and groups:
        # All went out: the largest bin gives its last group back, if another remains in it.
        largest = max(dealt, key=len)
        if len(largest) > 1:
            rest.append(largest.pop())
    return _rows(rest), [_rows(mine) for mine in dealt]


def _rows(groups: list[Group]) -> list[int]:
    """The rows of several groups."""
    return [row for group in groups for row in group.rows]


def _indices(rows: list[int]) -> NDArray[np.int64]:
    """Ascending int64 indices."""
    return np.array(sorted(rows), dtype=np.int64)
