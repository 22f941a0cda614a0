"""Half-space trees (learner ``density``): how strange a row is, without any label.

S. C. Tan, K. M. Ting & T. F. Liu, "Fast Anomaly Detection for Streaming Data", IJCAI 2011. Round 1 counts rows on the
public grid, which gives the range of each feature. Each later round draws trees whose nodes halve a randomly placed
work space along random features, and counts the rows in their leaves. Where few rows share a leaf that is large, a
row is strange: the logit is ln(rows * trees / sum of mass * 2^depth), 0 at even density; higher is stranger.

Features are measured in cells of the grid, so on a logarithmic scale. When it fails: if what is sought is
common or dense, such as quiet accounts that look all alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from anomalyhive.core.coded import frozen, kernels, shared_out, worth_coding
from anomalyhive.core.draws import Draws
from anomalyhive.core.fixedpoint import LARGEST_LOGIT, logarithm, sigmoid
from anomalyhive.core.grid import CELLS, GRID, label_counts
from anomalyhive.core.learner import (
    BadState,
    Integers,
    Plan,
    Rows,
    State,
    checked_columns,
    checked_features,
    checked_params,
    checked_vector,
    held_columns,
    held_params,
    integer,
    integers,
)

PARAMS = {"depth": (7, 1, 12), "share": (10, 1, 1000), "trees": (16, 1, 256)}
"""depth: halvings from root to leaf. share: rows in 1/1000 at which a node's mass is no longer split (the paper's
size limit). trees: drawn each round."""

STEP_BITS = 16
"""A place on the grid is a cell and a fraction of it, in 1/65536."""

BLOCK = 1 << 13
"""Rows walked down at once, which bounds the memory."""


@dataclass(frozen=True, eq=False)
class RangePlan(Plan):
    """The first round: rows by feature and cell, (F, C) flattened."""

    columns: int


@dataclass(frozen=True, eq=False)
class MassPlan(Plan):
    """A later round: rows by leaf, (T, 2^depth) flattened. features, thresholds: nodes (T, 2^depth - 1)."""

    columns: int
    features: Integers
    thresholds: Integers


def _own(plan: Plan) -> RangePlan | MassPlan:
    if not isinstance(plan, (RangePlan, MassPlan)):
        raise BadState(f"{type(plan).__name__} is no plan of the learner density")
    return plan


def leaves_of(features: Integers, nodes: Integers, thresholds: Integers) -> Integers:
    """Leaf (T, n) of rows (n, F) in trees with nodes and thresholds (T, 2^depth - 1), root first."""
    trees = np.arange(nodes.shape[0])[:, None]
    rows = np.arange(features.shape[0])[None, :]
    at: Integers = np.zeros((nodes.shape[0], features.shape[0]), dtype=np.int64)
    for _ in range((nodes.shape[1] + 1).bit_length() - 1):
        at = 2 * at + 1 + (features[rows, nodes[trees, at]] >= thresholds[trees, at])
    leaves: Integers = at - nodes.shape[1]
    return leaves


def leaf_counts(features: Integers, nodes: Integers, thresholds: Integers) -> Integers:
    """Rows (T, 2^depth) of features (n, F) by leaf of trees with nodes and thresholds (T, 2^depth - 1)."""
    shape = (nodes.shape[0], nodes.shape[1] + 1)
    compiled = kernels() if worth_coding(features.shape[0]) else None
    features, nodes, thresholds = frozen(features), frozen(nodes), frozen(thresholds)

    def work(start: int, stop: int) -> Integers:
        counts = np.zeros(shape, dtype=np.int64)
        if compiled is not None:
            compiled.leaf_counts(features, start, stop, nodes, thresholds, counts)
            return counts
        first = np.arange(shape[0])[:, None] * shape[1]
        for block in range(start, stop, BLOCK):
            leaves = leaves_of(features[block : min(block + BLOCK, stop)], nodes, thresholds)
            counts += np.bincount((leaves + first).ravel(), minlength=counts.size).reshape(shape)
        return counts

    total: Integers = np.sum(shared_out(features.shape[0], work), axis=0, dtype=np.int64)
    return total


def leaf_sums(features: Integers, nodes: Integers, thresholds: Integers, values: Integers) -> Integers:
    """Sum (n,) over trees of the value (T, 2^depth) of the leaf that each row of features (n, F) lies in."""
    total = np.zeros(features.shape[0], dtype=np.int64)
    compiled = kernels() if worth_coding(features.shape[0]) else None
    features, nodes, thresholds = frozen(features), frozen(nodes), frozen(thresholds)

    def work(start: int, stop: int) -> None:
        if compiled is not None:
            compiled.leaf_sums(features, start, stop, nodes, thresholds, frozen(values), total)
            return
        for block in range(start, stop, BLOCK):
            end = min(block + BLOCK, stop)
            leaves = leaves_of(features[block:end], nodes, thresholds)
            total[block:end] = np.take_along_axis(values, leaves, axis=1).sum(axis=0)

    shared_out(features.shape[0], work)
    return total


class Density:
    """The learner ``density``."""

    name = "density"

    def initial(self, columns: int, params: Mapping[str, int]) -> State:
        """No ranges and no trees: every row has logit 0."""
        chosen, columns = checked_params(params, PARAMS), checked_columns(columns)
        nodes = np.zeros((0, (1 << chosen["depth"]) - 1), dtype=np.int64)
        ranges = np.zeros((columns, 2), dtype=np.int64)
        mass = np.zeros((0, 1 << chosen["depth"]), dtype=np.int64)
        trees = {"nodes": nodes, "thresholds": nodes, "mass": mass}
        return {**chosen, "columns": columns, "rounds": 0, "ranges": ranges, **trees}

    def propose(self, state: State, seed: bytes) -> Plan:
        """Counts on the grid in the first round, new trees afterwards."""
        columns = held_columns(state)
        if integer(state, "rounds") == 0:
            return RangePlan(length=columns * CELLS, columns=columns)
        features, thresholds = _drawn_trees(state, seed)
        return MassPlan(features.size + features.shape[0], columns, features, thresholds)

    def contribute(self, plan: Plan, rows: Rows) -> Integers:
        """Counts (P,)."""
        own = _own(plan)
        checked_features(rows.features, own.columns)
        if isinstance(own, RangePlan):
            cells: Integers = label_counts(rows.features, np.zeros_like(rows.labels)).sum(axis=0)
            return cells.reshape(plan.length)
        return leaf_counts(rows.features, own.features, own.thresholds).reshape(plan.length)

    def absorb(self, state: State, plan: Plan, total: Integers) -> State:
        """Ranges from the first round; later rounds add their trees."""
        own, total = _own(plan), checked_vector(plan, total)
        rounds = integer(state, "rounds") + 1
        if isinstance(own, RangePlan):
            return {**state, "rounds": rounds, "ranges": _occupied(total.reshape(own.columns, CELLS))}
        return {
            **state,
            "rounds": rounds,
            "nodes": np.concatenate([integers(state, "nodes", 2), own.features]),
            "thresholds": np.concatenate([integers(state, "thresholds", 2), own.thresholds]),
            "mass": np.concatenate([integers(state, "mass", 2), total.reshape(own.features.shape[0], -1)]),
        }

    def bounds(self, plan: Plan, rows: int) -> tuple[Integers, Integers]:
        """Each count is between 0 and the number of rows."""
        return np.zeros(plan.length, dtype=np.int64), np.full(plan.length, rows, dtype=np.int64)

    def worth(self, plan: Plan, vector: Integers) -> int:
        """The number of rows counted."""
        own = _own(plan)
        times = own.columns if isinstance(own, RangePlan) else own.features.shape[0]
        return int(checked_vector(plan, vector).sum()) // times

    def logits(self, state: State, features: Integers) -> Integers:
        """How strange each row (n,) is, in 1/65536."""
        checked_features(features, held_columns(state))
        nodes, thresholds, mass = _checked_trees(state)
        if nodes.shape[0] == 0:
            return np.zeros(features.shape[0], dtype=np.int64)
        profile = _profile(mass, held_params(state, PARAMS)["share"])
        even = int(logarithm(np.array([max(1, int(mass.sum()))], dtype=np.int64))[0])
        found = even - logarithm(np.maximum(leaf_sums(features, nodes, thresholds, profile), 1))
        clipped: Integers = np.clip(found, -LARGEST_LOGIT, LARGEST_LOGIT)
        return clipped

    def probabilities(self, state: State, features: Integers) -> Integers:
        """The logistic function of the logit, in 2^-32: a rank of strangeness, not a calibrated probability."""
        return sigmoid(self.logits(state, features), 32)


def _occupied(counts: Integers) -> Integers:
    """First cell of each feature that holds a row, and the cell after the last (F, 2), of counts (F, C)."""
    ranges = np.zeros((counts.shape[0], 2), dtype=np.int64)
    for column, held in enumerate(counts):
        cells = np.flatnonzero(held)
        if cells.size:
            ranges[column] = cells[0], cells[-1] + 1
    return ranges


def _drawn_trees(state: State, seed: bytes) -> tuple[Integers, Integers]:
    """Features and thresholds (T, 2^depth - 1) of new trees (Tan et al. 2011, section 3, algorithm 1)."""
    chosen, ranges = held_params(state, PARAMS), _checked_ranges(state) << STEP_BITS
    count, depth = chosen["trees"], chosen["depth"]
    columns, nodes = ranges.shape[0], (1 << depth) - 1
    draws = Draws(seed, "density")
    features = draws.below(columns, count * nodes).reshape(count, nodes)
    widths = np.maximum(ranges[:, 1] - ranges[:, 0], 1)
    middles = ranges[:, 0] + (draws.below(1 << 31, count * columns).reshape(count, columns) * widths >> 31)
    reach = 2 * np.maximum(middles - ranges[:, 0], ranges[:, 1] - middles)
    spaces = np.stack([middles - reach, middles + reach], axis=2)  # (T, F, 2): the work space of each root
    places = np.empty((count, nodes), dtype=np.int64)
    for tree in range(count):
        for node, low, high in _halvings(features[tree].tolist(), spaces[tree].tolist()):
            places[tree, node] = (low + high) // 2
    return features, _images(places)


def _halvings(features: list[int], space: list[list[int]]) -> list[tuple[int, int, int]]:
    """The interval (node, low, high) that each node halves, in its feature, given the work space of the root."""
    found, waiting = [], [(0, {column: (low, high) for column, (low, high) in enumerate(space)})]
    while waiting:
        node, inside = waiting.pop()
        low, high = inside[features[node]]
        found.append((node, low, high))
        middle = (low + high) // 2
        if 2 * node + 2 < len(features):
            waiting.append((2 * node + 1, {**inside, features[node]: (low, middle)}))
            waiting.append((2 * node + 2, {**inside, features[node]: (middle, high)}))
    return found


def _images(places: Integers) -> Integers:
    """The image at each place on the grid, linear within a cell; places off the grid become its ends."""
    inside = np.clip(places, 1 << STEP_BITS, (CELLS - 1) << STEP_BITS)  # the first cell has no lower end
    cell = np.minimum(inside >> STEP_BITS, CELLS - 2)
    width = GRID[cell + 1] - GRID[cell]
    fraction = inside - (cell << STEP_BITS)
    found: Integers = GRID[cell] + (width >> STEP_BITS) * fraction + ((width & 0xFFFF) * fraction >> STEP_BITS)
    return found


def _profile(mass: Integers, share: int) -> Integers:
    """Mass times 2^depth (T, 2^depth) of the node at which a walk to each leaf stops.

    It stops at the first node with no more than ``share`` thousandths of a tree's rows, or at the leaf.
    """
    trees, leaves = mass.shape
    limit = mass.sum(axis=1, keepdims=True) * share // 1000
    found: Integers = mass * leaves
    for level in range(leaves.bit_length() - 2, -1, -1):
        width = leaves >> level
        held = mass.reshape(trees, -1, width).sum(axis=2)
        found = np.where(np.repeat(held <= limit, width, axis=1), np.repeat(held << level, width, axis=1), found)
    return found


def _checked_ranges(state: State) -> Integers:
    """Ranges (F, 2) of a state in cells; raises BadState for what no counts give."""
    ranges = integers(state, "ranges", 2)
    if ranges.shape != (held_columns(state), 2) or ranges.min() < 0 or ranges.max() > CELLS:
        raise BadState(f"state holds ranges of shape {ranges.shape}, or beyond the {CELLS} cells of the grid")
    return ranges


def _checked_trees(state: State) -> tuple[Integers, Integers, Integers]:
    """Nodes, thresholds and mass of a state; raises BadState if they do not fit together."""
    nodes, thresholds, mass = (integers(state, name, 2) for name in ("nodes", "thresholds", "mass"))
    leaves = 1 << held_params(state, PARAMS)["depth"]
    fits = nodes.shape == thresholds.shape and nodes.shape[1] == leaves - 1
    if not fits or mass.shape != (nodes.shape[0], leaves):
        raise BadState(f"state holds nodes {nodes.shape}, thresholds {thresholds.shape} and mass {mass.shape}")
    if nodes.size and (nodes.min() < 0 or nodes.max() >= held_columns(state) or mass.min() < 0):
        raise BadState("state holds a node of a column that there is not, or a negative mass")
    return nodes, thresholds, mass
