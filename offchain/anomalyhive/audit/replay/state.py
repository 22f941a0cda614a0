"""What the contracts hold, as far as their events tell: token balances, nodes, tasks, rounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from anomalyhive.chain.views import ZERO_DIGEST, Kind, Phase, Reveal, Submission, TaskConfig

ZERO_ADDRESS = "0x0000000000000000000000000000000000000000"

OVER = (Phase.FINAL, Phase.CANCELLED)


@dataclass
class Node:
    """A node of the registry; stake in 1e-18 tokens, ``held`` counts its shards and seats."""

    owner: str
    operator: str
    roles: int
    stake: int
    exit_at: int = 0
    held: int = 0

    def active(self, role: int, least_stake: int) -> bool:
        """Whether it may take a slot that asks for this role and stake."""
        return self.exit_at == 0 and self.roles & role == role and self.stake >= least_stake


@dataclass
class Slot:
    """Who holds a shard or a seat; ``since`` is the latest round when it was taken.

    Final rounds up to ``paid_through`` are paid, or are not this holder's.
    """

    node: int
    operator: str
    since: int
    paid_through: int


@dataclass
class Term:
    """A term that ended and left something to be paid: final rounds after ``paid_through`` up to ``through``."""

    node: int
    paid_through: int
    through: int


@dataclass(frozen=True)
class Commit:
    """A verdict committed and not shown yet."""

    node: int
    hash: bytes


@dataclass(frozen=True)
class Tally:
    """RoundTallied as the chain has it; see `anomalyhive.chain.views.Tallied`."""

    accepted: int
    worth: int
    rate: int
    share: int
    paid: frozenset[int]
    sum: bytes


@dataclass
class Round:
    """A round. ``phase`` and ``deadline`` are as the last event left them; ``expected`` are the medians recomputed.

    ``reveals`` go by seat, ``submissions`` and ``medians`` by shard.
    """

    number: int
    seed: bytes
    base: bytes
    base_round: int
    reward: int
    deadline: int
    phase: Phase = Phase.TRAIN
    submissions: dict[int, Submission] = field(default_factory=dict)
    commits: dict[int, Commit] = field(default_factory=dict)
    reveals: dict[int, Reveal] = field(default_factory=dict)
    slashed: dict[int, int] = field(default_factory=dict)
    next_shard: int = 0
    expected: dict[int, int] | None = None
    medians: dict[int, int] = field(default_factory=dict)
    tally: Tally | None = None
    attested: dict[int, bytes] = field(default_factory=dict)
    model: bytes = ZERO_DIGEST
    paid: frozenset[int] = frozenset()

    @property
    def final(self) -> bool:
        """Whether a quorum named its model."""
        return self.phase is Phase.FINAL

    @property
    def accepted(self) -> tuple[int, ...]:
        """The shards whose updates count, ascending."""
        return tuple(shard for shard, median in sorted(self.medians.items()) if median)

    def earned(self, kind: Kind, index: int) -> int:
        """What the update of a shard or the verdict of a seat earned, claimed or not, in 1e-18 tokens."""
        if not self.final or self.tally is None:
            return 0
        if kind is Kind.VERDICT:
            return self.tally.share if index in self.paid else 0
        return self.tally.rate * self.medians.get(index, 0)


@dataclass
class Task:
    """A task; ``shards`` and ``seats`` have those that are held, ``terms`` go by slot and last final round."""

    number: int
    sponsor: str
    spec: bytes
    config: TaskConfig
    escrow: int = 0
    head: bytes = ZERO_DIGEST
    last_final: int = 0
    finals: int = 0
    shards: dict[int, Slot] = field(default_factory=dict)
    seats: dict[int, Slot] = field(default_factory=dict)
    terms: dict[tuple[Kind, int, int], Term] = field(default_factory=dict)
    rounds: dict[int, Round] = field(default_factory=dict)

    @property
    def latest(self) -> int:
        """The last round that was opened, 0 before the first."""
        return max(self.rounds, default=0)

    def finals_in(self, after: int, through: int) -> Iterator[Round]:
        """The final rounds after one up to another."""
        return (one for number, one in self.rounds.items() if after < number <= through and one.final)

    def slots(self, kind: Kind) -> dict[int, Slot]:
        """The shards or the seats that are held."""
        return self.shards if kind is Kind.UPDATE else self.seats

    def seat_of(self, node: int) -> int | None:
        """The seat of a node."""
        return next((seat for seat, slot in self.seats.items() if slot.node == node), None)


@dataclass
class Hive:
    """All three contracts: token balances and allowances (owner, spender) in 1e-18 tokens; nodes and tasks by number.

    ``given`` are tokens that came to a contract by a plain transfer: they belong to nobody.
    """

    supply: int = 0
    balances: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    allowances: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    given: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    nodes: dict[int, Node] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)

    def owner_of(self, node: int) -> bytes:
        """The 20-byte owner of a node; zeros where there is no such node."""
        owner = self.nodes[node].owner if node in self.nodes else ZERO_ADDRESS
        return bytes.fromhex(owner.removeprefix("0x"))
