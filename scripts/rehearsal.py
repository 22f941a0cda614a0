"""A hive on a local chain with everybody in it, driven step by step: for the contract tests and the gas figures.

It speaks to the contracts through Brownie and computes what they must be given with the package's own
`protocol` and `commitments`, so that a disagreement shows at once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import SimpleNamespace
from typing import Any

import numpy as np
from eth_utils.crypto import keccak

from anomalyhive.chain.views import Phase, TaskConfig
from anomalyhive.commitments import commit
from anomalyhive.protocol import verdict_hash

TOKEN = 10**18
"""One token, in the smallest unit."""

SUPPLY = 1_000_000 * TOKEN

STAKE = 100 * TOKEN

TRAIN, VALIDATE = 1, 2

BASE = TaskConfig(
    train_seconds=1000,
    judge_seconds=2000,
    reveal_seconds=3000,
    tally_seconds=4000,
    attest_seconds=5000,
    shards=5,
    update_quota=5,
    min_updates=2,
    seats=3,
    quorum=2,
    verdict_quota=3,
    miss_limit=2,
    tolerance=10,
    reward=1000 * TOKEN,
    min_stake=50 * TOKEN,
    trainer_bps=7000,
    rounds=0,
    slash_amount=20 * TOKEN,
    seed=keccak(text="rehearsal"),
)
"""A task in which every quota can fill, with phases of different lengths so that a mix-up of two shows."""


@dataclass(frozen=True)
class Node:
    """A registered node and its two keys (Brownie accounts)."""

    number: int
    owner: Any
    operator: Any


@dataclass(frozen=True)
class Update:
    """An update as it is submitted and tallied: digest 32 bytes, commitment 96 bytes."""

    shard: int
    node: int
    digest: bytes
    commitment: bytes

    @property
    def point(self) -> tuple[bytes, bytes, bytes]:
        """The commitment as the contract's G1."""
        return self.commitment[:32], self.commitment[32:64], self.commitment[64:]

    @property
    def row(self) -> tuple[int, int, bytes, tuple[bytes, bytes, bytes]]:
        """The contract's Update."""
        return self.shard, self.node, self.digest, self.point


@dataclass(frozen=True)
class Verdict:
    """A verdict before it is hidden; a byte of ``scores`` for every shard."""

    seat: int
    node: int
    scores: bytes
    digest: bytes
    salt: bytes

    def hidden(self, task: int, round_: int) -> bytes:
        """What is committed."""
        return verdict_hash(task, round_, self.node, self.scores, self.digest, self.salt)


@dataclass
class Round:
    """What happened in a round so far."""

    task: int
    number: int
    updates: dict[int, Update] = field(default_factory=dict)
    verdicts: dict[int, Verdict] = field(default_factory=dict)

    @property
    def key(self) -> tuple[int, int]:
        """Task and round, the first two arguments of most calls."""
        return self.task, self.number

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """All updates, as the tally takes them."""
        return [self.updates[shard].row for shard in sorted(self.updates)]

    @property
    def scores(self) -> list[bytes]:
        """The score strings, as the tally takes them."""
        return [self.verdicts[seat].scores for seat in sorted(self.verdicts)]


def impatient() -> SimpleNamespace:
    """What to put in the place of `brownie.network.transaction.time` where the chain is a local Anvil.

    Brownie looks for a receipt, then sleeps a second: Anvil needs milliseconds. And it takes a transaction for
    dropped where the sender's nonce has grown and the receipt is not there yet, which Anvil can be seen to do: a
    clock that stands keeps it from looking at the nonce.
    """
    return SimpleNamespace(time=lambda: 0.0, sleep=lambda seconds: time.sleep(seconds / 200))


def as_row(config: TaskConfig) -> tuple[Any, ...]:
    """The contract's TaskConfig."""
    return tuple(getattr(config, one.name) for one in fields(config))


class Rehearsal:
    """A hive with its token and registry, and nodes that take part.

    ``containers`` are Brownie's HiveToken, NodeRegistry and Hive; the first account is the sponsor and holds
    all tokens, the others become owners and operators.
    """

    def __init__(
        self, containers: Sequence[Any], accounts: Sequence[Any], verify_sums: bool = True, supply: int = SUPPLY
    ) -> None:
        token, registry, hive = containers
        self.accounts = accounts
        self.sponsor = accounts[0]
        self.token = token.deploy(self.sponsor, supply, {"from": self.sponsor})
        self.hive = hive.deploy(self.token, verify_sums, {"from": self.sponsor})
        self.registry = registry.at(self.hive.registry())
        self.token.approve(self.hive, supply, {"from": self.sponsor})
        self.nodes: list[Node] = []
        self.spare = iter(accounts[1:])

    # Setting up

    def register(self, roles: int = TRAIN | VALIDATE, stake: int = STAKE, operator: Any = None) -> Node:
        """A new node with an owner and an operator of its own."""
        owner = next(self.spare)
        operator = operator or next(self.spare)
        self.token.transfer(owner, stake, {"from": self.sponsor})
        self.token.approve(self.registry, stake, {"from": owner})
        self.registry.register(operator, roles, stake, {"from": owner})
        node = Node(self.registry.nodeCount(), owner, operator)
        self.nodes.append(node)
        return node

    def create(self, escrow: int = 10, **changes: Any) -> int:
        """A task of BASE with changes, and the escrow of so many rounds."""
        config = replace(BASE, **changes)
        self.hive.createTask(as_row(config), keccak(text="spec"), {"from": self.sponsor})
        task = int(self.hive.taskCount())
        if escrow * config.reward:
            self.hive.fund(task, escrow * config.reward, {"from": self.sponsor})
        return task

    def settle_in(self, task: int, trainers: Sequence[Node], validators: Sequence[Node]) -> None:
        """Trainer i takes shard i, validator i seat i."""
        for shard, node in enumerate(trainers):
            self.hive.takeShard(task, shard, {"from": node.operator})
        for seat, node in enumerate(validators):
            self.hive.takeSeat(task, seat, {"from": node.operator})

    # A round, step by step

    def open(self, task: int) -> Round:
        """The next round."""
        self.hive.openRound(task, {"from": self.sponsor})
        return Round(task, int(self.hive.task(task)[4]))

    def submit(self, round_: Round, shard: int, value: int | None = None) -> Update:
        """The shard's holder submits an update with a real commitment to a vector of its own."""
        self.submit_update(round_, shard, value)
        return round_.updates[shard]

    def submit_update(self, round_: Round, shard: int, value: int | None = None) -> Any:
        """As `submit`; the transaction."""
        holder = self.hive.shard(round_.task, shard)
        vector = np.array([shard + 1 if value is None else value, round_.number], dtype=np.int64)
        update = Update(shard, holder[1], keccak(vector.tobytes()), commit(vector))
        transaction = self.hive.submitUpdate(*round_.key, shard, update.digest, update.point, {"from": holder[0]})
        round_.updates[shard] = update
        return transaction

    def commit(self, round_: Round, seat: int, scores: Sequence[int]) -> Verdict:
        """The seat's holder commits a verdict."""
        holder = self.hive.seat(round_.task, seat)
        salt = keccak(text=f"salt {seat}")
        verdict = Verdict(seat, holder[1], bytes(scores), keccak(text=f"verdict {seat}"), salt)
        self.hive.commitVerdict(*round_.key, seat, verdict.hidden(*round_.key), {"from": holder[0]})
        round_.verdicts[seat] = verdict
        return verdict

    def reveal(self, round_: Round, seat: int) -> Any:
        """The seat's holder reveals its verdict; the transaction."""
        one, holder = round_.verdicts[seat], self.hive.seat(round_.task, seat)
        return self.hive.revealVerdict(*round_.key, seat, one.scores, one.digest, one.salt, {"from": holder[0]})

    def tally(self, round_: Round) -> Any:
        """Everything in one slice; the transaction."""
        return self.hive.tally(*round_.key, round_.rows, round_.scores, {"from": self.sponsor})

    def attest(self, round_: Round, seat: int, model: bytes) -> Any:
        """The seat's holder names a model; the transaction."""
        holder = self.hive.seat(round_.task, seat)
        return self.hive.attestModel(*round_.key, seat, model, {"from": holder[0]})

    def model_of(self, round_: Round) -> bytes:
        """A digest for the round's model."""
        return keccak(text=f"model of {round_.task} {round_.number}")

    # A round, up to a phase

    def reach(self, task: int, phase: Phase, scores: Mapping[int, Sequence[int]] | None = None) -> Round:
        """A new round in which everybody did their part, up to the beginning of a phase (or FINAL).

        ``scores`` is seat -> scores, 100 for every shard where not given.
        """
        round_ = self.open(task)
        config = self.hive.task(task)[7]
        shards, seats = config[5], config[8]
        if phase >= Phase.JUDGE:
            for shard in range(shards):
                self.submit(round_, shard)
        if phase >= Phase.REVEAL:
            for seat in range(seats):
                self.commit(round_, seat, (scores or {}).get(seat, [100] * shards))
        if phase >= Phase.TALLY:
            for seat in range(seats):
                self.reveal(round_, seat)
        if phase >= Phase.ATTEST:
            self.tally(round_)
        if phase >= Phase.FINAL:
            for seat in range(config[9]):
                self.attest(round_, seat, self.model_of(round_))
        return round_
