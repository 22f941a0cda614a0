"""Do the labels behind a vector look right, or turned around? Asked without any row of the node that made it.

A vector is a sum over rows, so what a node sums a row lies, but for chance, on the line between two points: the mean
over rows of label 1 and the mean over rows of label 0. Where on that line depends on how many it has of each, and no
place on it is suspicious: a node may hold one class only. A validator knows both points from rows of its own. By
turning its own labels around it knows two others, between which the vector of a node that turned its labels must lie:

    honest   h = t·u1 + (1 - t)·u0        turned   f = s·f1 + (1 - s)·f0        0 <= t, s <= 1, nearest to v
    lean     (|v - h|^2 - |v - f|^2) / |h - f|^2          -1 for honest labels, 1 for turned ones
    stray    min(|v - h|^2, |v - f|^2) / |h - f|^2        large for what no rows give, whatever their labels

A coordinate counts by the inverse of its size, since the variance of a sum grows with it. Points made of few rows are
off by chance, which makes all distances seem larger than they are: the points of both halves of the rows tell by how
much, and that much is taken off every squared distance. All of it is exact, in integers and fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from anomalyhive.core.learner import Integers, Learner, Plan, Rows

LEAST_ROWS = 8
"""Rows of each class without which a validator does not judge by likeness: its points would be chance."""

CLEAR = Fraction(1, 4)
"""The part of the squared distance between both lines that must be more than chance."""

WEIGHT_BITS = 20
"""Weights are integers, at most 2^20."""

POINTS = ((1, 1), (0, 0), (1, 0), (0, 1))
"""u1, u0, f1, f0: the true label of the rows behind a point, and the label that is said of them."""

HONEST, TURNED = (0, 1), (2, 3)
"""The ends of both lines, by their places in POINTS."""

Exact: TypeAlias = NDArray[Any]
"""An object array (P,) of Python integers: nothing overflows, whatever a stranger's vector holds."""

Parts: TypeAlias = Sequence[Fraction]
"""A point of a line, as parts of the four POINTS."""


@dataclass(frozen=True)
class Bearing:
    """Where a vector lies between the honest and the turned line; see above."""

    lean: Fraction
    stray: Fraction


@dataclass(frozen=True)
class Likeness:
    """What a validator's own rows say of all vectors of one plan.

    ``points`` are weighted sums (P,) and ``sizes`` the rows behind them; ``products`` are the inner products of the
    points a row, ``chance`` their squared distances, as estimated, from where all rows there are would put them.
    """

    weights: Exact
    points: Sequence[Exact]
    sizes: Sequence[int]
    products: Sequence[Sequence[Fraction]]
    chance: Sequence[Fraction]

    def bearing(self, vector: Integers, rows: int) -> Bearing | None:
        """The bearing of a vector (P,) of so many rows, at least 1; None where chance outweighs the difference."""
        along = [Fraction(int(np.dot(p, vector)), size * rows) for p, size in zip(self.points, self.sizes, strict=True)]
        honest, turned = self._nearest(along, HONEST), self._nearest(along, TURNED)
        apart = [a - b for a, b in zip(honest, turned, strict=True)]
        distance = self._product(apart)
        clear = distance - self._chance_of(honest) - self._chance_of(turned)
        if clear <= CLEAR * distance:
            return None
        length = Fraction(int(np.dot(self.weights * vector, vector)), rows * rows)
        to_honest, to_turned = (
            length - 2 * _dot(point, along) + self._product(point) - self._chance_of(point)
            for point in (honest, turned)
        )
        return Bearing((to_honest - to_turned) / clear, min(to_honest, to_turned) / clear)

    def _nearest(self, along: Sequence[Fraction], ends: tuple[int, int]) -> Parts:
        """The point of a line that is nearest to a vector with these inner products with the points."""
        one, zero = ends
        length = self.products[one][one] - 2 * self.products[one][zero] + self.products[zero][zero]
        reach = along[one] - along[zero] - self.products[one][zero] + self.products[zero][zero]
        share = min(max(reach / length, Fraction(0)), Fraction(1)) if length else Fraction(0)
        parts = [Fraction(0)] * len(POINTS)
        parts[one], parts[zero] = share, 1 - share
        return parts

    def _product(self, parts: Parts) -> Fraction:
        """The squared length of a sum of parts of the points."""
        return _dot(parts, [_dot(parts, row) for row in self.products])

    def _chance_of(self, parts: Parts) -> Fraction:
        return _dot([part * part for part in parts], self.chance)


def likeness(learner: Learner, plan: Plan, own: Rows) -> Likeness | None:
    """What rows of one's own say of a plan's vectors; None where they are too few of a class."""
    classes = [np.flatnonzero(own.labels == label) for label in (0, 1)]
    if min(len(one) for one in classes) < LEAST_ROWS:
        return None

    def summed(chosen: NDArray[np.intp], said: int) -> Exact:
        rows = Rows(own.features[chosen], np.full(len(chosen), said, dtype=np.int64))
        found: Exact = learner.contribute(plan, rows).astype(object)
        return found

    halves = [[summed(classes[true][part::2], said) for part in (0, 1)] for true, said in POINTS]
    sums = [one + other for one, other in halves]
    sizes = [len(classes[true]) for true, _ in POINTS]
    weights = _weights(sums, sizes)
    points = [weights * one for one in sums]
    products = [
        [Fraction(int(np.dot(point, other)), size * count) for other, count in zip(sums, sizes, strict=True)]
        for point, size in zip(points, sizes, strict=True)
    ]
    chance = [_chance(weights, pair[0], pair[1], size) for pair, size in zip(halves, sizes, strict=True)]
    return Likeness(weights, points, sizes, products, chance)


def _weights(sums: Sequence[Exact], sizes: Sequence[int]) -> Exact:
    """The weight (P,) of each coordinate: inverse to its size a row, or to the mean size where it is small."""
    found: Exact = np.zeros(len(sums[0]), dtype=object)
    for one, size in zip(sums, sizes, strict=True):
        found += (np.abs(one) << WEIGHT_BITS) // size
    mean = max(int(found.sum()) // max(len(found), 1), 1)
    return (mean << WEIGHT_BITS) // (found + mean)


def _chance(weights: Exact, first: Exact, second: Exact, size: int) -> Fraction:
    """The squared error of a mean: a quarter of the squared distance between the means of both halves."""
    late = size // 2
    early = size - late
    apart = first * late - second * early
    return Fraction(int(np.dot(weights * apart, apart)), 4 * (early * late) ** 2)


def _dot(left: Sequence[Fraction], right: Sequence[Fraction]) -> Fraction:
    return sum((a * b for a, b in zip(left, right, strict=True) if a and b), Fraction(0))
