"""From partial statistics to the rows of a shard, and the check of a task whose spec names what its rows come from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from anomalyhive.content.kinds import Dataset, Labels, Partial, PartialRoot, Spec
from anomalyhive.content.store import Store
from anomalyhive.core.features import from_image, to_image
from anomalyhive.core.learner import Integers
from anomalyhive.errors import BadInput, BadTable, ContentCorrupt
from anomalyhive.metrics import partial as statistics
from anomalyhive.metrics.chunks import Chunk
from anomalyhive.metrics.encoding import STATISTICS_DIGEST, decode, encode
from anomalyhive.metrics.engines import Engine, engine_named
from anomalyhive.metrics.features import FEATURES, rows
from anomalyhive.metrics.sketching import bucket_of
from anomalyhive.raw.detecting import NONE, Fitted, fitted_on
from anomalyhive.tables.table import Table

ENGINE = "polars"

Tell = Callable[[int], None]

MOST_NUMBER = 2.0**62
"""Of a statistic in a table, whatever its sign."""

FINE_DOUBLINGS = {"seconds": 8, "microether": 10, "microether/1024": 20}
"""Unit -> k: its numbers are taken in 2^k, so that what is common lies where the public grid has fine cells."""


@cache
def engine() -> Engine:
    """The engine that counts; each gives the same bits."""
    return engine_named(ENGINE)


def count_chunk(chunk: Chunk, accounts: Sequence[str], tell: Tell = lambda _: None) -> statistics.Partial:
    """The partial statistics of these accounts in a chunk; ``tell`` hears how many transactions are done.

    Raises BadTable.
    """
    parts, done = [], 0
    for batch in chunk.batches():
        parts.append(statistics.partials(engine(), batch.events, batch.start, batch.stop).of(accounts))
        done += batch.transactions
        tell(done)
    return statistics.merge(parts)


def partial_of(
    number: int, chunk: Chunk, counted: statistics.Partial, accounts: Sequence[str], buckets: int
) -> Partial:
    """The content of a chunk's partial statistics of these accounts, in so many buckets."""
    mine: list[list[str]] = [[] for _ in range(buckets)]
    for account in accounts:
        mine[bucket_of(account, buckets)].append(account)
    return Partial(
        chunk=number,
        source=chunk.source,
        first=chunk.start,
        stop=chunk.stop,
        statistics=STATISTICS_DIGEST,
        buckets=tuple(encode(counted.of(one)) for one in mine),
    )


def table_of(
    parts: Sequence[statistics.Partial], labels: Labels, columns: Sequence[str], detectors: Fitted = NONE
) -> Table:
    """The rows of all accounts of these partials that have a label, by address. Raises BadTable for unknown columns."""
    merged = statistics.merge(parts)
    made = rows(merged)
    known = dict(zip(labels.accounts, labels.labels.tolist(), strict=True))
    taken = [index for index, address in enumerate(made.addresses) if address in known]
    return Table(
        ids=[made.addresses[index] for index in taken],
        columns=tuple(columns),
        features=as_images(made.features[taken], columns, detectors),
        labels=np.array([known[made.addresses[index]] for index in taken], dtype=np.int64),
        classes=labels.classes,
    )


def fit_detectors(
    buckets: Sequence[Sequence[statistics.Partial]], labels: Labels, columns: Sequence[str], names: Sequence[str]
) -> Fitted:
    """Detectors fitted on the rows of all accounts that have a label, whatever it is; ``buckets`` parts the accounts.

    ``columns`` are those of the statistics. Raises BadSetting where there are too few rows.
    """
    if not names:
        return NONE
    made = [rows(statistics.merge([one.of(labels.accounts) for one in parts])).features for parts in buckets]
    return fitted_on(np.concatenate(made)[:, _places(columns)], names)


def as_images(features: Integers, columns: Sequence[str], detectors: Fitted = NONE) -> Integers:
    """The images int64 (n, F) of these columns of features (n, all): of the float64 nearest to value / 2^k.

    Both steps are exact in IEEE 754 but for integers beyond 2^53, which round to even; no order changes but to equal.
    The last columns are those of the ``detectors``, which read the others.
    """
    count = len(columns) - len(detectors.names)
    own = columns[:count] if tuple(columns[count:]) == detectors.names else columns
    chosen = features[:, _places(own)]
    return np.concatenate([to_image(chosen.astype(np.float64) * _scales(own)), detectors.images(chosen)], axis=1)


def _places(columns: Sequence[str]) -> list[int]:
    """Where these statistics stand among all of them. Raises BadTable for what is none."""
    at = {one.name: index for index, one in enumerate(FEATURES)}
    unknown = [name for name in columns if name not in at]
    if unknown:
        raise BadTable(f"there is no statistic {unknown[0][:80]!r}: there are {', '.join(at)}")
    return [at[name] for name in columns]


def of_table(images: Integers, columns: Sequence[str], detectors: Fitted = NONE) -> Integers:
    """What `as_images` gives, from the images (n, F) of the same statistics in a table; what is no integer is floored.

    Raises BadTable for a number beyond 2^62, which no statistic is.
    """
    own = columns[: len(columns) - len(detectors.names)]
    numbers = from_image(images)
    found = to_image(numbers * _scales(own))
    if not detectors.names:
        return found
    if numbers.size and np.abs(numbers).max() > MOST_NUMBER:
        raise BadTable(f"the table has the number {np.abs(numbers).max():.3g}, which no statistic is: correct it")
    return np.concatenate([found, detectors.images(np.floor(numbers).astype(np.int64))], axis=1)


def _scales(columns: Sequence[str]) -> NDArray[np.float64]:
    """What the numbers of these columns (F,) are multiplied with, powers of two."""
    units = {one.name: one.unit for one in FEATURES}
    return np.array([2.0 ** -FINE_DOUBLINGS.get(units[name], 0) for name in columns])


def differing_rows(dataset: Dataset, due: Table) -> str:
    """In words, how a dataset is not the table that is due; empty if it is, bit for bit."""
    if dataset.columns != due.columns:
        return f"it has the columns {', '.join(dataset.columns)[:200]}"
    names = tuple(due.ids or ())
    if dataset.ids != names:
        other = sorted(set(dataset.ids or ()) ^ set(names))
        return f"account {other[0][:80]} is in one of them alone" if other else "the accounts are in another order"
    for row, name in enumerate(names):
        if dataset.labels[row] != due.labels[row]:
            said, right = (_class_of(due, int(one[row])) for one in (dataset.labels, due.labels))
            return f"account {name} has the label {said} and {right} is due"
    wrong = np.argwhere(dataset.features != due.features)
    if not len(wrong):
        return ""
    row, column = wrong[0].tolist()
    return f"{dataset.columns[column]} of account {names[row]} differs, and {len(wrong) - 1} more numbers"


def _class_of(table: Table, label: int) -> str:
    """A label as messages name it."""
    return table.classes[label] if label < len(table.classes) else str(label)


@dataclass(frozen=True)
class Joiner:
    """Makes the rows of a task's shards from what its spec says that they come from."""

    spec: Spec
    store: Store
    labels: Labels
    roots: Sequence[PartialRoot]
    detectors: Fitted = NONE

    @classmethod
    def open(cls, spec: Spec, store: Store) -> Joiner:
        """Fetch the roots. Raises ContentFailure for what cannot be had or does not fit the spec."""
        assert spec.origin is not None
        labels = Labels.fetch(store, spec.origin.labels)
        if labels.classes != spec.classes:
            there, due = (", ".join(one)[:200] or "0, 1" for one in (labels.classes, spec.classes))
            raise ContentCorrupt(spec.origin.labels, f"its labels are {there}: {due} are due")
        roots = [PartialRoot.fetch(store, digest) for digest in spec.origin.partials]
        for number, root in enumerate(roots):
            said = (root.chunk, len(root.buckets), root.statistics)
            if said != (number, len(spec.shards), STATISTICS_DIGEST):
                reason = (
                    f"it is chunk {root.chunk} in {len(root.buckets)} buckets by the statistics "
                    f"{root.statistics.hex()}: chunk {number} in {len(spec.shards)} is due, "
                    f"by {STATISTICS_DIGEST.hex()}"
                )
                raise ContentCorrupt(root.digest, reason)
        return cls(spec, store, labels, roots, Fitted.fetch(store, spec.origin.detectors, spec.columns))

    def shard(self, number: int) -> Table:
        """The rows of a shard. Raises ContentFailure naming the partial that does not hold."""
        parts = [self._part(root, number) for root in self.roots]
        try:
            return table_of(parts, self.labels, self.spec.columns, self.detectors)
        except BadInput as error:
            raise ContentCorrupt(self.roots[0].digest, f"it cannot be merged with the others: {error}") from error

    def refitted(self) -> Fitted:
        """What the detectors learn of the rows of all shards. Raises ContentFailure as `shard` does."""
        parts = [[self._part(root, number) for root in self.roots] for number in range(len(self.spec.shards))]
        columns = self.spec.columns[: len(self.spec.columns) - len(self.detectors.names)]
        try:
            return fit_detectors(parts, self.labels, columns, self.detectors.names)
        except BadInput as error:
            raise ContentCorrupt(self.roots[0].digest, f"no detector can be fitted on its rows: {error}") from error

    def _part(self, root: PartialRoot, number: int) -> statistics.Partial:
        data = root.bucket(self.store, number)
        try:
            part = decode(data)
            if part.cover != ((root.first, root.stop),):
                raise BadInput(f"it covers the blocks {part.cover}, its root says {root.first}:{root.stop}")
            for address in part.addresses.to_pylist():
                if bucket_of(address, len(root.buckets)) != number:
                    raise BadInput(f"address {address} belongs to another bucket than {number}")
        except BadInput as error:
            raise ContentCorrupt(root.digest, f"bucket {number}: {error}") from error
        return part
