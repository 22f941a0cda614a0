"""Rows that anyone may learn from: the content of a shard in public mode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import opened_root, publish_root
from anomalyhive.content.store import Store
from anomalyhive.content.vectors import as_int64, read_array, read_texts, write_array, write_texts
from anomalyhive.core.learner import MOST_CLASSES
from anomalyhive.errors import BadInput

_KEYS = frozenset({"columns", "rows", "features", "labels", "ids"})


@dataclass(frozen=True, eq=False)
class Dataset:
    """``columns`` names the F columns of ``features`` int64 (n, F); ``labels`` int64 (n,) numbers the classes that
    the spec of its task names, or holds 0 and 1 where it names none.

    ``ids`` names the rows, n texts in the same order, or is None. Arrays are read-only.
    """

    columns: tuple[str, ...]
    features: NDArray[np.int64]
    labels: NDArray[np.int64]
    ids: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        checks.names("columns", self.columns)
        object.__setattr__(self, "features", as_int64(self.features, "features"))
        object.__setattr__(self, "labels", as_int64(self.labels, "labels"))
        if self.labels.ndim != 1 or self.features.shape != (len(self.labels), len(self.columns)):
            raise BadInput(
                f"features {self.features.shape} and labels {self.labels.shape} are not rows of "
                f"{len(self.columns)} columns and a label each"
            )
        wrong = self.labels[(self.labels < 0) | (self.labels >= MOST_CLASSES)]
        if wrong.size:
            raise BadInput(f"label {int(wrong[0])} is not from 0 to {MOST_CLASSES - 1}")
        if self.ids is not None and len(self.ids) != self.rows:
            raise BadInput(f"{len(self.ids)} ids cannot name {self.rows} rows")

    @property
    def rows(self) -> int:
        """Number of rows, n."""
        return len(self.labels)

    def publish(self, store: Store) -> bytes:
        """Put the blocks; return the digest of the root."""
        return publish_root(
            store,
            "dataset",
            {
                "columns": list(self.columns),
                "rows": self.rows,
                "features": dict(write_array(store, self.features, "features")),
                "labels": dict(write_array(store, self.labels, "labels")),
                "ids": None if self.ids is None else dict(write_texts(store, self.ids, "ids")),
            },
        )

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Dataset:
        """The dataset behind a digest, all of it checked."""
        with opened_root(store, digest, "dataset", _KEYS) as fields:
            columns = checks.names("columns", fields.texts("columns"))
            rows = checks.integer("rows", fields.integer("rows"), 0, checks.MOST_ROWS)
            ids = fields.raw("ids")
            return cls(
                columns,
                read_array(store, fields.raw("features"), "features", (rows, len(columns))),
                read_array(store, fields.raw("labels"), "labels", (rows,)),
                None if ids is None else read_texts(store, ids, rows, "ids"),
            )
