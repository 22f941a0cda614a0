"""What ``boost`` has learned, as arrays, and its way to a state and back.

The logit of a row is ``prior`` + one value of each additive table + one value of each tree. An additive table cuts one
feature at its borders. A tree cuts each of ``axes`` features at ``levels - 1`` thresholds; the levels, first axis
first, are the digits of the cell, and each cell has a value. All values are in 1/65536.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from anomalyhive.core.fixedpoint import ONE
from anomalyhive.core.learner import BadState, Integers, State, Value, checked_columns, integer, integers
from anomalyhive.core.learners.boost.params import COARSEST_BITS, FINEST_BITS, PARAMS, PER_MILLE, chosen_params

MOST_VALUE = 16 * ONE
"""Largest magnitude of any value, scaled by the line search."""

DIMENSIONS = {
    "additive_features": 1,
    "additive_borders": 2,
    "additive_values": 2,
    "features": 2,
    "thresholds": 3,
    "values": 2,
    "earned": 1,
    "cell_features": 1,
    "cell_borders": 1,
    "cell_counts": 1,
    "point_features": 1,
    "point_borders": 1,
    "point_gradients": 1,
    "point_curvatures": 1,
}
"""Arrays of a model and their numbers of dimensions."""


NUMBERS = ("rounds", "prior", "unit_bits", "pending", "pending_additive", "damping", "gradient", "curvature")
"""Integers of a model besides its parameters and columns."""


@dataclass(frozen=True, eq=False)
class Model:
    """The learned state with types; T trees, A additive tables, F columns, S cells of the scale, Q points.

    unit_bits: gradients, curvatures and losses are summed in 2^-unit_bits; more if one label is rare, so that the small
        gradients of the other are not rounded away.
    pending, pending_additive: how many of the last trees and of the additive tables are provisional; the loss at
        multiples of their step rides along with the next round.
    damping: what the guard leaves of a round's reach, in 1/1024.
    earned: gain that each feature (F,) earned.
    cell_*: the scale: feature, lower border and row count of each cell, ascending.
    point_*: feature and border of the last round's thresholds, with the gradient and curvature of the rows below;
        gradient and curvature are those of all rows.
    """

    params: dict[str, int]
    columns: int
    rounds: int
    prior: int
    unit_bits: int
    pending: int
    pending_additive: int
    damping: int
    gradient: int
    curvature: int
    additive_features: Integers
    additive_borders: Integers
    additive_values: Integers
    features: Integers
    thresholds: Integers
    values: Integers
    earned: Integers
    cell_features: Integers
    cell_borders: Integers
    cell_counts: Integers
    point_features: Integers
    point_borders: Integers
    point_gradients: Integers
    point_curvatures: Integers

    @property
    def settled(self) -> int:
        """Number of trees that no later round changes."""
        return int(self.features.shape[0]) - self.pending

    @property
    def ridge(self) -> int:
        """Added to the curvature of a leaf, in the unit of the sums."""
        return self.params["ridge"] << (self.unit_bits - COARSEST_BITS)

    def state(self) -> State:
        """The state that holds this model."""
        held: dict[str, Value] = dict(self.params)
        for field in fields(self):
            if field.name != "params":
                held[field.name] = getattr(self, field.name)
        return held


def _assembled(
    params: dict[str, int], columns: int, numbers: Mapping[str, int], arrays: Mapping[str, Integers]
) -> Model:
    fields_by_name: dict[str, Any] = {**numbers, **arrays}
    return Model(params=params, columns=columns, **fields_by_name)


def empty_model(columns: int, params: dict[str, int]) -> Model:
    """The model before the first round."""
    axes, levels, bins = params["axes"], params["levels"], params["bins"]
    shapes: dict[str, tuple[int, ...]] = {name: (0,) * size for name, size in DIMENSIONS.items()}
    shapes |= {"additive_borders": (0, bins - 1), "additive_values": (0, bins), "features": (0, axes)}
    shapes |= {"thresholds": (0, axes, levels - 1), "values": (0, levels**axes), "earned": (columns,)}
    arrays = {name: np.zeros(shape, dtype=np.int64) for name, shape in shapes.items()}
    return _assembled(
        params, columns, {**dict.fromkeys(NUMBERS, 0), "damping": PER_MILLE, "unit_bits": COARSEST_BITS}, arrays
    )


def read_model(state: State) -> Model:
    """The model that a state holds; raises BadState or BadParameter for one that no learning makes."""
    params = chosen_params({name: integer(state, name) for name in PARAMS})
    columns = checked_columns(integer(state, "columns"))
    arrays = {name: integers(state, name, size) for name, size in DIMENSIONS.items()}
    model = _assembled(params, columns, {name: integer(state, name) for name in NUMBERS}, arrays)
    _check_shapes(model)
    _check_ranges(model)
    return model


def _check_shapes(model: Model) -> None:
    axes, levels, bins = (model.params[name] for name in ("axes", "levels", "bins"))
    tables, trees = model.additive_features.shape[0], model.features.shape[0]
    cells, points = model.cell_features.shape, model.point_features.shape
    wanted: dict[str, tuple[int, ...]] = {
        "additive_borders": (tables, bins - 1),
        "additive_values": (tables, bins),
        "features": (trees, axes),
        "thresholds": (trees, axes, levels - 1),
        "values": (trees, levels**axes),
        "earned": (model.columns,),
        "cell_borders": cells,
        "cell_counts": cells,
        "point_borders": points,
        "point_gradients": points,
        "point_curvatures": points,
    }
    for name, shape in wanted.items():
        found = getattr(model, name).shape
        if found != shape:
            raise BadState(f"state holds {name} of shape {found}: its parameters make {shape}")


def _check_ranges(model: Model) -> None:
    limits = {
        "additive_features": (0, model.columns - 1),
        "features": (0, model.columns - 1),
        "cell_features": (0, model.columns - 1),
        "point_features": (0, model.columns - 1),
        "additive_values": (-MOST_VALUE, MOST_VALUE),
        "values": (-MOST_VALUE, MOST_VALUE),
        "earned": (0, 1 << 62),
        "cell_counts": (0, 1 << 40),
        "point_gradients": (-1 << 50, 1 << 50),
        "point_curvatures": (0, 1 << 50),
        "prior": (-24 * ONE, 24 * ONE),
        "rounds": (0, 1 << 32),
        "unit_bits": (COARSEST_BITS, FINEST_BITS),
        "pending": (0, model.features.shape[0]),
        "pending_additive": (0, 1),
        "damping": (1, PER_MILLE),
        "gradient": (-1 << 50, 1 << 50),
        "curvature": (0, 1 << 50),
    }
    for name, (low, high) in limits.items():
        found = np.asarray(getattr(model, name))
        if found.size and (found.min() < low or found.max() > high):
            raise BadState(f"state holds {name} from {found.min()} to {found.max()}: allowed is {low} to {high}")
    for name in ("additive_borders", "thresholds"):
        held = getattr(model, name)
        if (held[..., 1:] < held[..., :-1]).any():  # not np.diff: differences can pass 2^63
            raise BadState(f"state holds {name} that do not ascend")
