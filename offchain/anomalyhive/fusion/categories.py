"""What kind of account a row is: the most probable class, or ``unknown`` where all others outweigh it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from anomalyhive.core.learner import Integers
from anomalyhive.tables.classes import UNKNOWN

HALF = 1 << 31
"""One half in 2^-32."""


@dataclass(frozen=True)
class Category:
    """A class by name and number, and its probability in 2^-32; ``index`` is that of the most probable class anyway."""

    name: str
    index: int
    probability: int


def categories(probabilities: Integers, classes: Sequence[str]) -> list[Category]:
    """The category of each row of probabilities (n, K) in 2^-32; a tie goes to the lower class."""
    best = probabilities.argmax(axis=1).tolist()
    found = []
    for row, index in zip(probabilities.tolist(), best, strict=True):
        name = classes[index] if row[index] >= HALF else UNKNOWN
        found.append(Category(name, index, row[index]))
    return found
