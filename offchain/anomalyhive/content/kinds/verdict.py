"""What a validator found in a round: a score for each shard, and why a score is 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from anomalyhive.content.kinds import checks
from anomalyhive.content.kinds.fields import Fields, opened_root, publish_root
from anomalyhive.content.store import Store
from anomalyhive.errors import BadInput

_KEYS = frozenset({"chain", "hive", "task", "round", "author", "seat", "scores", "reasons"})


@dataclass(frozen=True)
class Verdict:
    """``scores`` has one byte a shard, as revealed on the chain: 0 is not accepted, 1 to 255 is worth.

    ``reasons`` maps a shard to the reason of its score, in words.
    """

    chain: int
    hive: bytes
    task: int
    round: int
    author: int
    seat: int
    scores: bytes
    reasons: Mapping[int, str]

    def __post_init__(self) -> None:
        checks.place(self.chain, self.hive, self.task, self.round, first_round=1)
        checks.integer("author", self.author, 1, checks.MOST_NODE)
        checks.integer("seat", self.seat, 0, checks.MOST_SEATS - 1)
        if not isinstance(self.scores, bytes) or not 1 <= len(self.scores) <= checks.MOST_SHARDS:
            raise BadInput(f"scores is {str(self.scores)[:80]}, not 1 to {checks.MOST_SHARDS} bytes")
        for shard, reason in self.reasons.items():
            checks.integer("a shard of reasons", shard, 0, len(self.scores) - 1)
            checks.text(f"reasons.{shard}", reason)

    def publish(self, store: Store) -> bytes:
        """Put the root; return its digest."""
        return publish_root(
            store,
            "verdict",
            {
                "chain": self.chain,
                "hive": self.hive,
                "task": self.task,
                "round": self.round,
                "author": self.author,
                "seat": self.seat,
                "scores": self.scores,
                "reasons": {str(shard): reason for shard, reason in self.reasons.items()},
            },
        )

    @classmethod
    def fetch(cls, store: Store, digest: bytes) -> Verdict:
        """The verdict behind a digest, checked in itself."""
        with opened_root(store, digest, "verdict", _KEYS) as fields:
            return cls(
                chain=fields.integer("chain"),
                hive=fields.octets("hive"),
                task=fields.integer("task"),
                round=fields.integer("round"),
                author=fields.integer("author"),
                seat=fields.integer("seat"),
                scores=fields.octets("scores"),
                reasons=_read_reasons(fields),
            )


def _read_reasons(fields: Fields) -> dict[int, str]:
    """Reasons by shard; the key of a shard is its decimal number without leading zeros."""
    table = Fields(fields.table("reasons"))
    reasons: dict[int, str] = {}
    for key in fields.table("reasons"):
        if not key.isascii() or not key.isdigit() or len(key) > 4 or str(int(key)) != key:
            raise BadInput(f"reasons has the key {key[:80]!r}, which is no shard")
        reasons[int(key)] = table.text(key)
    return dict(sorted(reasons.items()))
