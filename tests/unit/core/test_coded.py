"""Compiled loops over coded tables against the plain NumPy code that states what they compute."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.core import coded, grid
from anomalyhive.core.coded import Coded, _all_among, kernels, shared_out
from anomalyhive.core.grid import label_counts
from anomalyhive.core.learner import Rows
from anomalyhive.core.learners import get_learner
from anomalyhive.core.learners.boost.coded import coded_part_counts
from anomalyhive.core.learners.boost.predict import add_trees, tree_cells
from anomalyhive.core.learners.boost.scale import part_counts
from core.samples import COLUMNS, PARAMS, run, sample

ENDS = np.iinfo(np.int64)
VALUES = st.one_of(st.integers(ENDS.min, ENDS.max), st.integers(-3, 3), st.sampled_from([ENDS.min, ENDS.max]))

pytestmark = pytest.mark.skipif(kernels() is None, reason="Numba does not work here: NumPy is all there is")


@pytest.fixture
def every_table_coded(monkeypatch):
    """Small tables go through the compiled loops, shared by three threads."""
    monkeypatch.setattr(coded, "SMALL", -1)
    monkeypatch.setattr(coded, "SHARE", 40)
    monkeypatch.setattr(coded, "threads", lambda: 3)


def table_of(values, rows, columns):
    return np.array(values, dtype=np.int64).reshape(rows, columns)


@st.composite
def tables_and_trees(draw):
    """Features (n, F) with extreme and repeated values, and trees (T, axes) with thresholds among and beside them."""
    rows, columns = draw(st.integers(0, 30)), draw(st.integers(1, 3))
    trees, axes, levels = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(2, 4))

    def values(count):
        return draw(st.lists(VALUES, min_size=count, max_size=count))

    features = table_of(values(rows * columns), rows, columns)
    thresholds = np.array(values(trees * axes * (levels - 1)), dtype=np.int64).reshape(trees, axes, levels - 1)
    used = draw(st.lists(st.integers(0, columns - 1), min_size=trees * axes, max_size=trees * axes))
    return features, np.array(used, dtype=np.int64).reshape(trees, axes), np.sort(thresholds, axis=2)


@settings(deadline=None, max_examples=150)
@given(tables_and_trees(), st.integers(0, 2**32))
def test_sums_of_trees_on_codes_equal_those_on_values(drawn, number):
    features, used, thresholds = drawn
    columns = np.ascontiguousarray(features.T)
    cells = (thresholds.shape[2] + 1) ** used.shape[1]
    random = np.random.default_rng(number)
    values = random.integers(-(1 << 20), 1 << 20, (used.shape[0], cells))
    table = Coded(features)
    for upto in range(1, used.shape[0] + 1):  # each call adds borders to the codes
        found, wanted = np.full((2, features.shape[0]), 5, dtype=np.int64)
        table.add_trees(used[:upto], thresholds[:upto], values[:upto], found)
        add_trees(columns, used[:upto], thresholds[:upto], values[:upto], wanted)
        assert np.array_equal(found, wanted)
    gradients = random.integers(-(1 << 16), (1 << 16) + 1, features.shape[0])
    curvatures = random.integers(0, (1 << 14) + 1, features.shape[0])
    summed = table.cell_sums(used, thresholds, cells, (gradients << 32) + curvatures)
    of_cell = tree_cells(columns, used, thresholds)
    for tree in range(used.shape[0]):
        for cell in range(cells):
            inside = of_cell[tree] == cell
            assert summed[:, tree, cell].tolist() == [gradients[inside].sum(), curvatures[inside].sum()]


@settings(deadline=None, max_examples=150)
@given(tables_and_trees(), st.lists(VALUES, min_size=18, max_size=36))
def test_rows_below_borders_and_in_parts_equal_plain_counts(drawn, borders):
    features = drawn[0]
    table, columns = Coded(features), np.ascontiguousarray(features.T)
    cuts = np.sort(np.array(borders[: len(borders) // 18 * 18], dtype=np.int64).reshape(-1, 18), axis=1)
    of_cut = np.arange(cuts.shape[0]) % features.shape[1]
    wanted = np.array([(columns[0] < border).sum() for border in borders])
    assert np.array_equal(table.below(0, np.array(borders, dtype=np.int64)), wanted)
    assert np.array_equal(coded_part_counts(table, of_cut, cuts), part_counts(columns, of_cut, cuts))


@settings(deadline=None, max_examples=100)
@given(tables_and_trees(), st.lists(VALUES, min_size=1, max_size=9))
def test_value_of_a_table_equals_that_of_the_part_a_row_lies_in(drawn, borders):
    features, table = drawn[0], Coded(drawn[0])
    cuts, values = np.sort(np.array(borders, dtype=np.int64)), np.arange(len(borders) + 1) * 7 - 3
    wanted = values[np.searchsorted(cuts, features[:, 0], side="right")]
    found = np.full(features.shape[0], 5, dtype=np.int64)
    table.add_table(0, cuts, values, found)
    assert np.array_equal(found, wanted + 5)


def test_more_borders_than_codes_can_tell_apart_are_forgotten_and_found_again():
    features = np.arange(100_000, dtype=np.int64)[:, None]
    table = Coded(features)
    for borders in (features[:60_000, 0], features[40_000:, 0], features[:10, 0]):
        assert np.array_equal(table.below(0, borders), borders)


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_learners_give_the_same_bits_compiled_as_plain(name, every_table_coded, monkeypatch):
    learner, rows = get_learner(name), sample(300, COLUMNS[name], 5)
    compiled = run(learner, [rows], 8, 3, PARAMS[name])
    scores = [learner.logits(done.state, rows.features) for done in compiled]
    monkeypatch.setattr(coded, "kernels", lambda: None)
    plain = run(learner, [Rows(rows.features, rows.labels)], 8, 3, PARAMS[name])
    for one, other, score in zip(compiled, plain, scores, strict=True):
        assert np.array_equal(one.total, other.total)
        assert np.array_equal(score, learner.logits(other.state, rows.features))


def test_boost_with_wide_trees_and_a_rare_label_gives_the_same_bits_compiled(every_table_coded, monkeypatch):
    boost, rows = get_learner("boost"), sample(400, 5, 9)
    rare = Rows(rows.features, (np.arange(400) % 97 == 0).astype(np.int64))
    params = {"axes": 2, "levels": 16, "candidates": 6, "kept": 3, "bins": 64, "refined": 64}
    compiled = run(boost, [rare], 10, 4, params)
    monkeypatch.setattr(coded, "kernels", lambda: None)
    plain = run(boost, [Rows(rare.features, rare.labels)], 10, 4, params)
    assert all(np.array_equal(one.total, other.total) for one, other in zip(compiled, plain, strict=True))


def test_counts_by_label_do_not_depend_on_blocks_or_compilation(every_table_coded, monkeypatch):
    rows = sample(500, 5, 11)
    found = label_counts(rows.features, rows.labels)
    monkeypatch.setattr(grid, "BLOCK", 64)
    assert np.array_equal(label_counts(rows.features, rows.labels), found)
    monkeypatch.setattr(coded, "kernels", lambda: None)
    assert np.array_equal(label_counts(rows.features, rows.labels), found)


def test_sums_unpack_at_their_bounds_whatever_the_number_of_rows():
    for rows in (2047, 2048, 8192, 8193, 30_000):
        table = Coded(np.zeros((rows, 1), dtype=np.int64))
        for gradient in (-(1 << 16), 1 << 16):
            packed = np.full(rows, (gradient << 32) + (1 << 14), dtype=np.int64)
            summed = table.cell_sums(np.zeros((1, 1), dtype=np.int64), np.ones((1, 1, 1), dtype=np.int64), 2, packed)
            assert summed[:, 0].tolist() == [[rows * gradient, 0], [rows << 14, 0]]


def test_rows_are_shared_out_once_each(monkeypatch):
    monkeypatch.setattr(coded, "SHARE", 10)
    for count in (1, 2, 7):
        monkeypatch.setattr(coded, "threads", lambda count=count: count)
        for rows in (0, 9, 10, 71):
            parts = shared_out(rows, lambda start, stop: np.arange(start, stop))
            assert np.concatenate(parts).tolist() == list(range(rows))


def test_compiled_code_runs_where_no_cache_can_be_written(tmp_path):
    program = (
        "import numba.core.caching as c\n"
        "c.CacheImpl._locator_classes = []\n"
        "import numpy as np\n"
        "from anomalyhive.core.coded import Coded\n"
        "print(Coded(np.arange(5)[:, None]).below(0, np.array([3])).tolist())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[3]\n"


def test_importing_the_learners_leaves_numba_alone():
    program = "import sys, anomalyhive.core.learners; print('numba' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("values", "ascending", "all_there"),
    [
        *[([], [], True), ([], [3], True), ([3], [], False), ([3, 3, 9], [1, 3, 9], True)],
        *[([9, 10], [1, 9], False), ([0], [1, 9], False), ([[1, 9], [9, 1]], [1, 9], True), ([5], [1, 9], False)],
    ],
)
def test_all_among_says_whether_each_value_is_there(values: list[int], ascending: list[int], all_there: bool) -> None:
    assert _all_among(np.array(values, np.int64), np.array(ascending, np.int64)) == all_there
