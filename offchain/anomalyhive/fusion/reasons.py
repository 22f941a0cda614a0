"""Which features moved a score, and by how much: exact Shapley values of the boosted model, in integers.

The players are the features of one tree or table; what a coalition is worth is the mean of the tree's values where
the coalition's features are as in the row and all others are as in the rows that were learned from, each for itself.
The shares of the latter are counts that the model holds anyway (its scale): so no node is asked again, anyone can
repeat it from the model alone, and the base is one for all rows. Shapley values (1953) are the only attribution in
which equal features share equally, a feature that changes nothing gets nothing, and all add up to the score less the
base; with features taken as independent they are those of Lundberg & Lee, NeurIPS 2017, eq. 11. Saabas' differences
along a path would depend on the order of the splits, which an oblivious tree does not have, and TreeSHAP's covers of
joint cells would cost a coordinate each.

Exactly: a mean is floored once, as the worth of its coalition; from there on nothing is rounded. The Shapley weights
of up to six players are multiples of 1/720, so contributions are integers in 1/720 of 1/65536.

When it misleads: where features always go together, since rows are mixed then that no account has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np

from anomalyhive.core.learner import Integers
from anomalyhive.core.learners.boost.model import Model
from anomalyhive.core.learners.boost.scale import Scale
from anomalyhive.fusion.lookup import Lookup

PARTS = 720
"""6!: contributions are in 1/720 of a logit's unit, that is in 1/(720 * 65536)."""


MOST_CUTS = 16
"""Cuts of a player of a game that is looked up beside others: they are all padded to the most that one has."""


@dataclass(frozen=True, eq=False)
class Reasons:
    """contributions (n, F) and the base, in 1/720 of 1/65536: base + the sum of a row's contributions = 720 * score."""

    base: int
    contributions: Integers


@dataclass(frozen=True, eq=False)
class Game:
    """One tree as a function of its distinct features: values by segment of each, (s_1, ..., s_m)."""

    features: tuple[int, ...]
    cuts: tuple[Integers, ...]
    values: Integers


@dataclass(frozen=True, eq=False)
class Moved:
    """What each feature of a game adds, in 1/720, by the segment of every feature (s_1, ..., s_m)."""

    features: tuple[int, ...]
    cuts: tuple[Integers, ...]
    added: tuple[Integers, ...]


@dataclass(frozen=True, eq=False)
class Explainer:
    """A boosted model with what every feature adds in every cell of its games, so that a row is looked up in them.

    Trees have few segments each and are many: they are looked up side by side, the tables of the grid one by one.
    """

    columns: int
    base: int
    tables: tuple[Moved, ...]
    trees: Lookup | None

    @classmethod
    def of(cls, model: Model) -> Explainer:
        """Everything that does not depend on a row; for some hundreds of trees it takes a part of a second."""
        scale = Scale.of(model)
        base = model.prior * PARTS
        tables: list[Moved] = []
        trees: list[Moved] = []
        for game in _games(model):
            worth = _worths(game, [_segment_rows(scale, feature, cuts) for feature, cuts in _players(game)])
            base += PARTS * int(worth[frozenset()])
            shape = game.values.shape
            every = [axis.reshape(-1) for axis in np.indices(shape)]
            players = range(len(game.features))
            added = tuple(_shapley(worth, every, player).reshape(shape) for player in players)
            (trees if max(map(len, game.cuts)) <= MOST_CUTS else tables).append(Moved(game.features, game.cuts, added))
        return cls(model.columns, base, tuple(tables), Lookup.of(trees) if trees else None)

    def reasons(self, features: Integers) -> Reasons:
        """Of rows (n, F)."""
        columns = np.ascontiguousarray(features.T)
        found = np.zeros((self.columns, features.shape[0]), dtype=np.int64)
        for one in self.tables:
            at = tuple(np.searchsorted(cuts, columns[feature], side="right") for feature, cuts in _players(one))
            for feature, added in zip(one.features, one.added, strict=True):
                found[feature] += added[at]
        if self.trees is not None:
            self.trees.add(columns, found)
        return Reasons(self.base, found.T.copy())


def reasons(model: Model, features: Integers) -> Reasons:
    """Of rows (n, F) for a boosted model."""
    return Explainer.of(model).reasons(features)


def _players(game: Game | Moved) -> Iterator[tuple[int, Integers]]:
    return zip(game.features, game.cuts, strict=True)


def _games(model: Model) -> Iterator[Game]:
    for feature, borders, values in zip(
        model.additive_features.tolist(), model.additive_borders, model.additive_values, strict=True
    ):
        cuts = np.unique(borders)
        # Equal borders have one segment between them that no row reaches.
        yield Game((feature,), (cuts,), values[np.append(0, np.searchsorted(borders, cuts, side="right"))])
    for used, thresholds, flat in zip(model.features.tolist(), model.thresholds, model.values, strict=True):
        yield _game_of_tree(used, thresholds, flat)


def _game_of_tree(used: list[int], thresholds: Integers, flat: Integers) -> Game:
    """A tree whose axes of one feature are joined into one player."""
    axes, levels = len(used), thresholds.shape[1] + 1
    distinct = sorted(set(used))
    cuts = tuple(np.unique(thresholds[[axis for axis in range(axes) if used[axis] == feature]]) for feature in distinct)
    index = []
    for axis in range(axes):
        player = distinct.index(used[axis])
        level = np.append(0, np.searchsorted(thresholds[axis], cuts[player], side="right"))
        index.append(level.reshape([-1 if other == player else 1 for other in range(len(distinct))]))
    return Game(tuple(distinct), cuts, flat.reshape((levels,) * axes)[tuple(index)])


def _segment_rows(scale: Scale, feature: int, cuts: Integers) -> Integers:
    """Rows (s,) that were learned from in each segment of a feature; one in the first where the scale knows none."""
    borders, counts = scale.column(feature)
    running = np.append(0, np.cumsum(counts))
    below = running[np.maximum(np.searchsorted(borders, cuts, side="right") - 1, 0)]
    rows = np.diff(np.concatenate([[0], below, [running[-1]]]))
    if not rows.any():
        rows[0] = 1
    return rows


def _worths(game: Game, rows: list[Integers]) -> dict[frozenset[int], Integers]:
    """What each coalition of players is worth, by segment of its players in ascending order; floored once.

    Python integers inside: a product of counts of several features passes int64.
    """
    players = range(len(game.features))
    found: dict[frozenset[int], Integers] = {}
    for size in range(len(game.features) + 1):
        for coalition in combinations(players, size):
            mean = game.values
            over = 1
            for player in reversed([one for one in players if one not in coalition]):
                mean = np.tensordot(mean.astype(object), rows[player].astype(object), axes=([player], [0]))
                over *= int(rows[player].sum())
            found[frozenset(coalition)] = np.asarray(mean // over).astype(np.int64)
    return found


def _shapley(worth: dict[frozenset[int], Integers], at: list[Integers], player: int) -> Integers:
    """The Shapley value (n,) of a player in 1/720; ``at`` is each row's segment (n,) of every player."""
    others = [one for one in range(len(at)) if one != player]
    total = np.zeros(at[player].shape[0], dtype=np.int64)
    for size in range(len(others) + 1):
        weight = PARTS * factorial(size) * factorial(len(others) - size) // factorial(len(at))
        for coalition in combinations(others, size):
            joined = sorted([*coalition, player])
            with_ = worth[frozenset(joined)][tuple(at[one] for one in joined)]
            without = worth[frozenset(coalition)][tuple(at[one] for one in coalition)]
            total += weight * (with_ - without)
    return total
