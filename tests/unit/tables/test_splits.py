"""split_rows: every row once, no shard empty, the same whatever the order of the file."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.errors import BadSetting
from anomalyhive.tables import Table, split_rows

from .conftest import make_table
from .strategies import content, shuffled, tables

HOW = st.sampled_from(["random", "label", "column:a", "column:b"])


@given(tables(), HOW, st.integers(), st.data())
@settings(deadline=None, derandomize=True, max_examples=200)
def test_every_row_is_in_exactly_one_shard_and_no_shard_is_empty(
    table: Table, how: str, seed: int, data: st.DataObject
) -> None:
    nodes = data.draw(st.integers(1, len(table)))
    shards = split_rows(table, nodes, how, seed)
    assert len(shards) == nodes
    assert all(len(shard) and shard.dtype == np.int64 for shard in shards)
    assert sorted(np.concatenate(shards).tolist()) == list(range(len(table)))


@given(tables(), HOW, st.integers(0, 5), st.data())
@settings(deadline=None, derandomize=True, max_examples=100)
def test_shards_do_not_depend_on_the_order_of_rows(table: Table, how: str, seed: int, data: st.DataObject) -> None:
    nodes = data.draw(st.integers(1, len(table)))
    other = shuffled(data, table)
    ours, theirs = split_rows(table, nodes, how, seed), split_rows(other, nodes, how, seed)
    assert [content(table, shard) for shard in ours] == [content(other, shard) for shard in theirs]


@given(st.integers(1, 60), st.integers(1, 60), st.sampled_from(["random", "label"]))
@settings(deadline=None, derandomize=True)
def test_shards_of_distinct_rows_differ_by_one_row_at_most(rows: int, nodes: int, how: str) -> None:
    table = make_table(np.arange(rows), np.arange(rows) % 2)
    sizes = [len(shard) for shard in split_rows(table, min(nodes, rows), how, 3)]
    assert max(sizes) - min(sizes) <= 1


@given(tables(smallest=2), st.integers(0, 5), st.data())
@settings(deadline=None, derandomize=True)
def test_label_split_cuts_rows_sorted_by_label(table: Table, seed: int, data: st.DataObject) -> None:
    nodes = data.draw(st.integers(1, len(table)))
    labels = [table.labels[shard] for shard in split_rows(table, nodes, "label", seed)]
    for before, after in pairwise(labels):
        assert before.max() <= after.min()


@given(tables(smallest=2), st.integers(0, 5), st.data())
@settings(deadline=None, derandomize=True)
def test_column_split_cuts_rows_sorted_by_column(table: Table, seed: int, data: st.DataObject) -> None:
    nodes = data.draw(st.integers(1, len(table)))
    values = [table.features[shard, 1] for shard in split_rows(table, nodes, "column:b", seed)]
    for before, after in pairwise(values):
        assert before.max() <= after.min()


def test_rows_of_one_id_stay_together_where_shards_allow() -> None:
    table = make_table(np.arange(30), np.arange(30) % 2, [f"account {i // 3}" for i in range(30)])
    shards = split_rows(table, 4, "random", 5)
    homes = [{table.ids[row] for row in shard} for shard in shards if table.ids]
    assert sum(map(len, homes)) == len(set().union(*homes)) == 10


def test_one_id_for_all_rows_still_leaves_no_shard_empty() -> None:
    table = make_table(np.arange(5), [0, 1, 0, 1, 0], ["x"] * 5)
    assert [len(shard) for shard in split_rows(table, 5, "random", 0)] == [1] * 5


def test_seed_decides_the_random_split() -> None:
    table = make_table(np.arange(40), np.arange(40) % 2)
    splits = [[shard.tolist() for shard in split_rows(table, 4, "random", seed)] for seed in (1, 1, 2)]
    assert splits[0] == splits[1] != splits[2]


def test_split_is_pinned() -> None:
    table = make_table(np.arange(9), np.arange(9) % 2, [str(i) for i in range(9)])
    assert [shard.tolist() for shard in split_rows(table, 3, "random", 1)] == [[4, 7, 8], [2, 3, 5], [0, 1, 6]]


@pytest.mark.parametrize(
    ("nodes", "how", "message"),
    [
        (6, "random", "6 nodes for 5 rows"),
        (0, "random", "0 nodes: give at least 1"),
        (2, "dirichlet", "no split 'dirichlet': choose random, label or column:NAME"),
        (2, "column:A ", "split 'column:A ': there is no column 'A ': did you mean 'a'"),
        (2, "column:", "there is no column ''"),
    ],
)
def test_settings_that_cannot_be_are_named(nodes: int, how: str, message: str) -> None:
    with pytest.raises(BadSetting, match=message):
        split_rows(make_table(np.arange(5), [0, 1, 0, 1, 0]), nodes, how, 0)
