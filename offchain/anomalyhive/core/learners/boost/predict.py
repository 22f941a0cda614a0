"""Logits of ``boost``: from scratch for any rows, and step by step for rows that a node sees every round."""

from __future__ import annotations

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


def tree_logits(columns: Columns, features: Integers, thresholds: Integers, values: Integers) -> Integers:
    """Sum (n,) of the values of trees; columns (F, n)."""
    total = np.zeros(columns.shape[1], dtype=np.int64)
    compiled = ready_kernels()
    if compiled is not None and not isinstance(columns, Coded):
        compiled.add_trees(columns, features, thresholds, values, total)
        return total
    for start in range(0, features.shape[0], TREES):
        some = slice(start, start + TREES)
        if isinstance(columns, Coded):
            total += columns.tree_sums(features[some], thresholds[some], values[some])
            continue
        cells = tree_cells(columns, features[some], thresholds[some])
        total += np.take_along_axis(values[some], cells, axis=1).sum(axis=0)
    return total


def additive_logits(columns: Columns, model: Model) -> Integers:
    """Sum (n,) of the values of the additive tables; columns (F, n)."""
    total = np.zeros(columns.shape[1], dtype=np.int64)
    tables = zip(model.additive_features.tolist(), model.additive_borders, model.additive_values, strict=True)
    for feature, borders, values in tables:
        if isinstance(columns, Coded):
            total += columns.table_values(feature, borders, values)
            continue
        total += values[np.searchsorted(borders, columns[feature], side="right")]
    return total


def logits(model: Model, features: Integers) -> Integers:
    """The logit (n,) of rows (n, F) in 1/65536."""
    found = np.empty(features.shape[0], dtype=np.int64)
    block = CODED_BLOCK if worth_coding(features.shape[0]) else BLOCK
    for start in range(0, features.shape[0], block):
        columns = columns_of(features[start : start + block])
        scores = tree_logits(columns, model.features, model.thresholds, model.values)
        found[start : start + block] = model.prior + additive_logits(columns, model) + scores
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


def remembered_logits(model: Model, rows: Rows) -> tuple[Columns, Integers, Integers]:
    """Columns, and the logits (n,) of what is settled and of what is pending.

    Only trees that were settled since the last call on these rows are evaluated; a model that does not extend the
    remembered one is evaluated from scratch. Sums of integers: the result is the same either way.
    """
    columns = remembered_columns(rows)
    memory = rows.memo.get("boost logits")
    if not (isinstance(memory, _Memory) and _extends(model, memory)):
        memory = _Memory(model, 0, _base(model, columns))
    fresh = slice(memory.trees, model.settled)
    settled = memory.logits + tree_logits(columns, model.features[fresh], model.thresholds[fresh], model.values[fresh])
    rows.memo["boost logits"] = _Memory(model, model.settled, settled)
    late = slice(model.settled, None)
    pending = tree_logits(columns, model.features[late], model.thresholds[late], model.values[late])
    if model.pending_additive:
        pending = pending + additive_logits(columns, model)
    return columns, settled, pending


def _base(model: Model, columns: Columns) -> Integers:
    """Logits (n,) of what is settled before any tree."""
    base = np.full(columns.shape[1], model.prior, dtype=np.int64)
    return base if model.pending_additive else base + additive_logits(columns, model)


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
