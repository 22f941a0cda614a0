"""The guard: a line search along the pending step, one round after it was taken.

The loss of the rows at multiples of the step is a sum that rides along with the next round's candidates. The multiple
with the least loss settles the step; 0 is among them, so that the loss on the training rows never rises over what is
settled. A step that was too long also shortens the steps that follow, and after a step that had to be halved or undone
the candidates are dropped, since their gradients were taken too far away.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from anomalyhive.core.learner import Integers
from anomalyhive.core.learners.boost.model import MOST_VALUE, Model
from anomalyhive.core.learners.boost.params import FULL_SCALE, PER_MILLE
from anomalyhive.core.learners.boost.propose import SIDES

LEAST_RETREAT = 717
"""The damping falls to no less than 0.7 of itself in a round, in 1/1024."""

RECOVERY = 1075
"""The damping grows by 1.05 in a round whose step was not too long, in 1/1024."""

HALF_SCALE = 2
"""At this multiple of the step (in quarters) and below, the candidates are dropped."""


def best_scale(differences: Integers) -> int:
    """The multiple, in quarters, with the least loss; ``differences`` (5,) are to the full step.

    Ties go to the multiple nearest the full step, then to the smaller.
    """
    losses = [*zip((int(d) for d in differences), SIDES, strict=True), (0, FULL_SCALE)]
    return min(losses, key=lambda entry: (entry[0], abs(entry[1] - FULL_SCALE), entry[1]))[1]


def settle(model: Model, differences: Integers) -> tuple[Model, bool]:
    """The model with its pending step settled, and whether the round's candidates are worth keeping."""
    if not model.pending and not model.pending_additive:
        return model, True
    scale = best_scale(differences)
    damping = model.damping * RECOVERY // PER_MILLE
    if scale < FULL_SCALE:
        damping = model.damping * max(LEAST_RETREAT, scale * PER_MILLE // FULL_SCALE) // PER_MILLE
    damping = min(max(damping, 1), PER_MILLE)
    settled = replace(model, damping=damping, pending=0, pending_additive=0)
    if model.pending_additive:
        settled = replace(settled, additive_values=_scaled(model.additive_values, scale))
    if model.pending:
        settled = _with_settled_trees(settled, model.settled, scale)
    return settled, scale > HALF_SCALE


def _with_settled_trees(model: Model, first: int, scale: int) -> Model:
    """The model with its trees from ``first`` on at a multiple of their step; undone ones are taken out."""
    if scale == 0:
        return replace(
            model,
            features=model.features[:first],
            thresholds=model.thresholds[:first],
            values=model.values[:first],
        )
    late = _scaled(model.values[first:], scale)
    return replace(model, values=np.concatenate([model.values[:first], late]))


def _scaled(values: Integers, scale: int) -> Integers:
    return np.clip(values * scale // FULL_SCALE, -MOST_VALUE, MOST_VALUE)
