"""Who takes part, and in which tasks: set up once, before any run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from reference.state import NOTHING

from anomalyhive.chain.views import TaskConfig
from anomalyhive.commitments import INFINITY, commit
from arena.world import World

TOKEN = 10**18
TRAIN, VALIDATE, BOTH = 1, 2, 3

BASE = TaskConfig(
    train_seconds=100,
    judge_seconds=110,
    reveal_seconds=120,
    tally_seconds=130,
    attest_seconds=140,
    shards=3,
    update_quota=3,
    min_updates=1,
    seats=3,
    quorum=2,
    verdict_quota=3,
    miss_limit=2,
    tolerance=20,
    reward=10**18 + 7,
    min_stake=50 * TOKEN,
    trainer_bps=6667,
    rounds=0,
    slash_amount=20 * TOKEN,
    seed=b"\x01" * 32,
)
"""Phases of different lengths, and a reward that nothing divides."""

CHANGES = {
    "update_quota": (3, 0, 2),
    "min_updates": (1, 2),
    "verdict_quota": (3, 0, 2),
    "miss_limit": (2, 1, 0),
    "tolerance": (20, 0, 255),
    "trainer_bps": (6667, 0, 10_000),
    "rounds": (0, 1, 2),
    "slash_amount": (20 * TOKEN, 0, 50 * TOKEN),
    "reward": (10**18 + 7, 0, 5),
    "seed": (b"\x01" * 32, NOTHING),
}
"""What a new task may choose; the first is that of BASE."""

SIZES: Sequence[dict[str, object]] = (
    {"rounds": 1},
    {"shards": 70, "update_quota": 0},
    {"shards": 1, "update_quota": 1, "min_updates": 1},
    {"seats": 1, "quorum": 1, "verdict_quota": 1},
    {"seats": 4, "quorum": 3, "verdict_quota": 4},
)
"""Changes of sizes and of the number of rounds, each valid after any of CHANGES."""

STAKES = (100, 100, 100, 100, 100, 60, 50)
ROLES = (BOTH, BOTH, TRAIN, TRAIN, VALIDATE, VALIDATE, BOTH)


@dataclass(frozen=True)
class Cast:
    """Accounts: two sponsors, an owner and an operator for each node, spare keys, and a stranger without tokens."""

    sponsors: Sequence[str]
    owners: Sequence[str]
    operators: Sequence[str]
    spare: Sequence[str]
    stranger: str

    @property
    def keys(self) -> list[str]:
        """Everybody who might sign."""
        return [*self.sponsors, *self.owners, *self.operators, *self.spare, self.stranger]


def cast_of(accounts: Sequence[str]) -> Cast:
    """The roles of these accounts; the first holds all tokens."""
    n = len(STAKES)
    return Cast(accounts[:2], accounts[2 : n + 2], accounts[n + 2 : 2 * n + 2], accounts[2 * n + 2 :][:5], accounts[-1])


def settle(world: World, cast: Cast) -> None:
    """Nodes 1 to 7, and two tasks with somebody in every slot: one of three shards and seats, one of 70 shards."""
    first, second = cast.sponsors
    for account in (second, *cast.owners):
        world.act("setting", first, "transfer", account, 1000 * TOKEN)
    for account in (first, second, *cast.owners):
        for contract in (world.model.hive, world.model.registry):
            world.chain.send(account, world.at, "approve", [contract, 2**256 - 1])
            world.now, world.at = world.at, world.at + 1
        world.model.allowed.add(account)
    # What plain transfers gave was not given to the contracts.
    world.given.clear()
    for owner, operator, roles, stake in zip(cast.owners, cast.operators, ROLES, STAKES, strict=True):
        world.act("setting", owner, "register", operator, roles, stake * TOKEN)
    # Others can fill the quotas of the second.
    wide = {"shards": 70, "update_quota": 3, "verdict_quota": 2, "miss_limit": 1, "seed": NOTHING}
    for sponsor, changes in ((first, {"rounds": 4}), (second, wide)):
        create(world, sponsor, changes, 20)
    for task, shards, trainers in ((1, (0, 1, 2), (0, 1, 2)), (2, (0, 31, 32, 69), (0, 2, 2, 3))):
        for shard, trainer in zip(shards, trainers, strict=True):
            world.act("setting", cast.operators[trainer], "takeShard", task, shard)
        for seat, validator in enumerate((0, 4, 5)):
            world.act("setting", cast.operators[validator], "takeSeat", task, seat)


def create(world: World, sponsor: str, changes: dict[str, object], rounds: int) -> bool:
    """A task of BASE with changes, and escrow for so many rounds."""
    config = TaskConfig(**{**BASE.__dict__, **changes})
    created = world.act("sponsor", sponsor, "createTask", config.as_tuple(), world.digest())
    if created and rounds and config.reward:
        world.act("sponsor", sponsor, "fund", len(world.state.tasks), rounds * config.reward)
    return created


@cache
def commitments() -> Sequence[bytes]:
    """Points, then what the precompile adds too: infinity and a point outside of the subgroup."""
    points = [commit(np.array([value, 1], dtype=np.int64)) for value in range(1, 7)]
    return [*points, INFINITY, bytes(95) + b"\x02"]


@cache
def no_points() -> Sequence[bytes]:
    """96 bytes that are no point: off the curve, a coordinate not below the modulus, and both all ones."""
    good = commitments()[0]
    return [good[:-1] + bytes([good[-1] ^ 1]), b"\xff" * 48 + good[48:], b"\xff" * 96]
