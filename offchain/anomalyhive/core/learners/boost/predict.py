"""Logits of ``boost``: from scratch for any rows, and step by step for rows that a node sees every round."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from anomalyhive.core.coded import Coded, ready_kernels, worth_coding
from anomalyhive.core.learner import Integers, Rows
from anomalyhive.core.learners.boost.model import Model

BLOCK = 1 << 12
"""Rows scored at once, which bounds the memory."""

CODED_BLOCK = 1 << 17
"""Rows scored at once where they are coded."""

Columns: TypeAlias = Integers | Coded
"""The columns of a table: plain, int64 (F, n), or coded. The results have the same bits."""

TREES = 256
"""Trees evaluated at once."""


def tree_cells(columns: Integers, features: Integers, thresholds: Integers) -> Integers:
    """Cell (T, n) of rows in trees; columns (F, n), features (T, axes), thresholds (T, axes, levels - 1)."""
    found = np.zeros((features.shape[0], columns.shape[1]), dtype=np.int64)
    levels = thresholds.shape[2] + 1
    for tree, used in enumerate(features.tolist()):
        cell = found[tree]
        for axis, feature in enumerate(used):
            cell *= levels
            values = columns[feature]
            for cut in thresholds[tree, axis].tolist():
                cell += values >= cut
    return found


def columns_of(features: Integers) -> Columns:
    """The columns of features (n, F), coded if there are enough rows."""
    return Coded(features) if worth_coding(features.shape[0]) else np.ascontiguousarray(features.T)


def add_trees(columns: Columns, features: Integers, thresholds: Integers, values: Integers, total: Integers) -> None:
    """Add the values of trees to total (n,); columns (F, n)."""
    compiled = ready_kernels()
    if compiled is not None and not isinstance(columns, Coded):
        compiled.add_trees(columns, features, thresholds, values, total)
        return
    for start in range(0, features.shape[0], TREES):
        some = slice(start, start + TREES)
        if isinstance(columns, Coded):
            columns.add_trees(features[some], thresholds[some], values[some], total)
            continue
        cells = tree_cells(columns, features[some], thresholds[some])
        total += np.take_along_axis(values[some], cells, axis=1).sum(axis=0)


def add_tables(columns: Columns, model: Model, total: Integers) -> None:
    """Add the values of the additive tables to total (n,); columns (F, n)."""
    tables = zip(model.additive_features.tolist(), model.additive_borders, model.additive_values, strict=True)
    for feature, borders, values in tables:
        if isinstance(columns, Coded):
            columns.add_table(feature, borders, values, total)
            continue
        total += values[np.searchsorted(borders, columns[feature], side="right")]


def logits(model: Model, features: Integers) -> Integers:
    """The logit (n,) of rows (n, F) in 1/65536."""
    found = np.full(features.shape[0], model.prior, dtype=np.int64)
    block = CODED_BLOCK if worth_coding(features.shape[0]) else BLOCK
    for start in range(0, features.shape[0], block):
        columns = columns_of(features[start : start + block])
        total = found[start : start + block]
        add_tables(columns, model, total)
        add_trees(columns, model.features, model.thresholds, model.values, total)
    return found


@dataclass(frozen=True, eq=False)
class _Memory:
    """Logits (n,) of the first trees of a model, and what tells whether another model extends it."""

    model: Model
    trees: int
    logits: Integers


def remembered_columns(rows: Rows) -> Columns:
    """The columns of rows, made once."""
    columns: Columns | None = rows.memo.get("boost columns")
    if columns is None:
        columns = rows.memo["boost columns"] = columns_of(rows.features)
    return columns


@contextmanager
def remembered_logits(model: Model, rows: Rows) -> Iterator[tuple[Columns, Integers, Integers]]:
    """Columns, and the logits (n,) of what is settled and of what is pending, to be read while it lasts.

    Only trees that were settled since the last call on these rows are evaluated; a model that does not extend the
    remembered one is evaluated from scratch. Sums of integers: the result is the same either way.
    """
    columns = remembered_columns(rows)
    # Taken out while it is added to: who comes meanwhile, or after an error, begins from scratch.
    memory = rows.memo.pop("boost logits", None)
    if not (isinstance(memory, _Memory) and _extends(model, memory)):
        memory = _Memory(model, 0, _base(model, columns))
    fresh, late, settled = slice(memory.trees, model.settled), slice(model.settled, None), memory.logits
    add_trees(columns, model.features[fresh], model.thresholds[fresh], model.values[fresh], settled)
    with _lent(columns) as pending:
        pending.fill(0)
        add_trees(columns, model.features[late], model.thresholds[late], model.values[late], pending)
        if model.pending_additive:
            add_tables(columns, model, pending)
        yield columns, settled, pending
    rows.memo["boost logits"] = _Memory(model, model.settled, settled)


def _lent(columns: Columns) -> AbstractContextManager[Integers]:
    """Room for a number of each row."""
    if isinstance(columns, Coded):
        return columns.lent()
    return nullcontext(np.empty(columns.shape[1], dtype=np.int64))


def _base(model: Model, columns: Columns) -> Integers:
    """Logits (n,) of what is settled before any tree."""
    base = np.full(columns.shape[1], model.prior, dtype=np.int64)
    if not model.pending_additive:
        add_tables(columns, model, base)
    return base


def _extends(model: Model, memory: _Memory) -> bool:
    """Whether the model begins with the remembered one's settled part."""
    before, trees = memory.model, memory.trees
    if model.settled < trees or model.prior != before.prior or model.pending_additive != before.pending_additive:
        return False
    additive = ("additive_features", "additive_borders", "additive_values")
    return all(np.array_equal(getattr(model, name), getattr(before, name)) for name in additive) and all(
        np.array_equal(getattr(model, name)[:trees], getattr(before, name)[:trees])
        for name in ("features", "thresholds", "values")
    )
