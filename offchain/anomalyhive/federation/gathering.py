"""Who gets which rows of a chain: chunks counted, buckets joined, and accounts that nobody learns from.

In public mode the shards are the buckets of addresses, with whole histories. In private mode a node has the accounts of
its own chunks as they look there, and a validator accounts of its own as they look in each node's chunks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from anomalyhive.content.file_digest import file_digest
from anomalyhive.content.kinds import Labels
from anomalyhive.errors import BadSetting
from anomalyhive.federation.counting import Counted, ask, count, era_seconds
from anomalyhive.federation.rows import MOST_PRIVATE_SHARE, Raw, Shared
from anomalyhive.federation.settings import Settings
from anomalyhive.metrics import partial as statistics
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.holes import lacking
from anomalyhive.metrics.sketching import bucket_of
from anomalyhive.raw.detecting import Fitted
from anomalyhive.raw.joining import fit_detectors, partial_of, table_of
from anomalyhive.raw.labelling import Chosen, Labelled, kept_apart, labels_of
from anomalyhive.tables.cells import shown
from anomalyhive.tables.table import Table

Tell = Callable[[str], None]


def gather(settings: Settings, tell: Tell, known: Counted | None = None) -> Shared:
    """Part the accounts of the chunks as the settings say; ``known`` is what was counted of them before.

    Raises BadTable or BadSetting.
    """
    found = known or count(ask(settings))
    labelled, chunks, counted, columns = found.labelled, found.chunks, found.parts, found.columns
    for strange in labelled.strange:
        tell(f"set aside of {settings.labels}: {strange}")
    for lack in lacking(chunks):
        tell(lack)
    is_test = kept_apart("hold out", settings.fraction, settings.seed)
    train = labels_of(labelled.labels, lambda one: not is_test(one), labelled.classes)
    detectors = fit_detectors([counted], train, columns, settings.detectors)
    columns = (*columns, *detectors.names)
    test, era = _test_rows(settings, counted, labelled, is_test, columns, detectors)
    whole = table_of(counted, train, columns, detectors)
    _check_classes(whole, "learn from")
    if settings.private:
        return _private(settings, counted, train, columns, Shared([], [], test, whole, Raw((), train, era, whole)))
    tell(f"joining {len(whole):,} accounts in {settings.nodes} buckets")
    mine = [one.of(train.accounts) for one in counted]
    partials = tuple(
        partial_of(number, chunk, part, train.accounts, settings.nodes)
        for number, (chunk, part) in enumerate(zip(chunks, mine, strict=True))
    )
    buckets = np.array([bucket_of(name, settings.nodes) for name in whole.ids or ()], dtype=np.int64)
    shards = [whole.take(np.flatnonzero(buckets == bucket)) for bucket in range(settings.nodes)]
    return Shared(shards, [], test, whole, Raw(partials, train, era, None, detectors))


def digest_of_input(settings: Settings) -> str:
    """The sha-256, as hex, of the data file or of chunks and labels. Raises BadTable where they cannot be read."""
    if settings.shards is None:
        return file_digest(Path(settings.data), "name a CSV file with --data").hex()
    assert settings.labels is not None
    whole = hashlib.sha256(b"anomalyhive chunks" + file_digest(Path(settings.labels), "name a CSV file with --labels"))
    for chunk in find_chunks(Path(settings.shards)):
        whole.update(chunk.source)
    return whole.hexdigest()


def _test_rows(
    settings: Settings,
    counted: Sequence[statistics.Partial],
    labelled: Labelled,
    is_test: Chosen,
    columns: Sequence[str],
    detectors: Fitted,
) -> tuple[Table, tuple[int, ...] | None]:
    """The whole histories of the test accounts, and which of their rows are of the era."""
    if settings.fraction == 0:
        empty = np.empty((0, len(columns)), dtype=np.int64)
        return Table([], tuple(columns), empty, np.empty(0, dtype=np.int64), labelled.classes), None
    labels = labels_of(labelled.labels, is_test, labelled.classes)
    parts = [one.of(labels.accounts) for one in counted]
    test = table_of(parts, labels, columns, detectors)
    _check_classes(test, "test on")
    if settings.era is None:
        return test, None
    totals = statistics.collapsed(statistics.merge(parts))
    first = dict(zip(totals.column("address").to_pylist(), totals.column("first_time").to_pylist(), strict=True))
    low, high = era_seconds(settings.era)
    return test, tuple(row for row, name in enumerate(test.ids or ()) if low <= first[name] < high)


def _private(
    settings: Settings, counted: Sequence[statistics.Partial], train: Labels, columns: Sequence[str], shared: Shared
) -> Shared:
    """The rows of nodes that show none: node i has the chunks i, i + nodes, … alone."""
    if settings.nodes > len(counted):
        raise BadSetting(
            f"--nodes {settings.nodes} with --private: there are {len(counted)} chunks, and a node without one has "
            "nothing to learn from"
        )
    known = dict(zip(train.accounts, train.labels.tolist(), strict=True))
    share = min(MOST_PRIVATE_SHARE, Fraction(1, 4 * settings.validators))
    judges = [kept_apart("carve out", share, settings.seed, share * seat) for seat in range(settings.validators)]
    taught = labels_of(known, lambda one: not any(is_own(one) for is_own in judges), train.classes)
    seats = [labels_of(known, is_own, train.classes) for is_own in judges]
    parts = [list(counted[node :: settings.nodes]) for node in range(settings.nodes)]
    shards = [table_of([one.of(taught.accounts) for one in mine], taught, columns) for mine in parts]
    own = [
        joined([table_of([one.of(seat.accounts) for one in mine], seat, columns) for mine in parts]) for seat in seats
    ]
    if not all(len(rows) for rows in own):
        raise BadSetting(
            f"{settings.validators} validators with {share} of the accounts each: somebody would have no row, "
            "so give fewer validators or more labels"
        )
    return Shared(shards, own, shared.test, joined(shards), shared.raw)


def joined(tables: Sequence[Table]) -> Table:
    """The rows of several tables of the same columns, one after the other."""
    return Table(
        ids=[name for table in tables for name in table.ids or ()],
        columns=tables[0].columns,
        features=np.concatenate([table.features for table in tables]),
        labels=np.concatenate([table.labels for table in tables]),
        classes=tables[0].classes,
    )


def _check_classes(table: Table, purpose: str) -> None:
    """Raise BadSetting unless there are accounts of every label."""
    for label, name in enumerate(table.classes or ("0", "1")):
        if not np.any(table.labels == label):
            raise BadSetting(
                f"no account with the label {shown(name)} and a history in the chunks is left to {purpose}: "
                "change --test-fraction or --seed, give more chunks or labels, or leave out the label's rows"
            )
