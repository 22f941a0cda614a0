"""The score from which a row is called: chosen by the precision or the false-positive rate that a user wants.

Chosen on rows that no node learned from. The promise holds for rows like those, and as far as their number carries:
what was seen on a few rows may be luck.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from anomalyhive.core.learner import Integers
from anomalyhive.errors import BadSetting
from anomalyhive.evaluation.quality import ranking


@dataclass(frozen=True)
class Steps:
    """What is called from each distinct score down, highest first: the score, rows of class 1 and rows of class 0."""

    scores: tuple[int, ...]
    true: tuple[int, ...]
    false: tuple[int, ...]

    @classmethod
    def of(cls, scores: Integers, labels: Integers) -> Steps:
        """Of scores int64 (n,) and labels (n,) of 0 and 1. Raises BadSetting unless both labels are there."""
        ranks = ranking(scores, labels)
        if not sum(ranks.positives) or not sum(ranks.negatives):
            raise BadSetting("a threshold needs held-out rows of both classes: train with a --test-fraction above 0")
        distinct = np.unique(scores)[::-1].tolist()
        true, false = np.cumsum(ranks.positives).tolist(), np.cumsum(ranks.negatives).tolist()
        return cls(tuple(distinct), tuple(true), tuple(false))


def threshold_of_precision(steps: Steps, least: Fraction) -> int:
    """The lowest score from which at least that share of the called rows is of class 1.

    Raises BadSetting naming the best precision that there is.
    """
    found, best = None, Fraction(0)
    for score, true, false in zip(steps.scores, steps.true, steps.false, strict=True):
        precision = Fraction(true, true + false)
        best = max(best, precision)
        if precision >= least:
            found = score
    if found is None:
        raise BadSetting(
            f"--precision {_decimal(least)} is out of reach: the best on held-out rows is {_decimal(best)}"
        )
    return found


def threshold_of_false_positives(steps: Steps, most: Fraction) -> int:
    """The lowest score from which at most that share of the rows of class 0 is called.

    One above the highest score, which calls nothing that was seen, if even that calls too many.
    """
    found = steps.scores[0] + 1
    for score, false in zip(steps.scores, steps.false, strict=True):
        if Fraction(false, steps.false[-1]) > most:
            break
        found = score
    return found


def _decimal(share: Fraction) -> str:
    return f"{float(share):.4f}"
