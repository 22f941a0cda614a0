"""A table as content."""

from __future__ import annotations

from anomalyhive.content.kinds import Dataset
from anomalyhive.content.store import Store
from anomalyhive.tables.table import Table


def publish_table(table: Table, store: Store) -> bytes:
    """Publish a table as a dataset; return its digest."""
    return Dataset(
        columns=table.columns,
        features=table.features,
        labels=table.labels,
        ids=None if table.ids is None else tuple(table.ids),
    ).publish(store)
