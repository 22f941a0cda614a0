"""Small integer tables and whole runs of a learner, for tests and the golden file; no library's random numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from anomalyhive.core.draws import Draws
from anomalyhive.core.fixedpoint import ONE
from anomalyhive.core.grid import GRID
from anomalyhive.core.learner import Integers, Learner, Plan, Rows, State

COLUMNS = {"boost": 5, "calibration": 1, "classify": 5, "density": 5, "edges": 5, "fedavg": 5}
"""Columns of the sample table of each learner."""

PARAMS: dict[str, dict[str, int]] = {
    "boost": {"additive": 2, "bins": 16, "candidates": 12, "kept": 5, "refined": 4},
    "calibration": {"bins": 32},
    "classify": {"boosting": 3, "additive": 2, "bins": 16, "candidates": 12, "kept": 5, "refined": 4, "held": 4},
    "density": {"depth": 4, "trees": 3},
    "edges": {"bins": 8},
    "fedavg": {"bins": 16},
}
"""Small ones, so that a property test can run hundreds of rounds."""


def seed_of(*numbers: int) -> bytes:
    """32 bytes for a tuple of numbers."""
    return hashlib.sha256(repr(numbers).encode()).digest()


def sample(count: int, columns: int, number: int) -> Rows:
    """``count`` rows: images near every part of the grid, zeros and repeats; the label follows two columns, with noise.

    With one column it is a logit in 1/65536, as calibration takes it.
    """
    draws = Draws(seed_of(count, columns, number), "sample")
    if columns == 1:
        scores = draws.below(40 * ONE, count) - 20 * ONE
        return Rows(scores[:, None], (scores > draws.below(8 * ONE, count) - 4 * ONE).astype(np.int64))
    cells = draws.below(GRID.size - 1, count * columns) + 1
    features = (GRID[cells] + draws.below(1 << 44, cells.size) * (draws.below(3, cells.size) - 1)).reshape(
        count, columns
    )
    features[:, 1] = np.where(draws.below(2, count) == 0, 0, features[:, 1])
    label = (features[:, 0] > GRID[170]) ^ (features[:, 1] == 0) ^ (draws.below(8, count) == 0)
    return Rows(features, label.astype(np.int64))


def take(rows: Rows, indices: Sequence[int] | Integers) -> Rows:
    """Some of the rows, without the memory of the others."""
    chosen = np.asarray(indices, dtype=np.int64)
    return Rows(rows.features[chosen].copy(), rows.labels[chosen].copy())


@dataclass(frozen=True)
class Round:
    """One round of a run: what was planned, summed and learned."""

    plan: Plan
    total: Integers
    state: State


def run(learner: Learner, shards: Sequence[Rows], rounds: int, number: int, params: Mapping[str, int]) -> list[Round]:
    """Rounds of a federation of these shards from the learner's initial state."""
    state = learner.initial(shards[0].features.shape[1], params)
    done = []
    for index in range(rounds):
        plan = learner.propose(state, seed_of(number, index))
        total = np.zeros(plan.length, dtype=np.int64)
        for rows in shards:
            total += learner.contribute(plan, rows)
        state = learner.absorb(state, plan, total)
        done.append(Round(plan, total, state))
    return done


def fingerprint(value: object) -> str:
    """Sha-256 of a state, list, number or array: equal for equal content alone."""
    return hashlib.sha256(_encoded(value)).hexdigest()


def _encoded(value: object) -> bytes:
    if isinstance(value, np.ndarray):
        return b"array" + repr(value.shape).encode() + value.astype("<i8").tobytes()
    if isinstance(value, Mapping):
        return b"map" + b"".join(_encoded(key) + _encoded(value[key]) for key in sorted(value))
    if isinstance(value, (list, tuple)):
        return b"list" + b"".join(_encoded(item) for item in value)
    return repr(int(value) if isinstance(value, np.integer) else value).encode() + b";"
