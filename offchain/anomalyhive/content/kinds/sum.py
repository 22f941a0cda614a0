"""The sum of a round: the accepted updates added up, in Python and on the chain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anomalyhive.content.codec import Document
from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import opened_root, publish_root, root_digest, root_link
from anomalyhive.content.store import Store
from anomalyhive.content.vectors import as_int64, read_array, write_array
from anomalyhive.errors import BadInput

_KEYS = frozenset({"chain", "hive", "task", "round", "updates", "commitment", "vector"})

COMMITMENT_BYTES = 96
"""x and y of a point of BLS12-381 G1, 48 bytes each, big-endian."""


@dataclass(frozen=True, eq=False)
class Sum:
    """``updates`` are digests of the accepted ones by ascending shard; ``vector`` int64 (P,) adds them up.

    ``commitment`` is the sum of their commitments, 96 bytes, as the contract has it.
    """

    chain: int
    hive: bytes
    task: int
    round: int
    updates: tuple[bytes, ...]
    commitment: bytes
    vector: NDArray[np.int64]

    def __post_init__(self) -> None:
        checks.place(self.chain, self.hive, self.task, self.round, first_round=1)
        checks.integer("the number of updates", len(self.updates), 1, checks.MOST_SHARDS)
        for index, update in enumerate(self.updates):
            checks.digest(f"updates[{index}]", update)
        if len(set(self.updates)) != len(self.updates):
            raise BadInput("updates has one twice")
        checks.octets("commitment", self.commitment, COMMITMENT_BYTES)
        object.__setattr__(self, "vector", as_int64(self.vector, "vector"))
        if self.vector.ndim != 1:
            raise BadInput(f"vector has the shape {self.vector.shape}, not one dimension")

    def publish(self, store: Store) -> bytes:
        """Put the blocks; return the digest of the root."""
        updates: list[Document] = [root_link(update) for update in self.updates]
        return publish_root(
            store,
            "sum",
            {
                "chain": self.chain,
                "hive": self.hive,
                "task": self.task,
                "round": self.round,
                "updates": updates,
                "commitment": self.commitment,
                "vector": dict(write_array(store, self.vector, "vector")),
            },
        )

    @classmethod
    def fetch(cls, store: Store, digest: bytes, length: int | None = None) -> Sum:
        """The sum behind a digest, checked in itself; with ``length``, another P is refused at once."""
        with opened_root(store, digest, "sum", _KEYS) as fields:
            links = fields.items("updates")
            shape = None if length is None else (length,)
            return cls(
                chain=fields.integer("chain"),
                hive=fields.octets("hive"),
                task=fields.integer("task"),
                round=fields.integer("round"),
                updates=tuple(root_digest(f"updates[{index}]", link) for index, link in enumerate(links)),
                commitment=fields.octets("commitment"),
                vector=read_array(store, fields.raw("vector"), "vector", shape),
            )
