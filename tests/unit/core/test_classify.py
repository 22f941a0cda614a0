"""The learner of several classes: invariance under any cut, agreement with boost, what calibration does, refusals."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from anomalyhive.core.fixedpoint import ONE, sigmoid
from anomalyhive.core.learner import BadParameter, Rows, checked_labels
from anomalyhive.core.learners import LEARNERS
from anomalyhive.core.learners.calibration import score_bins
from anomalyhive.core.learners.classify import class_logits, class_probabilities, class_scores
from anomalyhive.core.learners.classify.calibrated import calibrated, knots
from anomalyhive.core.learners.classify.folds import held_rows
from anomalyhive.core.learners.classify.params import boost_params, chosen_params
from anomalyhive.errors import BadTable
from core.samples import fingerprint, run, sample, seed_of

CLASSIFY = LEARNERS["classify"]
SMALL = {"classes": 3, "boosting": 4, "additive": 2, "bins": 16, "candidates": 36, "kept": 12, "refined": 4, "held": 4}


def three_classes(count: int = 400) -> Rows:
    """Rows of three classes, which two columns tell apart but for some noise."""
    rows = sample(count, 5, 3)
    labels = rows.labels + (rows.features[:, 2] > np.median(rows.features[:, 2])) * rows.labels
    return Rows(rows.features, labels.astype(np.int64), classes=3)


def taken(rows: Rows, chosen: np.ndarray) -> Rows:
    return Rows(rows.features[chosen].copy(), rows.labels[chosen].copy(), classes=rows.classes)


def test_run_of_three_classes_over_shards_of_one_class_each_equals_run_over_all_rows() -> None:
    rows = three_classes()
    parts = [taken(rows, np.flatnonzero(rows.labels == label)[::-1]) for label in range(3)]
    for one, other in zip(
        run(CLASSIFY, [rows], 6, 1, SMALL), run(CLASSIFY, [*parts, taken(rows, np.arange(0))], 6, 1, SMALL), strict=True
    ):
        assert np.array_equal(one.total, other.total)
        assert fingerprint(one.state) == fingerprint(other.state)


def test_contribute_of_three_classes_stays_within_bounds_in_every_round() -> None:
    rows = three_classes()
    for done in run(CLASSIFY, [rows], 6, 2, SMALL):
        low, high = CLASSIFY.bounds(done.plan, len(rows))
        assert low.shape == done.total.shape == (done.plan.length,)
        assert ((low <= done.total) & (done.total <= high)).all()
        halves = [CLASSIFY.contribute(done.plan, taken(rows, np.arange(start, 400, 2))) for start in (0, 1)]
        assert sum(CLASSIFY.worth(done.plan, half) for half in halves) == pytest.approx(
            CLASSIFY.worth(done.plan, done.total), abs=1
        )


def test_two_classes_without_held_rows_score_as_boost_does_with_the_same_draws() -> None:
    params = {"additive": 2, "bins": 16, "candidates": 12, "kept": 5, "refined": 4}
    rows, boost = sample(300, 5, 4), LEARNERS["boost"]
    state, other = boost.initial(5, params), CLASSIFY.initial(5, {**params, "boosting": 4, "held": 0})
    for index in range(4):
        seed = seed_of(4, index)
        plan = boost.propose(state, hashlib.sha256(seed + bytes(4)).digest())
        state = boost.absorb(state, plan, boost.contribute(plan, rows))
        own = CLASSIFY.propose(other, seed)
        other = CLASSIFY.absorb(other, own, CLASSIFY.contribute(own, rows))
    assert np.array_equal(boost.logits(state, rows.features), class_scores(other, rows.features)[:, 0])


def test_class_probabilities_of_rows_learned_from_favour_their_class() -> None:
    rows = three_classes(900)
    state = run(CLASSIFY, [rows], 7, 3, {**SMALL, "boosting": 6})[-1].state
    p = class_probabilities(state, rows.features)
    assert p.shape == (900, 3)
    assert (p >= 0).all()
    assert (np.abs(p.sum(axis=1) - (1 << 32)) < 1 << 12).all()
    assert (p.argmax(axis=1) == rows.labels).mean() > 0.6
    assert np.array_equal(CLASSIFY.logits(state, rows.features), -class_logits(state, rows.features)[:, 0])


def test_calibrating_rounds_leave_the_models_and_count_the_held_rows_alone() -> None:
    rows = three_classes()
    done = run(CLASSIFY, [rows], 6, 5, SMALL)
    before, after = done[3].state, done[5].state
    assert np.array_equal(class_scores(before, rows.features), class_scores(after, rows.features))
    held = held_rows(rows.features, 4)
    assert 50 < held.sum() < 150
    counts = after["counts"]
    assert counts.sum(axis=(1, 2)).tolist() == [held.sum()] * 3  # type: ignore[union-attr]
    scores = class_scores(after, rows.features[held])[:, 2]
    expected = np.bincount(score_bins(scores[rows.labels[held] == 2], 128), minlength=128)
    assert np.array_equal(counts[2, 1], expected)  # type: ignore[index]
    assert not before["counts"].any()  # type: ignore[union-attr]


def test_held_rows_depend_on_features_alone_and_are_about_one_in_held() -> None:
    features = sample(4000, 5, 6).features
    held = held_rows(features, 8)
    assert abs(int(held.sum()) - 500) < 80
    assert np.array_equal(held_rows(features[::-1], 8)[::-1], held)
    assert not held_rows(features, 0).any()
    assert not held_rows(features, 1).any()


def test_calibrated_score_keeps_the_order_and_approaches_the_shares() -> None:
    counts = np.zeros((2, 128), dtype=np.int64)
    counts[:, 60], counts[:, 68] = (900, 100), (300, 700)
    scores = np.arange(-20 * ONE, 20 * ONE, 997, dtype=np.int64)
    found = calibrated(scores, counts)
    assert (np.diff(found) >= 0).all()
    centres, logits = knots(counts)
    assert centres.size == 2
    p = sigmoid(calibrated(centres, counts), 32) / 2**32
    assert p == pytest.approx([0.1, 0.7], abs=0.002)
    assert np.array_equal(calibrated(centres, counts), logits)


def test_calibrated_score_without_counts_is_the_score_and_with_one_pool_shifts() -> None:
    scores = np.array([-3 * ONE, 0, 5 * ONE], dtype=np.int64)
    counts = np.zeros((2, 16), dtype=np.int64)
    assert np.array_equal(calibrated(scores, counts), scores)
    counts[:, 8] = (50, 50)
    assert np.diff(calibrated(scores, counts)).tolist() == [3 * ONE, 5 * ONE]


def test_chosen_params_split_candidates_between_classes() -> None:
    params = chosen_params({"classes": 6})
    assert boost_params(params)["candidates"] == 16
    assert boost_params(chosen_params({"classes": 64}))["candidates"] == 8
    assert boost_params(chosen_params({}))["candidates"] == 96
    with pytest.raises(BadParameter, match="classes=1"):
        chosen_params({"classes": 1})


def test_rows_of_more_classes_than_a_learner_takes_are_refused() -> None:
    rows = three_classes(40)
    with pytest.raises(BadTable, match="labels of 3 classes: this learner tells 2 apart"):
        checked_labels(rows)
    for name in ("boost", "edges", "fedavg"):
        learner = LEARNERS[name]
        plan = learner.propose(learner.initial(5, {}), seed_of(1))
        with pytest.raises(BadTable, match="labels of 3 classes"):
            learner.contribute(plan, rows)
    with pytest.raises(BadTable, match="label 3 is not from 0 to 2"):
        Rows(rows.features, rows.labels + 1, classes=3)
