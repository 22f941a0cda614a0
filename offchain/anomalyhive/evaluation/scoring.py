"""A model's probabilities for the rows of a table, and the CSV that carries them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from anomalyhive.core.learner import Integers, Learner, State
from anomalyhive.errors import BadTable
from anomalyhive.tables import Table
from anomalyhive.tables.csvwriting import csv_text
from anomalyhive.tables.files import write_text

PROBABILITY_BITS = 32
"""A probability is an integer in 2^-32."""

SCORE_HEADER = ("id", "probability")
"""Columns of a file of scores."""


def score_table(learner: Learner, state: State, columns: Sequence[str], table: Table) -> Integers:
    """Probability (n,) of class 1 in 2^-32, a number a row. ``columns`` are those of the model's spec.

    Raises BadTable if the table has others or another order: read it with ``columns=`` of the spec.
    """
    if table.columns != tuple(columns):
        raise BadTable(f"the model reads the columns {tuple(columns)}, the table has {table.columns}: give the same")
    return learner.probabilities(state, table.features)


def write_scores(
    path: Path | str,
    ids: Sequence[str] | None,
    probabilities: Integers,
    further: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Write "id,probability" and the ``further`` columns, a line a row.

    Without ids a row is named by its number, from 1.

    Either the whole file is there afterwards or the one before. Raises BadSetting for a path that cannot be,
    StoreUnusable for a disk that refuses.
    """
    names = [str(row + 1) for row in range(len(probabilities))] if ids is None else ids
    more = further or {}
    rows = zip(names, map(decimal_text, probabilities.tolist()), *more.values(), strict=True)
    write_text(Path(path), csv_text([(*SCORE_HEADER, *more), *rows]))


def decimal_text(probability: int) -> str:
    """The exact decimal of an integer in 2^-32: k/2^32 = k·5^32/10^32, without the zeros at its end.

    >>> decimal_text(1 << 31)
    '0.5'
    """
    if not 0 <= probability <= 1 << PROBABILITY_BITS:
        raise BadTable(f"probability {probability} is not from 0 to 2^{PROBABILITY_BITS}")
    whole, part = probability >> PROBABILITY_BITS, probability & ((1 << PROBABILITY_BITS) - 1)
    digits = str(part * 5**PROBABILITY_BITS).zfill(PROBABILITY_BITS).rstrip("0")
    return f"{whole}.{digits}" if digits else f"{whole}.0"
