"""Remembered logits are those from scratch, whatever the rows were used for before."""

import sys

import numpy as np
import pytest

from anomalyhive.core import coded
from anomalyhive.core.coded import kernels
from anomalyhive.core.grid import GRID
from anomalyhive.core.learner import Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.core.learners.boost import predict
from anomalyhive.core.learners.boost.model import read_model
from anomalyhive.core.learners.boost.predict import add_trees, logits, remembered_logits
from core.samples import PARAMS, run, sample, seed_of, take

BOOST = get_learner("boost")
ROWS = sample(150, 5, 3)


def fresh(rows):
    return take(rows, range(len(rows)))


def test_remembered_logits_equal_those_from_scratch_in_every_round():
    kept = fresh(ROWS)
    for done in run(BOOST, [kept], 12, 3, PARAMS["boost"]):
        model = read_model(done.state)
        with remembered_logits(model, kept) as (_, settled, pending):
            assert np.array_equal(settled + pending, logits(model, ROWS.features))


def test_contribute_is_the_same_with_and_without_memory():
    kept, state = fresh(ROWS), BOOST.initial(5, PARAMS["boost"])
    for index in range(10):
        plan = BOOST.propose(state, seed_of(index))
        vector = BOOST.contribute(plan, kept)
        assert np.array_equal(vector, BOOST.contribute(plan, fresh(ROWS)))
        state = BOOST.absorb(state, plan, vector)


def test_memory_of_another_lineage_is_not_used():
    kept = fresh(ROWS)
    one, other = run(BOOST, [kept], 6, 3, PARAMS["boost"]), run(BOOST, [fresh(ROWS)], 6, 4, PARAMS["boost"])
    for done in (one[5], other[5], one[2], other[4], one[5]):
        plan = BOOST.propose(done.state, seed_of(99))
        assert np.array_equal(BOOST.contribute(plan, kept), BOOST.contribute(plan, fresh(ROWS)))


def test_memory_spares_the_trees_already_evaluated(monkeypatch):
    evaluated = []

    def counting(columns, features, *rest):
        evaluated.append(features.shape[0])
        add_trees(columns, features, *rest)

    def look(rows):
        with remembered_logits(model, rows):
            pass

    kept = fresh(ROWS)
    last = run(BOOST, [kept], 8, 3, PARAMS["boost"])[-1]
    model = read_model(last.state)
    look(kept)
    monkeypatch.setattr(predict, "add_trees", counting)
    look(kept)
    assert evaluated == [0, model.pending]
    look(fresh(ROWS))
    assert evaluated[2:] == [model.settled, model.pending]


@pytest.mark.parametrize("count", [len(ROWS), coded.SMALL + 100])
def test_memory_that_is_lent_or_was_lost_changes_no_logit(count):
    kept, other = sample(count, 5, 7), sample(count, 5, 7)
    last = run(BOOST, [ROWS], 8, 3, PARAMS["boost"])[-1]
    model = read_model(last.state)
    wanted = logits(model, kept.features)
    with remembered_logits(model, kept) as (_, settled, pending), remembered_logits(model, kept) as (_, *others):
        assert np.array_equal(settled + pending, wanted)
        assert np.array_equal(sum(others), wanted)
    with pytest.raises(ZeroDivisionError), remembered_logits(model, kept):
        raise ZeroDivisionError
    for rows in (kept, other):
        with remembered_logits(model, rows) as (_, settled, pending):
            assert np.array_equal(settled + pending, wanted)


def test_logits_of_no_rows_are_empty():
    last = run(BOOST, [ROWS], 3, 3, PARAMS["boost"])[-1]
    assert BOOST.logits(last.state, np.zeros((0, 5), dtype=np.int64)).shape == (0,)


def test_logits_do_not_depend_on_how_many_rows_are_scored_at_once():
    last = run(BOOST, [ROWS], 4, 3, PARAMS["boost"])[-1]
    many = np.tile(ROWS.features, (60, 1))
    assert np.array_equal(BOOST.logits(last.state, many), np.tile(BOOST.logits(last.state, ROWS.features), 60))


def test_rows_are_reached_by_thresholds_at_their_own_image():
    border = int(GRID[200])
    features = np.array([[border - 1], [border], [border + 1]])
    last = run(BOOST, [Rows(np.repeat(features, 40, axis=0), np.repeat([0, 1, 1], 40))], 5, 3, {"additive": 1})[-1]
    low, at, above = BOOST.logits(last.state, features).tolist()
    assert low < 0 < at == above


@pytest.mark.parametrize("rows", [0, 1, 7, 150])
def test_logits_of_few_rows_are_the_same_in_machine_code_and_without(monkeypatch, rows):
    model = read_model(run(BOOST, [fresh(ROWS)], 6, 3, PARAMS["boost"])[-1].state)
    assert kernels() is not None
    compiled = logits(model, ROWS.features[:rows])
    monkeypatch.setattr(predict, "ready_kernels", lambda: None)
    assert np.array_equal(compiled, logits(model, ROWS.features[:rows]))


def test_few_rows_alone_do_not_load_the_compiled_loops(monkeypatch):
    monkeypatch.delitem(sys.modules, coded.KERNELS, raising=False)
    assert coded.ready_kernels() is None
