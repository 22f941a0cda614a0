"""A model in its lineage: what it was made from, and the state that it is."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import opened_root, publish_root, root_link
from anomalyhive.content.store import Store
from anomalyhive.errors import BadInput

_KEYS = frozenset({"chain", "hive", "task", "round", "parent", "spec", "sum", "weights"})


@dataclass(frozen=True)
class Model:
    """Digests of roots: ``parent`` the model before, ``sum`` what was absorbed, ``weights`` the state.

    The genesis model has round 0, and only it has neither parent nor sum.
    """

    chain: int
    hive: bytes
    task: int
    round: int
    parent: bytes | None
    spec: bytes
    sum: bytes | None
    weights: bytes

    def __post_init__(self) -> None:
        checks.place(self.chain, self.hive, self.task, self.round, first_round=0)
        checks.digest("spec", self.spec)
        checks.digest("weights", self.weights)
        for field in ("parent", "sum"):
            value = getattr(self, field)
            if (value is None) != (self.round == 0):
                raise BadInput(f"{field} must be null in round 0 and a link in round {max(self.round, 1)}")
            if value is not None:
                checks.digest(field, value)

    def publish(self, store: Store) -> bytes:
        """Put the root; return its digest, which is what validators attest."""
        return publish_root(
            store,
            "model",
            {
                "chain": self.chain,
                "hive": self.hive,
                "task": self.task,
                "round": self.round,
                "parent": root_link(self.parent),
                "spec": root_link(self.spec),
                "sum": root_link(self.sum),
                "weights": root_link(self.weights),
            },
        )

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Model:
        """The model behind a digest, checked in itself; what it links is not fetched."""
        with opened_root(store, digest, "model", _KEYS) as fields:
            return cls(
                chain=fields.integer("chain"),
                hive=fields.octets("hive"),
                task=fields.integer("task"),
                round=fields.integer("round"),
                parent=fields.root_or_none("parent"),
                spec=fields.root("spec"),
                sum=fields.root_or_none("sum"),
                weights=fields.root("weights"),
            )
