"""What one node learned from one shard in one round: the vector that its commitment opens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import opened_root, publish_root, root_link
from anomalyhive.content.store import Store
from anomalyhive.content.vectors import as_int64, read_array, write_array
from anomalyhive.errors import BadInput

_KEYS = frozenset({"chain", "hive", "task", "round", "shard", "author", "owner", "base", "rows", "vector"})


@dataclass(frozen=True, eq=False)
class Update:
    """It names its author and place, so a copied update is invalid on its face.

    ``chain`` is the chain id, ``hive`` and ``owner`` are addresses, ``author`` is a node id. ``base`` is
    the digest of the model that the vector extends, None where there is none yet. ``rows`` counts the rows
    summed; ``vector`` is int64 (P,), read-only.
    """

    chain: int
    hive: bytes
    task: int
    round: int
    shard: int
    author: int
    owner: bytes
    base: bytes | None
    rows: int
    vector: NDArray[np.int64]

    def __post_init__(self) -> None:
        checks.place(self.chain, self.hive, self.task, self.round, first_round=1)
        checks.integer("shard", self.shard, 0, checks.MOST_SHARDS - 1)
        checks.integer("author", self.author, 1, checks.MOST_NODE)
        checks.octets("owner", self.owner, checks.ADDRESS_BYTES)
        if self.base is not None:
            checks.digest("base", self.base)
        checks.integer("rows", self.rows, 0, checks.MOST_ROWS)
        object.__setattr__(self, "vector", as_int64(self.vector, "vector"))
        if self.vector.ndim != 1:
            raise BadInput(f"vector has the shape {self.vector.shape}, not one dimension")

    def publish(self, store: Store) -> bytes:
        """Put the blocks; return the digest of the root, which is what the chain is told."""
        return publish_root(
            store,
            "update",
            {
                "chain": self.chain,
                "hive": self.hive,
                "task": self.task,
                "round": self.round,
                "shard": self.shard,
                "author": self.author,
                "owner": self.owner,
                "base": root_link(self.base),
                "rows": self.rows,
                "vector": dict(write_array(store, self.vector, "vector")),
            },
        )

    @classmethod
    def fetch(cls, store: Store, digest: bytes, length: int | None = None) -> Update:
        """The update behind a digest, checked in itself.

        With ``length``, a vector of another P is refused before any of its blocks is fetched.
        """
        with opened_root(store, digest, "update", _KEYS) as fields:
            shape = None if length is None else (length,)
            return cls(
                chain=fields.integer("chain"),
                hive=fields.octets("hive"),
                task=fields.integer("task"),
                round=fields.integer("round"),
                shard=fields.integer("shard"),
                author=fields.integer("author"),
                owner=fields.octets("owner"),
                base=fields.root_or_none("base"),
                rows=fields.integer("rows"),
                vector=read_array(store, fields.raw("vector"), "vector", shape),
            )
