"""From a boosted score to a calibrated one: through the counts of held rows.

Bins are pooled by `calibration.pooled_logits`. The calibrated logit is linear between the middles of the pools and goes
on with slope 1 beyond the outermost, so that it keeps the order of scores: a level part would tie what differs.
"""

from __future__ import annotations

import numpy as np

from anomalyhive.core.fixedpoint import LARGEST_LOGIT, ONE
from anomalyhive.core.learner import Integers
from anomalyhive.core.learners.calibration import RANGE, pooled_logits


def knots(counts: Integers) -> tuple[Integers, Integers]:
    """Ascending scores (q,) and calibrated logits (q,) of the pools of counts (2, bins); none without a row."""
    bins = counts.shape[1]
    filled = np.flatnonzero(counts.sum(axis=0))
    if not filled.size:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    logits = pooled_logits(counts[:, filled])
    starts = np.flatnonzero(np.append(True, np.diff(logits) != 0))
    ends = np.append(starts[1:], logits.size) - 1
    width = 2 * RANGE * ONE
    # The middle of a pool is half way from its first bin's middle to its last one's.
    middles = (filled[starts] + filled[ends] + 1) * width // (2 * bins) - width // 2
    return middles.astype(np.int64), logits[starts]


def calibrated(scores: Integers, counts: Integers) -> Integers:
    """The calibrated logit (n,) of scores (n,), within +-24; the score itself without counts."""
    centres, known = knots(counts)
    if not centres.size:
        return scores
    inside = np.clip(scores, centres[0], centres[-1])
    beyond = scores - inside
    right = np.clip(np.searchsorted(centres, inside, side="right"), min(1, centres.size - 1), centres.size - 1)
    left = np.maximum(right - 1, 0)
    span = np.maximum(centres[right] - centres[left], 1)
    rise = (known[right] - known[left]) * (inside - centres[left]) // span
    found: Integers = np.clip(known[left] + rise + beyond, -LARGEST_LOGIT, LARGEST_LOGIT)
    return found
