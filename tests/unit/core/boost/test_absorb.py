"""What boost learns: prior, additive start, trees, and no loss that rises."""

from itertools import pairwise

import numpy as np
import pytest

from anomalyhive.core.fixedpoint import logit_of, softplus
from anomalyhive.core.learner import BadParameter, Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.core.learners.boost.absorb import unit_bits
from anomalyhive.core.learners.boost.model import read_model
from anomalyhive.core.learners.boost.params import PARAMS as ALLOWED
from anomalyhive.core.learners.boost.predict import remembered_logits
from core.samples import PARAMS, run, sample, take

BOOST = get_learner("boost")


def right(state, rows):
    """Share of pairs of rows of different labels that are in order, in thousandths."""
    z = BOOST.logits(state, rows.features)
    pairs = z[rows.labels == 1][:, None] > z[rows.labels == 0][None, :]
    return int(pairs.sum()) * 1000 // pairs.size


def test_first_round_scores_rows_that_it_has_not_seen():
    train, test = sample(2000, 5, 1), sample(1000, 5, 2)
    additive = Rows(train.features, (train.features[:, 2] > train.features[:, 2].mean()).astype(np.int64))
    fair = Rows(test.features, (test.features[:, 2] > train.features[:, 2].mean()).astype(np.int64))
    assert right(run(BOOST, [additive], 1, 1, {})[0].state, fair) > 950


def test_later_rounds_learn_what_no_single_feature_tells():
    train, test = sample(2000, 5, 1), sample(1000, 5, 2)
    done = run(BOOST, [train], 12, 1, {})
    assert right(done[0].state, test) < 650
    assert right(done[-1].state, test) > 830  # one label in eight is noise


@pytest.mark.parametrize("reach", [2016, 4096])
def test_loss_of_what_is_settled_never_rises(reach):
    # A reach of 4 overshoots: then only the guard keeps the model from diverging.
    rows = sample(400, 5, 4)
    done = run(BOOST, [rows], 30, 4, {**PARAMS["boost"], "reach": reach})
    losses = []
    for round_ in done[1:]:
        with remembered_logits(read_model(round_.state), rows) as (_, settled, _):
            losses.append(int(softplus(np.where(rows.labels == 1, -settled, settled)).sum()))
    rounding = 400 * (65536 >> done[-1].state["unit_bits"])  # each row's loss is floored to the unit
    assert all(after <= before + rounding for before, after in pairwise(losses))
    assert losses[-1] < losses[0]
    assert any(round_.state["damping"] < 1024 for round_ in done) == (reach == 4096)


def test_first_round_of_one_label_has_a_finite_prior():
    rows = sample(100, 5, 5)
    for label in (0, 1):
        same = Rows(rows.features, np.full(100, label, dtype=np.int64))
        done = run(BOOST, [same], 4, 5, PARAMS["boost"])
        assert done[0].state["prior"] == logit_of(100 * label, 100)
        assert (np.sign(BOOST.logits(done[-1].state, rows.features)) == 2 * label - 1).all()


def test_constant_features_are_never_cut():
    rows = sample(100, 5, 6)
    features = rows.features.copy()
    features[:, 3] = 42
    done = run(BOOST, [Rows(features, rows.labels)], 5, 6, PARAMS["boost"])
    assert 3 not in done[-1].state["features"]
    every = run(BOOST, [Rows(np.full((50, 2), 9), take(rows, range(50)).labels)], 4, 6, {"additive": 1})
    assert len(set(BOOST.logits(every[-1].state, np.full((3, 2), 9)).tolist())) == 1


@pytest.mark.parametrize(
    ("positive", "rows", "bits"),
    [(0, 0, 8), (50, 100, 8), (200, 1000, 8), (50, 1000, 10), (1, 10**6, 16), (999, 1000, 15)],
)
def test_unit_bits_follow_the_rarer_label(positive, rows, bits):
    assert unit_bits(positive, rows) == bits


def test_rare_label_is_learned():
    rows = sample(6000, 5, 7)
    keep = np.flatnonzero((rows.labels == 0) | (np.arange(6000) % 50 == 0))
    done = run(BOOST, [take(rows, keep)], 15, 7, {})
    assert done[-1].state["unit_bits"] > 10
    assert right(done[-1].state, sample(1500, 5, 8)) > 750


def test_params_that_do_not_go_together_are_refused():
    with pytest.raises(BadParameter, match="must not pass 4096"):
        BOOST.initial(5, {"axes": 6, "levels": 5})
    with pytest.raises(BadParameter, match="candidates=4096: times levels"):
        BOOST.initial(5, {"candidates": 4096, "axes": 5})
    with pytest.raises(BadParameter, match="choose at most candidates=3"):
        BOOST.initial(5, {"candidates": 3, "kept": 4})


def test_defaults_lie_within_their_ranges_and_make_a_vector_of_moderate_size():
    assert all(low <= default <= high for default, low, high in ALLOWED.values())
    done = run(BOOST, [sample(50, 5, 9)], 2, 9, {})[-1]
    assert done.plan.length < 17_000
