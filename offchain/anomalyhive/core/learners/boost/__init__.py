"""Boosting with public random oblivious trees (learner ``boost``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isqrt

import numpy as np

from anomalyhive.core.draws import Draws
from anomalyhive.core.fixedpoint import ONE, sigmoid
from anomalyhive.core.learner import (
    Integers,
    Plan,
    Rows,
    State,
    checked_columns,
    checked_features,
    checked_params,
    checked_vector,
    integer,
    integers,
)
from anomalyhive.core.learners.edges import CELLS, counts, quantile_edges

PARAMS = {
    "candidates": (128, 1, 4096),
    "kept": (16, 1, 4096),
    "depth": (6, 1, 10),
    "bins": (64, 2, 256),
    "step": (512, 1, 1024),
}


@dataclass(frozen=True)
class CountPlan(Plan):
    columns: int


@dataclass(frozen=True)
class TreePlan(Plan):
    state: State
    features: Integers
    splits: Integers


def binned(features: Integers, edges: Integers) -> Integers:
    out = np.empty(features.shape, dtype=np.int64)
    for column in range(features.shape[1]):
        out[:, column] = np.searchsorted(edges[column], features[:, column], side="right")
    return out


def leaves(bins: Integers, features: Integers, splits: Integers) -> Integers:
    found = np.zeros((bins.shape[0], features.shape[0]), dtype=np.int64)
    for level in range(features.shape[1]):
        found = 2 * found + (bins[:, features[:, level]] > splits[:, level])
    return found


class Boost:
    name = "boost"

    def initial(self, columns: int, params: Mapping[str, int]) -> State:
        chosen = checked_params(params, PARAMS)
        empty = np.empty((0, chosen["depth"]), dtype=np.int64)
        return {
            **chosen,
            "columns": checked_columns(columns),
            "edges": np.empty((0, 0), dtype=np.int64),
            "features": empty,
            "splits": empty,
            "leaves": np.empty((0, 1 << chosen["depth"]), dtype=np.int64),
            "earned": np.zeros(columns, dtype=np.int64),
        }

    def propose(self, state: State, seed: bytes) -> Plan:
        columns = integer(state, "columns")
        edges = integers(state, "edges", 2)
        if edges.size == 0:
            return CountPlan(length=2 * columns * CELLS, columns=columns)
        drawn, depth = integer(state, "candidates"), integer(state, "depth")
        draws = Draws(seed, "boost")
        usable = (edges != np.iinfo(np.int64).max).sum(axis=1)
        weights = 3 * max(1, int(integers(state, "earned", 1).sum())) + 7 * columns * integers(state, "earned", 1)
        weights = weights * (usable > 0)
        features = draws.weighted(weights, drawn * depth)
        splits = draws.below(1 << 32, drawn * depth) * usable[features] >> 32
        shape = (drawn, depth)
        return TreePlan(2 * drawn << depth, state, features.reshape(shape), splits.reshape(shape))

    def contribute(self, plan: Plan, rows: Rows) -> Integers:
        if isinstance(plan, CountPlan):
            checked_features(rows.features, plan.columns)
            return counts(rows).ravel()
        assert isinstance(plan, TreePlan)
        bins = binned(rows.features, integers(plan.state, "edges", 2))
        p = sigmoid(self.logits(plan.state, rows.features), 16)
        g = p - rows.labels * ONE >> 6
        h = p * (ONE - p) >> 22
        drawn, depth = plan.features.shape
        keys = leaves(bins, plan.features, plan.splits) + (np.arange(drawn) << depth)
        out = np.zeros((2, drawn << depth), dtype=np.int64)
        for k, value in enumerate((g, h)):
            np.add.at(out[k], keys, value[:, None])
        return out.ravel()

    def absorb(self, state: State, plan: Plan, total: Integers) -> State:
        checked_vector(plan, total)
        if isinstance(plan, CountPlan):
            table = total.reshape(2, plan.columns, CELLS).sum(axis=0)
            return {**state, "edges": quantile_edges(table, integer(state, "bins"))}
        assert isinstance(plan, TreePlan)
        drawn, depth = plan.features.shape
        G, H = total.reshape(2, drawn, 1 << depth)
        H = H + 1024
        gain = (G * G // H).sum(axis=1)
        best = np.lexsort((np.arange(drawn), -gain))[: integer(state, "kept")]
        earned = integers(state, "earned", 1).copy()
        np.add.at(earned, plan.features[best], gain[best][:, None])
        step = integer(state, "step") * 64
        values = -(G[best] * step * 64 // H[best]) // isqrt(4096 * best.size)
        return {
            **state,
            "features": np.concatenate([integers(state, "features", 2), plan.features[best]]),
            "splits": np.concatenate([integers(state, "splits", 2), plan.splits[best]]),
            "leaves": np.concatenate([integers(state, "leaves", 2), values]),
            "earned": earned,
        }

    def bounds(self, plan: Plan, rows: int) -> tuple[Integers, Integers]:
        high = np.full(plan.length, rows * (1 if isinstance(plan, CountPlan) else 1024), dtype=np.int64)
        low = np.zeros_like(high)
        if isinstance(plan, TreePlan):
            low[: plan.length // 2] = -high[: plan.length // 2]
        return low, high

    def worth(self, plan: Plan, vector: Integers) -> int:
        checked_vector(plan, vector)
        if isinstance(plan, CountPlan):
            return int(vector.sum()) // plan.columns
        assert isinstance(plan, TreePlan)
        drawn = plan.features.shape[0]
        return int(vector.reshape(2, drawn, -1)[1, 0].sum())

    def logits(self, state: State, features: Integers) -> Integers:
        checked_features(features, integer(state, "columns"))
        values = integers(state, "leaves", 2)
        if not values.size:
            return np.zeros(features.shape[0], dtype=np.int64)
        bins = binned(features, integers(state, "edges", 2))
        found = leaves(bins, integers(state, "features", 2), integers(state, "splits", 2))
        return values[np.arange(values.shape[0]), found].sum(axis=1)

    def probabilities(self, state: State, features: Integers) -> Integers:
        return sigmoid(self.logits(state, features), 32)
