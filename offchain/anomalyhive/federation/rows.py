"""Who gets which rows: shards for the trainers, rows of their own for private validators, and rows that nobody has."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from anomalyhive.content.kinds import Dataset, Labels, Partial
from anomalyhive.content.store import Store
from anomalyhive.federation.settings import Settings
from anomalyhive.raw.detecting import NONE, Fitted
from anomalyhive.tables.csvfile import read_table
from anomalyhive.tables.holdout import carve_out, hold_out
from anomalyhive.tables.splits import split_rows
from anomalyhive.tables.table import Table

MOST_PRIVATE_SHARE = Fraction(1, 20)
"""Of the training rows, what a private validator keeps to judge by; all together at most a quarter."""


@dataclass(frozen=True)
class Raw:
    """What the rows of a chain come from: the chunks' partials (none in private mode) and the labels to learn from.

    ``era`` are the test rows whose account first acted in the era that is asked for; None if none is. ``whole`` are, in
    private mode, the whole histories of the accounts of which each node sees its own chunks' part. ``detectors`` are
    what gives the last columns.
    """

    partials: tuple[Partial, ...]
    labels: Labels
    era: tuple[int, ...] | None
    whole: Table | None
    detectors: Fitted = NONE


@dataclass(frozen=True)
class Shared:
    """The rows of a run: one table a shard, one a private validator (else none), and the test rows.

    ``pooled`` are all rows that the nodes have, in one table, for comparison with centralised training.
    """

    shards: list[Table]
    own: list[Table]
    test: Table
    pooled: Table
    raw: Raw | None = None


def share_out(settings: Settings) -> Shared:
    """Read the data and part it as the settings say. Raises BadTable or BadSetting."""
    table = read_table(
        settings.data, settings.label, settings.id, settings.drop, missing=settings.missing, classes=settings.classes
    )
    sides = hold_out(table, settings.fraction, settings.seed)
    train, test = table.take(sides.train), table.take(sides.test)
    own: list[Table] = []
    pool = train
    if settings.private:
        share = min(MOST_PRIVATE_SHARE, Fraction(1, 4 * settings.validators))
        carved = carve_out(train, settings.validators, share, settings.seed)
        own = [train.take(rows) for rows in carved.validators]
        pool = train.take(carved.trainers)
    shards = [pool.take(rows) for rows in split_rows(pool, settings.nodes, settings.split, settings.seed)]
    return Shared(shards, own, test, pool)


def publish_table(table: Table, store: Store) -> bytes:
    """Publish a table as a dataset; return its digest."""
    return Dataset(
        columns=table.columns,
        features=table.features,
        labels=table.labels,
        ids=None if table.ids is None else tuple(table.ids),
    ).publish(store)
