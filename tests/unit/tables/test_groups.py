"""Groups: who belongs together, against a search through the graph of rows."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from anomalyhive.tables import Table
from anomalyhive.tables.groups import content_key, groups_of

from .conftest import make_table
from .strategies import content, shuffled, tables


def components(table: Table) -> set[tuple[int, ...]]:
    """Connected components by repeated search: slow and plain."""
    rows = range(len(table))

    def joined(one: int, other: int) -> bool:
        same_id = table.ids is not None and table.ids[one] == table.ids[other]
        return same_id or bool((table.features[one] == table.features[other]).all())

    found = set()
    for start in rows:
        reached, frontier = {start}, [start]
        while frontier:
            row = frontier.pop()
            new = [other for other in rows if other not in reached and joined(row, other)]
            reached.update(new)
            frontier += new
        found.add(tuple(sorted(reached)))
    return found


@given(tables())
@settings(deadline=None, derandomize=True)
def test_groups_are_the_connected_components(table: Table) -> None:
    groups = groups_of(table, 1, "test")
    assert {group.rows for group in groups} == components(table)
    assert sum(len(group.rows) for group in groups) == len(table)
    assert all(group.stratum == table.labels[list(group.rows)].max() for group in groups)


@given(tables(), st.data())
@settings(deadline=None, derandomize=True)
def test_order_of_groups_does_not_depend_on_the_order_of_rows(table: Table, data: st.DataObject) -> None:
    other = shuffled(data, table)
    assert [content(table, group.rows) for group in groups_of(table, 7, "test")] == [
        content(other, group.rows) for group in groups_of(other, 7, "test")
    ]


def test_chain_of_ids_and_features_is_one_group() -> None:
    table = make_table([[1], [1], [2], [3]], [0, 1, 0, 1], ["x", "y", "y", "z"])
    assert sorted(group.rows for group in groups_of(table, 0, "test")) == [(0, 1, 2), (3,)]


def test_keys_differ_by_seed_purpose_and_content_and_are_pinned() -> None:
    keys = {content_key(seed, purpose, row) for seed in (0, 1) for purpose in ("a", "b") for row in (b"x", b"y")}
    assert len(keys) == 8
    # Another value here means other shards and other test rows for every published run of the same seed.
    assert content_key(1, "split", b"x").hex() == "576a282b7d45678d238665bda40bd58450f1650507343f5409155e29fdaf9a74"
