"""Random small tables, full of repeated ids and repeated features."""

from __future__ import annotations

from hypothesis import strategies as st

from anomalyhive.tables import Table

from .conftest import make_table


@st.composite
def tables(draw: st.DrawFn, smallest: int = 1, largest: int = 30) -> Table:
    """A labelled table with or without ids."""
    rows = draw(st.integers(smallest, largest))
    variety = draw(st.integers(1, 40))
    value = st.integers(0, variety)
    features = draw(st.lists(st.tuples(value, value), min_size=rows, max_size=rows))
    labels = draw(st.lists(st.integers(0, 1), min_size=rows, max_size=rows))
    ids = draw(st.none() | st.lists(value.map(str), min_size=rows, max_size=rows))
    return make_table(features, labels, ids)


def shuffled(draw_from: st.DataObject, table: Table) -> Table:
    """The same rows in another order."""
    return table.take(draw_from.draw(st.permutations(range(len(table)))))


def content(table: Table, rows: object) -> list[tuple]:
    """What the rows hold, whatever their positions: sorted (id, features, label)."""
    taken = table.take(rows)  # type: ignore[arg-type]  # indices
    ids = taken.ids or [""] * len(taken)
    return sorted(zip(ids, map(tuple, taken.features.tolist()), taken.labels.tolist(), strict=True))
