"""Which accounts are what: the labels that rows of public statistics are joined with."""

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

_KEYS = frozenset({"rows", "accounts", "labels"})
_OPTIONAL = frozenset({"classes"})
"""Absent where labels are 0 and 1, so that such labels keep their digests."""


@dataclass(frozen=True, eq=False)
class Labels:
    """``accounts`` are n addresses, ascending and each once; ``labels`` int64 (n,) numbers their classes.

    ``classes`` names the labels 0, 1, …; it is empty where the labels are 0 and 1 themselves.
    """

    accounts: tuple[str, ...]
    labels: NDArray[np.int64]
    classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", as_int64(self.labels, "labels"))
        checks.integer("the number of accounts", len(self.accounts), 1, checks.MOST_ROWS)
        if self.labels.shape != (len(self.accounts),):
            raise BadInput(f"labels of shape {self.labels.shape} are not one for each of {len(self.accounts)} accounts")
        for before, account in zip((None, *self.accounts), self.accounts, strict=False):
            checks.text("an account", account)
            if before is not None and before >= account:
                raise BadInput(f"account {account[:80]!r} does not come after {before[:80]!r}")
        if self.classes:
            checks.integer("the number of classes", len(checks.names("classes", self.classes)), 2, MOST_CLASSES)
        wrong = self.labels[(self.labels < 0) | (self.labels >= self.label_classes)]
        if wrong.size:
            known = f"one of the {self.label_classes} classes" if self.classes else "0 or 1"
            raise BadInput(f"label {int(wrong[0])} is not {known}")

    @property
    def label_classes(self) -> int:
        """How many classes the labels tell apart."""
        return len(self.classes) or 2

    def publish(self, store: Store) -> bytes:
        """Put the blocks; return the digest of the root."""
        return publish_root(
            store,
            "labels",
            {
                "rows": len(self.accounts),
                "accounts": dict(write_texts(store, self.accounts, "accounts")),
                "labels": dict(write_array(store, self.labels, "labels")),
                **({"classes": list(self.classes)} if self.classes else {}),
            },
        )

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Labels:
        """The labels behind a digest, all of them checked."""
        with opened_root(store, digest, "labels", _KEYS, _OPTIONAL) as fields:
            rows = checks.integer("rows", fields.integer("rows"), 1, checks.MOST_ROWS)
            return cls(
                read_texts(store, fields.raw("accounts"), rows, "accounts"),
                read_array(store, fields.raw("labels"), "labels", (rows,)),
                fields.optional_texts("classes"),
            )
