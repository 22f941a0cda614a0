"""Parameters and units of the learner ``boost``."""

from __future__ import annotations

from collections.abc import Mapping

from anomalyhive.core.learner import BadParameter, checked_params

COARSEST_BITS = 8
"""Least unit bits: gradients, curvatures and losses are summed in 1/256, so that sums over a thousand rows fit 16 bits.
A finer unit gained nothing where one label is not rare."""

FINEST_BITS = 16
"""Most unit bits, for a label that is rarer than one row in a thousand."""

SCALES = (0, 1, 2, 3, 4, 5)
"""Multiples of the pending step, in quarters, whose loss rides along with the next round."""

FULL_SCALE = 4
"""The multiple, in quarters, at which the next round's gradients are taken."""

PER_MILLE = 1024
"""1 as a parameter that is a ratio."""

PARAMS = {
    "additive": (12, 1, 1024),
    "axes": (3, 1, 6),
    "bins": (256, 2, 1024),
    "candidates": (96, 1, 4096),
    "depth": (5, 1, 8),
    "kept": (40, 1, 4096),
    "levels": (4, 2, 16),
    "reach": (2016, 1, 4096),
    "refined": (32, 0, 1024),
    "ridge": (51, 1, 1 << 20),
    "uniform": (512, 1, PER_MILLE),
}
"""Name -> (default, smallest, largest).

additive: tables of one feature that the first round keeps.
axes, levels: a candidate cuts each of ``axes`` features into ``levels`` levels; levels^axes cells, at most 4096.
bins: most parts that the thresholds of a feature may cut its rows into.
candidates, kept: tables summed a round, and how many of them become trees.
depth: most splits on the way to a leaf of a tree.
reach: sum of the step lengths of a round's trees, in 1/1024. Trees of a round see the same gradient, and where all
    agree a sum of 2 overshoots as far as the loss was off before.
refined: cells of the scale that are cut finer each round.
ridge: added to the curvature of a leaf, in 1/256 (whatever the unit of the sums).
uniform: share of features that are drawn evenly instead of by their earned gain, in 1/1024.
"""

MOST_CELLS = 4096
"""Most cells of a candidate."""

MOST_ENTRIES = 1 << 20
"""Most cells of all candidates of a round together: a node's vector has two coordinates for each."""


def chosen_params(given: Mapping[str, int]) -> dict[str, int]:
    """All parameters, validated one by one and together; raises BadParameter."""
    params = checked_params(given, PARAMS)
    if params["levels"] ** params["axes"] > MOST_CELLS:
        raise BadParameter("levels", params["levels"], f"levels^axes must not pass {MOST_CELLS}: lower either")
    entries = params["candidates"] * params["levels"] ** params["axes"]
    if entries > MOST_ENTRIES:
        raise BadParameter("candidates", params["candidates"], f"times levels^axes must not pass {MOST_ENTRIES}")
    if params["kept"] > params["candidates"]:
        raise BadParameter("kept", params["kept"], f"choose at most candidates={params['candidates']}")
    return params
