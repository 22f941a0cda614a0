"""Half-space trees, by the learner ``density``: sums over rows, so a federation fits it exactly, in two rounds."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from anomalyhive.core.features import to_image
from anomalyhive.core.learner import Rows
from anomalyhive.core.learners.density import Density
from anomalyhive.metrics.detectors.detector import Ints, checked_rows, register

ROUNDS = 2
"""The first counts the ranges, the second the mass."""


class HalfSpaceTrees:
    """The detector ``half_space_trees``. ``fit`` on the rows of several nodes equals the sum of their vectors."""

    name = "half_space_trees"

    def fit(self, features: Ints, seed: int) -> Any:
        """The learner's state after both rounds."""
        learner = Density()
        rows = Rows(images(checked_rows(features)), np.zeros(len(features), dtype=np.int64))
        state = learner.initial(features.shape[1], {})
        for number in range(ROUNDS):
            plan = learner.propose(state, hashlib.sha256(f"half_space_trees {seed} {number}".encode()).digest())
            state = learner.absorb(state, plan, learner.contribute(plan, rows))
        return state

    def score(self, fitted: Any, features: Ints) -> Ints:
        """The logit: 0 at even density; higher is stranger."""
        return Density().logits(fitted, images(features))


def images(features: Ints) -> Ints:
    """The order-preserving images (n, F) that learners take, of integers below 2^53 exactly."""
    return to_image(features.astype(np.float64))


register(HalfSpaceTrees())
