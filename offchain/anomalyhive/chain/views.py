"""What the contracts say, as values: a task's configuration, a round as it stands, and what was submitted to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

from anomalyhive.protocol.phases import Phase as Phase

ZERO_DIGEST = bytes(32)


class Role(IntEnum):
    """The roles of a node, as bits in `INodeRegistry.Node.roles`."""

    TRAIN = 1
    VALIDATE = 2
    MONITOR = 4
    AUDIT = 8


class Kind(IntEnum):
    """What a claim is paid for, as in `IHiveTypes.Kind`."""

    UPDATE = 0
    VERDICT = 1


@dataclass(frozen=True)
class TaskConfig:
    """`IHiveTypes.TaskConfig`, field by field and in its order: seconds, basis points, and 1e-18 tokens."""

    train_seconds: int
    judge_seconds: int
    reveal_seconds: int
    tally_seconds: int
    attest_seconds: int
    shards: int
    update_quota: int
    min_updates: int
    seats: int
    quorum: int
    verdict_quota: int
    miss_limit: int
    tolerance: int
    reward: int
    min_stake: int
    trainer_bps: int
    rounds: int
    slash_amount: int
    seed: bytes

    def as_tuple(self) -> tuple[int | bytes, ...]:
        """The values in the order of the contract's struct."""
        return tuple(getattr(self, one.name) for one in fields(self))

    @classmethod
    def from_tuple(cls, values: Sequence[Any]) -> TaskConfig:
        """A configuration from the contract's struct."""
        return cls(**dict(zip((one.name for one in fields(cls)), values, strict=True)))


@dataclass(frozen=True)
class TaskState:
    """A task as it stands: digests of spec and head model, escrow in 1e-18 tokens, round numbers (0: none yet)."""

    sponsor: str
    spec: bytes
    head: bytes
    escrow: int
    latest_round: int
    last_final: int
    finals: int
    config: TaskConfig


@dataclass(frozen=True)
class Submission:
    """An update as the chain has it: ``digest`` 32 bytes, ``commitment`` 96 bytes, x then y, big-endian."""

    shard: int
    node: int
    digest: bytes
    commitment: bytes


@dataclass(frozen=True)
class Reveal:
    """A revealed verdict: ``scores`` has a byte for every shard of the task."""

    seat: int
    node: int
    scores: bytes
    digest: bytes


@dataclass(frozen=True)
class Tallied:
    """What the contract made of a round's verdicts.

    ``medians`` is shard -> median score, 0 for a rejected update; ``total`` is the 96-byte sum of the accepted
    commitments, infinity (zeros) where the chain cannot add; ``paid`` are the seats whose verdict is paid; ``rate``
    is what an update earns per unit of its median and ``share`` what a paid seat earns, in 1e-18 tokens.
    """

    medians: Mapping[int, int]
    worth: int
    rate: int
    share: int
    paid: frozenset[int]
    total: bytes

    @property
    def accepted(self) -> tuple[int, ...]:
        """The shards whose updates count, ascending."""
        return tuple(shard for shard, median in sorted(self.medians.items()) if median)


@dataclass(frozen=True)
class RoundView:
    """A round as the chain has it at time ``now`` (unix seconds).

    ``submissions`` go by shard, ``reveals`` and ``attested`` by seat; ``committed`` is seat -> node, ``slashed`` is
    seat -> 1e-18 tokens burned; ``base`` and ``model`` are zero digests where there is none. ``drawn`` is the hash of
    the block of the last submission: public now, and unknown to every trainer while it computed its own.
    """

    task: int
    round: int
    phase: Phase
    ends_at: int
    now: int
    seed: bytes
    base: bytes
    submissions: Mapping[int, Submission]
    committed: Mapping[int, int]
    reveals: Mapping[int, Reveal]
    tallied: Tallied | None
    attested: Mapping[int, bytes]
    slashed: Mapping[int, int]
    model: bytes
    paid: frozenset[int]
    returned: int
    opened_in: int
    drawn: bytes

    def patience_of(self, judge_seconds: int) -> int:
        """When validators stop waiting for content: in JUDGE, a quarter of the phase before its end."""
        return self.ends_at - max(judge_seconds // 4, 1)
