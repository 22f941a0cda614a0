"""Parameters of the learner ``classify``: those of ``boost``, and its own."""

from __future__ import annotations

from collections.abc import Mapping

from anomalyhive.core.learner import MOST_CLASSES, checked_params
from anomalyhive.core.learners import calibration
from anomalyhive.core.learners.boost import params as boost

OWN = {
    "boosting": (19, 1, 1 << 20),
    "classes": (2, 2, MOST_CLASSES),
    "held": (8, 0, 1 << 10),
    "score_bins": calibration.PARAMS["bins"],
}
"""Name -> (default, smallest, largest).

boosting: rounds that learn; those that follow count what calibrates.
classes: classes that the labels tell apart.
held: one row of so many is kept from boosting, for the counts that calibrate; 0 or 1 counts the rows that were learned
    from, whose scores flatter the model.
score_bins: bins of a score that are counted.
"""

PARAMS = {**boost.PARAMS, **OWN}
"""All parameters. ``candidates`` and ``kept`` are of all classes together: more make no longer vectors."""

FEWEST = 8
"""Candidates that a class has at least, and half as many that it keeps."""


def models_of(params: Mapping[str, int]) -> int:
    """How many boosted models there are: one of class 1 for two classes, else one a class."""
    return 1 if params["classes"] == 2 else params["classes"]


def boost_params(params: Mapping[str, int]) -> dict[str, int]:
    """The parameters of each boosted model; raises BadParameter."""
    shared = {name: params[name] for name in boost.PARAMS}
    models = models_of(params)
    if models > 1:
        shared["candidates"] = max(min(FEWEST, shared["candidates"]), shared["candidates"] // models)
        shared["kept"] = min(shared["candidates"], max(min(FEWEST // 2, shared["kept"]), shared["kept"] // models))
    return boost.chosen_params(shared)


def chosen_params(given: Mapping[str, int]) -> dict[str, int]:
    """All parameters, validated one by one and together; raises BadParameter."""
    params = checked_params(given, PARAMS)
    boost.chosen_params({name: params[name] for name in boost.PARAMS})
    boost_params(params)
    return params
