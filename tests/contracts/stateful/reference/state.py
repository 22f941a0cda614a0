"""All that the contracts remember, as plain values: what a call changes in the model, and what the logs tell.

Only what cannot be computed from the rest is kept. The contracts' counters and masks (`held`, `submitted`, `committed`,
`worth`, the stored words, ...) are computed here from what they count, so that a counter that drifts shows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from anomalyhive.chain.views import Phase, TaskConfig
from anomalyhive.protocol import Progress, progress_at

NOBODY = "0x" + "00" * 20
NOTHING = bytes(32)

UPDATE, VERDICT = 0, 1
"""Kinds of slots and of claims, as `IHiveTypes.Kind`."""

OVER = (Phase.FINAL, Phase.CANCELLED)


@dataclass
class Node:
    """`INodeRegistry.Node`."""

    owner: str
    stake: int
    operator: str
    roles: int
    exit_at: int = 0


@dataclass
class Holder:
    """`IHiveTypes.Holder`; a free slot has none."""

    operator: str
    node: int
    since: int
    paid_through: int


@dataclass
class Term:
    """`IHiveTypes.Term`."""

    node: int
    paid_through: int
    through: int


@dataclass(frozen=True)
class Update:
    """What a trainer submitted: digest 32 bytes, commitment 96."""

    node: int
    digest: bytes
    commitment: bytes


@dataclass
class Verdict:
    """What a validator committed, and what it showed: None until then."""

    node: int
    hidden: bytes
    scores: bytes | None = None


@dataclass
class Settled:
    """What the last slice of a tally came to. ``paid`` are seats."""

    rate: int
    share: int
    paid: set[int]


@dataclass
class Round:
    """A round. ``phase`` and ``deadline`` are those that the last call left; dictionaries go by shard or by seat."""

    phase: Phase
    deadline: int
    base_round: int
    seed: bytes
    updates: dict[int, Update] = field(default_factory=dict)
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    medians: dict[int, int] = field(default_factory=dict)
    next_shard: int = 0
    settled: Settled | None = None
    named: dict[int, bytes] = field(default_factory=dict)
    model: bytes = NOTHING

    @property
    def revealed(self) -> dict[int, tuple[int, bytes]]:
        """Seat -> (node, scores), by ascending seat."""
        shown = {seat: (one.node, one.scores) for seat, one in self.verdicts.items() if one.scores is not None}
        return dict(sorted(shown.items()))

    @property
    def withheld(self) -> list[int]:
        """Seats that committed and did not reveal."""
        return [seat for seat in sorted(self.verdicts) if self.verdicts[seat].scores is None]

    @property
    def accepted(self) -> list[int]:
        """Shards whose update is in the sum."""
        return [shard for shard, median in sorted(self.medians.items()) if median]

    @property
    def worth(self) -> int:
        """Sum of the medians."""
        return sum(self.medians.values())

    def naming(self, model: bytes) -> set[int]:
        """Seats that named this model."""
        return {seat for seat, one in self.named.items() if one == model}

    def at(self, config: TaskConfig, time: int) -> tuple[Phase, int, Phase]:
        """Phase and deadline at a time, and the last phase that was reached other than STALLED."""
        counts = (len(self.updates), len(self.verdicts), len(self.revealed))
        now, reached = progress_at(Progress(self.phase, self.deadline, *counts), config, time)
        return now.phase, now.deadline, reached

    def earned(self, kind: int, index: int) -> int:
        """What a slot earned in this round, once it is final."""
        if self.phase is not Phase.FINAL or self.settled is None:
            return 0
        if kind == VERDICT:
            return self.settled.share if index in self.settled.paid else 0
        return self.settled.rate * self.medians.get(index, 0)


@dataclass
class Task:
    """A task. ``shards`` and ``seats`` have only what is held; ``terms`` go by (kind, index, last final round)."""

    sponsor: str
    spec: bytes
    config: TaskConfig
    escrow: int = 0
    shards: dict[int, Holder] = field(default_factory=dict)
    seats: dict[int, Holder] = field(default_factory=dict)
    terms: dict[tuple[int, int, int], Term] = field(default_factory=dict)
    rounds: dict[int, Round] = field(default_factory=dict)

    @property
    def latest(self) -> int:
        """The last round that was opened; 0 before the first."""
        return len(self.rounds)

    @property
    def finals(self) -> list[int]:
        """Final rounds, ascending."""
        return [number for number, one in self.rounds.items() if one.phase is Phase.FINAL]

    @property
    def last_final(self) -> int:
        """The last round that became final; 0 before the first."""
        return max(self.finals, default=0)

    @property
    def seat_of(self) -> dict[int, int]:
        """Node -> its seat."""
        return {holder.node: seat for seat, holder in self.seats.items()}

    def slots(self, kind: int) -> dict[int, Holder]:
        """The held slots of a kind."""
        return self.shards if kind == UPDATE else self.seats

    def last_update(self, shard: int) -> int:
        """The last round in which the shard has an update; 0 if none."""
        return max((number for number, one in self.rounds.items() if shard in one.updates), default=0)

    def last_verdict(self, seat: int) -> int:
        """The last round in which the seat has a verdict; 0 if none."""
        return max((number for number, one in self.rounds.items() if seat in one.verdicts), default=0)

    def is_bound(self, kind: int, index: int) -> bool:
        """Whether the slot is in use in an open round."""
        if not self.rounds:
            return False
        latest = self.rounds[self.latest]
        used = latest.updates if kind == UPDATE else latest.verdicts
        return index in used and latest.phase not in OVER


@dataclass
class State:
    """Everything. ``balances`` are in the token's smallest unit."""

    nodes: dict[int, Node] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=dict)

    @property
    def node_of(self) -> dict[str, int]:
        """Operator -> node."""
        return {node.operator: number for number, node in self.nodes.items() if node.operator != NOBODY}

    @property
    def supply(self) -> int:
        """All tokens."""
        return sum(self.balances.values())

    def held(self, node: int) -> int:
        """How many slots the node holds over all tasks."""
        holders = [
            one for task in self.tasks.values() for kind in (UPDATE, VERDICT) for one in task.slots(kind).values()
        ]
        return sum(holder.node == node for holder in holders)

    def is_active(self, node: int, role: int, min_stake: int) -> bool:
        """`INodeRegistry.isActive`."""
        one = self.nodes.get(node)
        return one is not None and one.exit_at == 0 and one.roles & role == role and one.stake >= min_stake

    def move(self, giver: str, taker: str, amount: int) -> None:
        """Moves tokens; NOBODY's are minted or burned."""
        for account, change in ((giver, -amount), (taker, amount)):
            if account != NOBODY:
                self.balances[account] = self.balances.get(account, 0) + change
