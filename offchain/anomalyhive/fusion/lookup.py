"""What the features of many small games add to a row, looked up for all games at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from anomalyhive.core.learner import Integers

ROWS = 256
"""Rows looked up at once, which bounds the memory."""


class Table(Protocol):
    """A game whose answers are known; see `reasons.Moved`."""

    @property
    def features(self) -> tuple[int, ...]:
        """Its players."""

    @property
    def cuts(self) -> tuple[Integers, ...]:
        """Where the segments of each begin."""

    @property
    def added(self) -> tuple[Integers, ...]:
        """What each player adds, by the segment of every player."""


@dataclass(frozen=True, eq=False)
class Lookup:
    """Games side by side. A line is a player of a game, those of a game in succession.

    features (P,), cuts (P, C) and which of them there are (P, C), strides (P,) of a line's segments among the cells of
    its game, firsts (G,) of the games' first lines, games (P,), and where a line's values begin (P,) in values (V,).
    """

    features: Integers
    cuts: Integers
    there: npt.NDArray[np.bool_]
    strides: Integers
    firsts: Integers
    games: Integers
    begins: Integers
    values: Integers

    @classmethod
    def of(cls, tables: Sequence[Table]) -> Lookup:
        """Of games, at least one."""
        cuts = [one for table in tables for one in table.cuts]
        padded = np.zeros((len(cuts), max(map(len, cuts))), dtype=np.int64)
        for line, one in enumerate(cuts):
            padded[line, : len(one)] = one
        strides = [np.cumprod([1, *one.added[0].shape[:0:-1]])[::-1] for one in tables]
        values = [one.reshape(-1) for table in tables for one in table.added]
        players = np.array([len(one.features) for one in tables])
        return cls(
            np.array([feature for one in tables for feature in one.features]),
            padded,
            np.arange(padded.shape[1]) < np.array([[len(one)] for one in cuts]),
            np.concatenate(strides),
            np.cumsum(players) - players,
            np.repeat(np.arange(len(tables)), players),
            np.cumsum([0, *map(len, values[:-1])]),
            np.concatenate(values),
        )

    def add(self, columns: Integers, found: Integers) -> None:
        """Add to found (F, n) what every line adds to the rows of columns (F, n)."""
        for start in range(0, columns.shape[1], ROWS):
            rows = slice(start, start + ROWS)
            given = columns[self.features, rows]
            segments = np.zeros(given.shape, dtype=np.int64)
            for cut in range(self.cuts.shape[1]):
                segments += (self.cuts[:, cut, None] <= given) & self.there[:, cut, None]
            cells = np.add.reduceat(segments * self.strides[:, None], self.firsts, axis=0)
            np.add.at(found[:, rows], self.features, self.values[self.begins[:, None] + cells[self.games]])
