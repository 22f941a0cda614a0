"""Which node gets which rows. The model does not depend on it, and these are the ways to show that."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anomalyhive.core.learner import Integers
from anomalyhive.errors import BadSetting
from anomalyhive.tables.groups import content_key, feature_bytes, row_contents
from anomalyhive.tables.layout import match_column, unknown_column
from anomalyhive.tables.table import Table

COLUMN_PREFIX = "column:"
"""Before the name of the column to sort by."""


def split_rows(table: Table, nodes: int, how: str, seed: int) -> list[NDArray[np.int64]]:
    """Indices of the rows of each shard: every row in exactly one, no shard empty, sizes as equal as may be.

    The rows are put in order and cut into ``nodes`` equal runs. The order is by ``how``, then by the seed:
    "random" the seed alone; "label" by class, so that nearly all nodes see one class only, the worst split;
    "column:NAME" by a feature, as when nodes watch different times. Rows of one id stay together: a cut that
    would part them moves to the first of them, unless that leaves a shard empty.
    Raises BadSetting for an unknown ``how`` and for more nodes than rows.
    """
    if nodes < 1:
        raise BadSetting(f"{nodes} nodes: give at least 1")
    if nodes > len(table):
        raise BadSetting(
            f"{nodes} nodes for {len(table)} rows: every node needs a row, so give fewer nodes or more rows"
        )
    sorting = _sorting(table, how).tolist()
    contents = row_contents(table)
    names = [content_key(seed, "split", content) for content in contents]
    # Rows of one id are told apart by all that they hold, so that the order of the file never matters.
    whole = [
        content_key(seed, "split row", content + b"\0" + row + bytes([label]))
        for content, row, label in zip(contents, feature_bytes(table), _labels(table), strict=True)
    ]
    order = sorted(range(len(table)), key=lambda row: (sorting[row], names[row], whole[row], row))
    cuts = [0]
    for shard in range(1, nodes):
        cut = shard * len(order) // nodes
        start = cut
        while start > cuts[-1] and _same(sorting, names, order[start - 1], order[cut]):
            start -= 1
        cuts.append(start if start > cuts[-1] else cut)
    return [np.array(sorted(order[a:b]), dtype=np.int64) for a, b in pairwise([*cuts, len(order)])]


def _same(sorting: list[int], names: list[bytes], one: int, other: int) -> bool:
    """Whether no cut should come between two rows."""
    return names[one] == names[other] and sorting[one] == sorting[other]


def _labels(table: Table) -> list[int]:
    """The label of each row, 0 where there is none."""
    return table.labels.tolist() if table.is_labelled else [0] * len(table)


def _sorting(table: Table, how: str) -> Integers:
    """The number (n,) by which rows are sorted first."""
    if how == "random":
        return np.zeros(len(table), dtype=np.int64)
    if how == "label":
        return np.array(_labels(table), dtype=np.int64)
    if not how.startswith(COLUMN_PREFIX):
        raise BadSetting(f"there is no split {how!r}: choose random, label or column:NAME")
    name = how.removeprefix(COLUMN_PREFIX)
    position = match_column(table.columns, name)
    if position is None:
        raise BadSetting(f"split {how!r}: {unknown_column(table.columns, name)}")
    return table.features[:, position]
