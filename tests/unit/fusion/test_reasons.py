"""Reasons: exact sums, and the definition of the Shapley value by brute force."""

from __future__ import annotations

import sys
from itertools import permutations

import numpy as np
import pytest
from core.samples import PARAMS, run, sample

from anomalyhive.core.learners import LEARNERS
from anomalyhive.core.learners.boost.model import Model, read_model
from anomalyhive.core.learners.boost.predict import logits
from anomalyhive.core.learners.boost.scale import Scale
from anomalyhive.fusion.lookup import ROWS
from anomalyhive.fusion.reasons import PARTS, Explainer, _games, _segment_rows, _worths, reasons


def learned(columns: int, rounds: int = 6, **params: int) -> tuple[Model, np.ndarray]:
    rows = sample(300, columns, 8)
    return read_model(run(LEARNERS["boost"], [rows], rounds, 8, {**PARAMS["boost"], **params})[-1].state), rows.features


@pytest.mark.parametrize(("columns", "params"), [(5, {}), (2, {}), (3, {"axes": 6, "levels": 3}), (8, {"axes": 1})])
def test_reasons_add_up_to_the_score_exactly(columns: int, params: dict[str, int]) -> None:
    model, features = learned(columns, **params)
    found = reasons(model, features)
    assert model.features.shape[0] > 4
    assert np.array_equal(found.base + found.contributions.sum(axis=1), PARTS * logits(model, features))
    assert found.contributions.any(axis=0).sum() > 1


@pytest.mark.parametrize("columns", [2, 8])
def test_games_looked_up_side_by_side_give_what_they_give_one_by_one(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    model, features = learned(columns)
    beyond = np.concatenate([features, features - (1 << 40), features * 7])
    beside = Explainer.of(model)
    assert beside.trees is not None
    assert len(beyond) > ROWS
    # By name: the package has a function of the module's name.
    monkeypatch.setattr(sys.modules["anomalyhive.fusion.reasons"], "MOST_CUTS", -1)
    one_by_one = Explainer.of(model)
    assert one_by_one.trees is None
    assert np.array_equal(beside.reasons(beyond).contributions, one_by_one.reasons(beyond).contributions)


def test_reasons_of_rows_beyond_all_that_was_seen_add_up_too() -> None:
    model, _ = learned(5)
    edge = np.array([[np.iinfo(np.int64).min] * 5, [np.iinfo(np.int64).max] * 5, [0] * 5], dtype=np.int64)
    found = reasons(model, edge)
    assert np.array_equal(found.base + found.contributions.sum(axis=1), PARTS * logits(model, edge))


def test_reasons_equal_the_mean_over_all_orders_of_players() -> None:
    model, features = learned(4)
    expected = np.zeros(4, dtype=object)
    row, scale = features[17], Scale.of(model)
    for game in _games(model):
        rows = [_segment_rows(scale, f, cuts) for f, cuts in zip(game.features, game.cuts, strict=True)]
        worth = _worths(game, rows)
        at = [
            int(np.searchsorted(cuts, row[f], side="right")) for f, cuts in zip(game.features, game.cuts, strict=True)
        ]
        orders = list(permutations(range(len(at))))
        for order in orders:
            for place, player in enumerate(order):
                before, after = sorted(order[:place]), sorted(order[: place + 1])
                gain = (
                    worth[frozenset(after)][tuple(at[p] for p in after)]
                    - worth[frozenset(before)][tuple(at[p] for p in before)]
                )
                expected[game.features[player]] += int(gain) * PARTS // len(orders)
    assert reasons(model, features[17:18]).contributions[0].tolist() == expected.tolist()


def test_base_is_the_mean_over_the_rows_learned_from_where_features_are_alone() -> None:
    model, features = learned(5, rounds=1)
    found = reasons(model, features)
    assert model.features.shape[0] == 0
    off = PARTS * int(logits(model, features).sum()) - 300 * found.base
    assert 0 <= off < 300 * PARTS * model.additive_features.size


def test_feature_that_no_tree_uses_gets_nothing() -> None:
    model, features = learned(5)
    unused = set(range(5)) - set(model.features.ravel().tolist()) - set(model.additive_features.tolist())
    alone, _ = learned(5, rounds=1)
    unused_alone = set(range(5)) - set(alone.additive_features.tolist())
    for used_model, names in ((model, unused), (alone, unused_alone)):
        assert not reasons(used_model, features).contributions[:, sorted(names)].any()
    assert unused_alone


def test_reasons_of_an_empty_model_are_its_prior() -> None:
    model = read_model(LEARNERS["boost"].initial(5, PARAMS["boost"]))
    found = reasons(model, np.zeros((2, 5), dtype=np.int64))
    assert found.base == 0
    assert not found.contributions.any()
