"""Whether probabilities mean what they say: the Brier score, and how often each tenth of them was right.

G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1950. All sums
are of integers in 2^-32; the last division alone is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from anomalyhive.core.learner import Integers

BITS = 32
"""A probability is an integer in 2^-32."""

BINS = 10
"""Equal parts of 0 .. 1 in the table."""


@dataclass(frozen=True)
class Bin:
    """Rows whose probability lies in one part: how many, of them how many of class 1, and the sum of probabilities."""

    low: float
    rows: int
    positive: int
    total: int

    @property
    def said(self) -> float | None:
        """The mean probability."""
        return self.total / (self.rows << BITS) if self.rows else None

    @property
    def seen(self) -> float | None:
        """The share of rows of class 1."""
        return self.positive / self.rows if self.rows else None


@dataclass(frozen=True)
class Reliability:
    """brier: the mean of (p - y)^2, None without rows; lower is better, and the share of class 1 alone has base."""

    brier: float | None
    base: float | None
    bins: tuple[Bin, ...]

    def as_json(self) -> dict[str, Any]:
        """As the report has it."""
        return {
            "brier": self.brier,
            "brier_of_base_rate": self.base,
            "reliability": [
                {"from": one.low, "rows": one.rows, "mean_probability": one.said, "share_of_class_1": one.seen}
                for one in self.bins
            ],
        }


def reliability(probabilities: Integers, labels: Integers) -> Reliability:
    """Of probabilities (n,) in 2^-32 for labels (n,) of 0 and 1."""
    said, true = [int(p) for p in probabilities.tolist()], labels.tolist()
    part = np.minimum(probabilities * BINS >> BITS, BINS - 1)
    bins = tuple(
        Bin(
            low=index / BINS,
            rows=int((part == index).sum()),
            positive=int(labels[part == index].sum()),
            total=sum(p for p, at in zip(said, part.tolist(), strict=True) if at == index),
        )
        for index in range(BINS)
    )
    if not said:
        return Reliability(None, None, bins)
    squares = sum((p - (y << BITS)) ** 2 for p, y in zip(said, true, strict=True))
    rows, positive = len(said), sum(true)
    return Reliability(squares / (rows << 2 * BITS), positive * (rows - positive) / rows**2, bins)
