"""One suite for all learners: what the protocol promises, whatever is learned."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.core.learner import BadParameter, BadState, Plan, Rows, UnknownLearner
from anomalyhive.core.learners import LEARNERS, get_learner
from anomalyhive.errors import BadInput, BadTable
from core.samples import COLUMNS, PARAMS, fingerprint, run, sample, seed_of, take

EVERY = pytest.mark.parametrize("name", sorted(LEARNERS))


def shards_of(rows, owners, count, order):
    """Rows dealt to ``count`` shards by ``owners``, each in the order of ``order``."""
    return [take(rows, [row for row in order if owners[row] == shard]) for shard in range(count)]


@st.composite
def splits(draw):
    """A table's number, its rows, and an arbitrary split of it into shards, some of which may be empty."""
    count = draw(st.integers(1, 60))
    shards = draw(st.integers(1, 6))
    owners = draw(st.lists(st.integers(0, shards - 1), min_size=count, max_size=count))
    return draw(st.integers(0, 9)), count, shards, owners, draw(st.permutations(range(count)))


@EVERY
@settings(deadline=None, derandomize=True, max_examples=40)
@given(split=splits())
def test_run_over_any_split_equals_run_over_one_shard(name, split):
    number, count, shards, owners, order = split
    learner, rows = LEARNERS[name], sample(count, COLUMNS[name], number)
    alone = run(learner, [rows], 5, number, PARAMS[name])
    dealt = run(learner, shards_of(rows, owners, shards, order), 5, number, PARAMS[name])
    for one, other in zip(alone, dealt, strict=True):
        assert np.array_equal(one.total, other.total)
        assert fingerprint(one.state) == fingerprint(other.state)


@EVERY
@settings(deadline=None, derandomize=True, max_examples=30)
@given(count=st.integers(0, 50), number=st.integers(0, 9), label=st.sampled_from([0, 1, None]))
def test_contribute_of_honest_rows_stays_within_bounds(name, count, number, label):
    learner, rows = LEARNERS[name], sample(120, COLUMNS[name], number)
    some = take(rows, range(count))
    if label is not None:
        some = Rows(some.features, np.full(count, label, dtype=np.int64))
    for done in run(learner, [rows], 4, number, PARAMS[name]):
        low, high = learner.bounds(done.plan, count)
        vector = learner.contribute(done.plan, some)
        assert low.shape == high.shape == vector.shape == (done.plan.length,)
        assert (low <= vector).all()
        assert (vector <= high).all()


@EVERY
def test_contribute_without_rows_is_zero(name):
    learner, rows = LEARNERS[name], sample(80, COLUMNS[name], 1)
    for done in run(learner, [rows], 4, 1, PARAMS[name]):
        empty = learner.contribute(done.plan, take(rows, []))
        assert empty.dtype == np.int64
        assert not empty.any()
        assert learner.worth(done.plan, empty) == 0


@EVERY
def test_run_without_any_rows_stays_usable(name):
    rows = sample(10, COLUMNS[name], 1)
    learner = LEARNERS[name]
    last = run(learner, [take(rows, [])], 4, 1, PARAMS[name])[-1]
    assert learner.probabilities(last.state, rows.features).shape == (10,)


@EVERY
def test_worth_adds_up_over_shards(name):
    learner, rows = LEARNERS[name], sample(90, COLUMNS[name], 2)
    for done in run(learner, [rows], 4, 2, PARAMS[name]):
        parts = [learner.contribute(done.plan, take(rows, range(start, start + 30))) for start in (0, 30, 60)]
        worths = [learner.worth(done.plan, part) for part in parts]
        assert all(worth >= 0 for worth in worths)
        assert sum(worths) == learner.worth(done.plan, done.total)


@EVERY
def test_functions_leave_their_inputs_as_they_were(name):
    learner, rows = LEARNERS[name], sample(70, COLUMNS[name], 3)
    before = fingerprint(rows.features), fingerprint(rows.labels)
    for done in run(learner, [rows], 3, 3, PARAMS[name]):
        state = fingerprint(done.state)
        plan = learner.propose(done.state, seed_of(9))
        total = learner.contribute(plan, rows)
        summed = fingerprint(total)
        learner.absorb(done.state, plan, total)
        learner.logits(done.state, rows.features)
        assert (fingerprint(done.state), fingerprint(total)) == (state, summed)
    assert (fingerprint(rows.features), fingerprint(rows.labels)) == before


@EVERY
def test_run_of_same_seeds_repeats(name):
    learner, rows = LEARNERS[name], sample(70, COLUMNS[name], 4)
    runs = [run(learner, [take(rows, range(70))], 4, number, PARAMS[name]) for number in (5, 5)]
    assert [fingerprint(done.state) for done in runs[0]] == [fingerprint(done.state) for done in runs[1]]


@EVERY
def test_state_holds_plain_integers_and_int64_arrays(name):
    last = run(LEARNERS[name], [sample(60, COLUMNS[name], 5)], 4, 5, PARAMS[name])[-1]
    for key, value in last.state.items():
        assert type(key) is str
        assert type(value) is int or (isinstance(value, np.ndarray) and value.dtype == np.int64), key


@EVERY
def test_probabilities_order_rows_as_logits_do(name):
    learner, rows = LEARNERS[name], sample(200, COLUMNS[name], 6)
    last = run(learner, [rows], 5, 6, PARAMS[name])[-1]
    logits, p = learner.logits(last.state, rows.features), learner.probabilities(last.state, rows.features)
    assert logits.dtype == p.dtype == np.int64
    assert (p >= 0).all()
    assert (p <= 1 << 32).all()
    order = np.argsort(logits, kind="stable")
    apart = np.diff(logits[order]) > 0
    resolved = np.abs(logits[order][1:]) < 10 << 16
    assert (np.diff(p[order])[apart & resolved] > 0).all()


@EVERY
def test_initial_refuses_params_outside_their_range(name):
    learner = LEARNERS[name]
    with pytest.raises(BadParameter, match="speed=3: not a parameter"):
        learner.initial(COLUMNS[name], {"speed": 3})
    key = next(iter(PARAMS[name]))
    for value in (-1, 1 << 40, True, 2.0, "3"):
        with pytest.raises(BadParameter, match=f"{key}="):
            learner.initial(COLUMNS[name], {key: value})
    with pytest.raises(BadParameter, match="columns=0"):
        learner.initial(0, {})


@EVERY
def test_absorb_refuses_vectors_of_wrong_shape_or_type(name):
    learner = LEARNERS[name]
    done = run(learner, [sample(40, COLUMNS[name], 7)], 2, 7, PARAMS[name])[-1]
    for wrong in (done.total[:-1], done.total.astype(np.int32), done.total[None, :]):
        with pytest.raises(BadState, match=f"shape \\({done.plan.length},\\)"):
            learner.absorb(done.state, done.plan, wrong)


@EVERY
def test_contribute_refuses_foreign_plans_and_columns(name):
    learner, rows = LEARNERS[name], sample(40, COLUMNS[name], 8)
    wide = Rows(np.zeros((3, COLUMNS[name] + 1), dtype=np.int64), np.zeros(3, dtype=np.int64))
    with pytest.raises(BadState, match=f"no plan of the learner {name}"):
        learner.contribute(Plan(length=4), rows)
    for done in run(learner, [rows], 2, 8, PARAMS[name]):
        with pytest.raises(BadTable, match="shape"):
            learner.contribute(done.plan, wide)


@EVERY
def test_reading_a_state_with_one_value_spoilt_raises_or_works(name):
    learner, rows = LEARNERS[name], sample(60, COLUMNS[name], 9)
    state = dict(run(learner, [rows], 4, 9, PARAMS[name])[-1].state)
    for key, value in state.items():
        for spoilt in ("text", -(1 << 62), np.zeros((1, 1, 1, 1), dtype=np.int64), np.full_like(value, -(1 << 62))):
            if isinstance(spoilt, np.ndarray) and spoilt.ndim == 0:
                continue
            try:
                # Some fields matter only to the next round; what they say must not crash anything else.
                bad = {**state, key: spoilt}
                learner.logits(bad, rows.features)
                learner.contribute(learner.propose(bad, seed_of(1)), rows)
            except BadInput:
                continue


def test_get_learner_of_unknown_name_names_those_there_are():
    assert get_learner("boost").name == "boost"
    with pytest.raises(
        UnknownLearner, match="no learner 'bost': choose one of boost, calibration, classify, density, edges, fedavg"
    ):
        get_learner("bost")


def test_every_learner_is_registered_by_its_own_name():
    assert {name: learner.name for name, learner in LEARNERS.items()} == {name: name for name in COLUMNS}
