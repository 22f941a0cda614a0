"""Which rows are kept from boosting for calibration: decided by their features alone.

So nobody need know how rows are spread over nodes, and rows with equal features are always on one side.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from anomalyhive.core.learner import Integers

MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
"""2^64 divided by the golden ratio, odd: Knuth, The Art of Computer Programming 3, 6.4."""

SHIFT = np.uint64(32)


def held_rows(features: Integers, held: int) -> NDArray[np.bool_]:
    """Which rows (n,) of features (n, F) are held: about one in ``held``; for 0 and 1 none.

    A multiplicative hash of all columns in order, in 64 bits that wrap around.
    """
    if held < 2:
        return np.zeros(features.shape[0], dtype=np.bool_)
    mixed = np.zeros(features.shape[0], dtype=np.uint64)
    for column in features.T:
        mixed = (mixed ^ column.astype(np.uint64)) * MULTIPLIER
        mixed ^= mixed >> SHIFT
    chosen: NDArray[np.bool_] = (mixed * MULTIPLIER >> SHIFT) % np.uint64(held) == 0
    return chosen
