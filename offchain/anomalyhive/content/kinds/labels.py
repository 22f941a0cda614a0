"""Which accounts are what: the labels that rows of public statistics are joined with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import opened_root, publish_root
from anomalyhive.content.store import Store
from anomalyhive.content.vectors import as_int64, read_array, read_texts, write_array, write_texts
from anomalyhive.errors import BadInput

_KEYS = frozenset({"rows", "accounts", "labels"})


@dataclass(frozen=True, eq=False)
class Labels:
    """``accounts`` are n addresses, ascending and each once; ``labels`` int64 (n,) holds 0 and 1."""

    accounts: tuple[str, ...]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        object.__setattr__(self, "labels", as_int64(self.labels, "labels"))
        checks.integer("the number of accounts", len(self.accounts), 1, checks.MOST_ROWS)
        if self.labels.shape != (len(self.accounts),):
            raise BadInput(f"labels of shape {self.labels.shape} are not one for each of {len(self.accounts)} accounts")
        for before, account in zip((None, *self.accounts), self.accounts, strict=False):
            checks.text("an account", account)
            if before is not None and before >= account:
                raise BadInput(f"account {account[:80]!r} does not come after {before[:80]!r}")
        if not np.isin(self.labels, (0, 1)).all():
            raise BadInput(f"label {int(self.labels[~np.isin(self.labels, (0, 1))][0])} is neither 0 nor 1")

    def publish(self, store: Store) -> bytes:
        """Put the blocks; return the digest of the root."""
        return publish_root(
            store,
            "labels",
            {
                "rows": len(self.accounts),
                "accounts": dict(write_texts(store, self.accounts, "accounts")),
                "labels": dict(write_array(store, self.labels, "labels")),
            },
        )

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Labels:
        """The labels behind a digest, all of them checked."""
        with opened_root(store, digest, "labels", _KEYS) as fields:
            rows = checks.integer("rows", fields.integer("rows"), 1, checks.MOST_ROWS)
            return cls(
                read_texts(store, fields.raw("accounts"), rows, "accounts"),
                read_array(store, fields.raw("labels"), "labels", (rows,)),
            )
