"""A table: labelled rows of numbers, as a node learns from them or a model scores them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomalyhive.core.learner import Integers, Rows
from anomalyhive.errors import BadTable


@dataclass(frozen=True, eq=False)
class Table:
    """Rows with their ids, columns and labels; immutable.

    ``ids`` names the account of each row (several rows may have one), or is None. ``columns`` are the F
    feature columns. ``features`` is int64 (n, F), the order-preserving images of float64. ``labels`` is int64
    (n,) of 0 and 1, or (0,) if the table was read without labels. ``classes`` names the labels 0, 1, …; it is empty
    where the labels are 0 and 1 themselves.
    """

    ids: list[str] | None
    columns: tuple[str, ...]
    features: Integers
    labels: Integers
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise BadTable unless the parts fit together; take frozen views of the arrays."""
        rows = len(self.features)
        if self.features.dtype != np.int64 or self.features.shape != (rows, len(self.columns)):
            raise BadTable(
                f"features are {self.features.dtype} of shape {self.features.shape}: "
                f"give int64 of shape (n, {len(self.columns)})"
            )
        if self.labels.dtype != np.int64 or self.labels.shape not in {(rows,), (0,)}:
            raise BadTable(
                f"labels are {self.labels.dtype} of shape {self.labels.shape}: give int64 of shape ({rows},)"
            )
        if self.ids is not None and len(self.ids) != rows:
            raise BadTable(f"{len(self.ids)} ids for {rows} rows: give one a row")
        for name in ("features", "labels"):
            frozen = getattr(self, name).view()
            frozen.flags.writeable = False
            object.__setattr__(self, name, frozen)

    def __len__(self) -> int:
        """Number of rows, n."""
        return len(self.features)

    @property
    def label_classes(self) -> int:
        """How many classes the labels tell apart."""
        return len(self.classes) or 2

    @property
    def is_labelled(self) -> bool:
        """Whether every row has a label."""
        return len(self.labels) == len(self.features)

    def take(self, rows: Sequence[int] | NDArray[np.int64]) -> Table:
        """The table of these rows (indices), in their order."""
        chosen = np.asarray(rows, dtype=np.int64)
        return Table(
            ids=None if self.ids is None else [self.ids[i] for i in chosen.tolist()],
            columns=self.columns,
            features=self.features[chosen],
            labels=self.labels[chosen] if self.is_labelled else self.labels,
            classes=self.classes,
        )

    def rows(self) -> Rows:
        """What a learner sums over: features and labels alone, without names."""
        return Rows(self.features, self.labels, classes=self.label_classes)
