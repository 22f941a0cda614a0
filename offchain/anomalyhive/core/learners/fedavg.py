"""Federated averaging of a logistic model (learner ``fedavg``): a baseline whose exchange is tiny.

H. B. McMahan et al., "Communication-Efficient Learning of Deep Networks from Decentralized Data", AISTATS 2017. The
mean of the nodes' weight changes, weighted by rows, is two sums: changes times rows, and rows. A node takes one full
step, whose change times rows is a sum over rows; with several local steps it would not be, and the model would depend
on how rows are spread (the paper's E = 1, B = infinity).

Round 1 counts rows on the public grid; after it, a feature enters as its quantile bin, from -1 to 1, so that no scale
matters. When it fails: where the label depends on features together, or on one feature not monotonically.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anomalyhive.core.fixedpoint import LARGEST_LOGIT, ONE, logit_of, sigmoid
from anomalyhive.core.grid import CELLS, GRID, label_counts
from anomalyhive.core.learner import (
    BadState,
    Integers,
    Plan,
    Rows,
    State,
    checked_columns,
    checked_features,
    checked_labels,
    checked_params,
    checked_vector,
    held_columns,
    held_params,
    integer,
    integers,
)
from anomalyhive.core.learners.edges import NO_EDGE, quantile_edges

PARAMS = {"bins": (64, 2, 256), "momentum": (922, 0, 1023), "rate": (1024, 1, 1 << 14)}
"""bins: parts of a feature. momentum: what is kept of the last change, in 1/1024. rate: step length, in 1/1024."""

INPUT_BITS = 8
"""Inputs are held in 1/256."""

GRADIENT_BITS = 8
"""Gradients of the loss are held in 1/256."""

LARGEST_WEIGHT = 64 * ONE
"""Weights are clipped to +-64."""


@dataclass(frozen=True, eq=False)
class CountPlan(Plan):
    """The first round: rows by label, feature and cell of the grid, (2, F, C) flattened."""

    columns: int


@dataclass(frozen=True, eq=False)
class StepPlan(Plan):
    """A later round: change of each weight and of the bias times rows, (F + 1,) in 2^-16, then the rows."""

    edges: Integers
    weights: Integers


def _own(plan: Plan) -> CountPlan | StepPlan:
    if not isinstance(plan, (CountPlan, StepPlan)):
        raise BadState(f"{type(plan).__name__} is no plan of the learner fedavg")
    return plan


def inputs(features: Integers, edges: Integers) -> Integers:
    """Inputs (n, F + 1) in 1/256 of rows (n, F): quantile bins from -1 to 1, and a 1 for the bias.

    A feature with few edges spreads its few bins over the same range.
    """
    found = np.full((features.shape[0], edges.shape[0] + 1), 1 << INPUT_BITS, dtype=np.int64)
    for column, own in enumerate(edges):
        used = int((own != NO_EDGE).sum())
        bins = np.searchsorted(own[:used], features[:, column], side="right")
        found[:, column] = (2 * bins - used) * (1 << INPUT_BITS) // max(1, used)
    return found


def weighted(inside: Integers, weights: Integers) -> Integers:
    """Logits (n,) in 1/65536 of inputs (n, F + 1) and weights (F + 1,), clipped to +-24."""
    # Not a matrix product: numpy has none for integers that is as fast, and this one cannot change with a library.
    sums = (inside * weights[None, :]).sum(axis=1) >> INPUT_BITS
    found: Integers = np.clip(sums, -LARGEST_LOGIT, LARGEST_LOGIT)
    return found


class FedAvg:
    """The learner ``fedavg``."""

    name = "fedavg"

    def initial(self, columns: int, params: Mapping[str, int]) -> State:
        """No edges, zero weights."""
        chosen, columns = checked_params(params, PARAMS), checked_columns(columns)
        zeros = np.zeros(columns + 1, dtype=np.int64)
        edges = np.full((columns, chosen["bins"] - 1), NO_EDGE, dtype=np.int64)
        return {**chosen, "columns": columns, "rounds": 0, "edges": edges, "weights": zeros, "change": zeros}

    def propose(self, state: State, seed: bytes) -> Plan:  # noqa: ARG002 - part of the protocol, nothing is drawn
        """Counts on the grid in the first round, one step afterwards."""
        columns = held_columns(state)
        if integer(state, "rounds") == 0:
            return CountPlan(length=2 * columns * CELLS, columns=columns)
        edges, weights = _checked_model(state)
        return StepPlan(columns + 2, edges, weights)

    def contribute(self, plan: Plan, rows: Rows) -> Integers:
        """The vector (P,) of these rows."""
        own, labels = _own(plan), checked_labels(rows)
        if isinstance(own, CountPlan):
            checked_features(rows.features, own.columns)
            return label_counts(rows.features, labels).reshape(plan.length)
        checked_features(rows.features, own.edges.shape[0])
        inside = inputs(rows.features, own.edges)
        p = sigmoid(weighted(inside, own.weights), GRADIENT_BITS)
        gradients = p - (labels << GRADIENT_BITS)
        changes = -(inside * gradients[:, None]).sum(axis=0)
        return np.append(changes, len(rows)).astype(np.int64)

    def absorb(self, state: State, plan: Plan, total: Integers) -> State:
        """Edges and bias from the first round; afterwards the weights move by the mean change, with momentum."""
        own, total = _own(plan), checked_vector(plan, total)
        rounds = integer(state, "rounds") + 1
        if isinstance(own, CountPlan):
            return {**state, "rounds": rounds, **_counted(state, total.reshape(2, own.columns, CELLS))}
        rows = max(1, int(total[-1]))
        chosen = held_params(state, PARAMS)
        mean = total[:-1] // rows * chosen["rate"] // 1024
        change = _checked_change(state) * chosen["momentum"] // 1024 + mean
        weights = np.clip(own.weights + change, -LARGEST_WEIGHT, LARGEST_WEIGHT)
        return {**state, "rounds": rounds, "weights": weights, "change": weights - own.weights}

    def bounds(self, plan: Plan, rows: int) -> tuple[Integers, Integers]:
        """Counts 0 .. n; changes +-65536 n; the number of rows exactly."""
        high = np.full(plan.length, rows, dtype=np.int64)
        low = np.zeros(plan.length, dtype=np.int64)
        if isinstance(_own(plan), StepPlan):
            high[:-1] = rows << (INPUT_BITS + GRADIENT_BITS)
            low[:-1] = -high[:-1]
            low[-1] = rows
        return low, high

    def worth(self, plan: Plan, vector: Integers) -> int:
        """The number of rows."""
        own = _own(plan)
        checked_vector(plan, vector)
        return int(vector.sum()) // own.columns if isinstance(own, CountPlan) else max(0, int(vector[-1]))

    def logits(self, state: State, features: Integers) -> Integers:
        """The logit (n,) of rows (n, F) in 1/65536."""
        edges, weights = _checked_model(state)
        return weighted(inputs(checked_features(features, held_columns(state)), edges), weights)

    def probabilities(self, state: State, features: Integers) -> Integers:
        """The probability (n,) of label 1 in 2^-32."""
        return sigmoid(self.logits(state, features), 32)


def _counted(state: State, counts: Integers) -> dict[str, Integers]:
    """Edges, and weights that are zero but for the bias, from counts (2, F, C) by label."""
    edges = np.full_like(integers(state, "edges", 2), NO_EDGE)
    for column, of_column in enumerate(counts.sum(axis=0)):
        found = quantile_edges(GRID, of_column, held_params(state, PARAMS)["bins"])
        edges[column, : found.size] = found
    weights = np.zeros(counts.shape[1] + 1, dtype=np.int64)
    weights[-1] = logit_of(int(counts[1, 0].sum()), int(counts[:, 0].sum()))
    return {"edges": edges, "weights": weights}


def _checked_change(state: State) -> Integers:
    """The last change (F + 1,) of a state; raises BadState for one that no round makes."""
    change = integers(state, "change", 1)
    if change.shape != (held_columns(state) + 1,) or np.abs(change).max() > 2 * LARGEST_WEIGHT:
        raise BadState(f"state holds a change of shape {change.shape}, or one beyond +-128")
    return change


def _checked_model(state: State) -> tuple[Integers, Integers]:
    """Edges and weights of a state; raises BadState if they do not fit together."""
    edges, weights = integers(state, "edges", 2), integers(state, "weights", 1)
    columns = held_columns(state)
    if edges.shape != (columns, held_params(state, PARAMS)["bins"] - 1) or weights.shape != (columns + 1,):
        raise BadState(f"state holds edges {edges.shape} and weights {weights.shape} for {columns} columns")
    if (edges[:, 1:] < edges[:, :-1]).any() or np.abs(weights).max() > LARGEST_WEIGHT:
        raise BadState("state holds edges that do not ascend, or weights beyond +-64")
    return edges, weights
