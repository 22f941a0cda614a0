"""What ``classify`` has learned: a boosted model a class, and the counts that calibrate their scores.

The models share one scale (the counts of rows by cell do not depend on labels), so a state holds it once.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from anomalyhive.core.learner import BadState, Integers, State, Value, checked_columns, integer, integers
from anomalyhive.core.learners.boost.model import Model, empty_model, read_model
from anomalyhive.core.learners.classify.params import PARAMS, boost_params, chosen_params, models_of

SHARED = ("cell_features", "cell_borders", "cell_counts")
"""Arrays that all models have in common."""

OF_MODEL = tuple(field.name for field in fields(Model) if field.name not in ("params", "columns", *SHARED))
"""What each model has for itself."""

MOST_COUNT = 1 << 40


@dataclass(frozen=True, eq=False)
class Classifier:
    """The learned state with types.

    models: one of class 1 for two classes, else one of each class against all others.
    counts: rows (models, 2, bins) by whether they are of the model's class and by bin of its score; zeros before the
        first calibration.
    """

    params: dict[str, int]
    columns: int
    models: tuple[Model, ...]
    counts: Integers

    @property
    def boosted(self) -> int:
        """Rounds that learned."""
        return self.models[0].rounds

    @property
    def learns(self) -> bool:
        """Whether the next round learns; else it counts."""
        return self.boosted < self.params["boosting"]

    def state(self) -> State:
        """The state that holds this."""
        held: dict[str, Value] = {**self.params, "columns": self.columns, "counts": self.counts}
        held |= {name: getattr(self.models[0], name) for name in SHARED}
        for index, model in enumerate(self.models):
            held |= {f"{name}.{index}": getattr(model, name) for name in OF_MODEL}
        return held


def empty_classifier(columns: int, params: dict[str, int]) -> Classifier:
    """What is known before the first round."""
    models = models_of(params)
    empty = empty_model(columns, boost_params(params))
    counts = np.zeros((models, 2, params["score_bins"]), dtype=np.int64)
    return Classifier(params, columns, (empty,) * models, counts)


def read_classifier(state: State) -> Classifier:
    """What a state holds; raises BadState or BadParameter for what no learning makes."""
    params = chosen_params({name: integer(state, name) for name in PARAMS})
    columns = checked_columns(integer(state, "columns"))
    shared: dict[str, Value] = {**boost_params(params), "columns": columns}
    shared |= {name: integers(state, name, 1) for name in SHARED}
    models = []
    for index in range(models_of(params)):
        own = {name: _held(state, f"{name}.{index}") for name in OF_MODEL}
        models.append(read_model({**shared, **own}))
    if len({model.rounds for model in models}) > 1:
        raise BadState("state holds models of different rounds")
    counts = integers(state, "counts", 3)
    if counts.shape != (len(models), 2, params["score_bins"]) or counts.min() < 0 or counts.max() > MOST_COUNT:
        raise BadState(f"state holds counts of shape {counts.shape}, or some that no rows give")
    return Classifier(params, columns, tuple(models), counts)


def _held(state: State, key: str) -> Value:
    try:
        return state[key]
    except KeyError:
        raise BadState(f"state holds nothing under {key!r}") from None
