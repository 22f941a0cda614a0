"""A round as large as one can be judged in practice: what its tally and its claims cost does not grow with it (P8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any

import numpy as np
import pytest
from dues import UPDATE, VERDICT, Item, of_seat, of_shard
from eth_utils.crypto import keccak
from logs import logged
from outcomes import outcome_of
from stages import judge, view

from anomalyhive.chain.views import Phase
from anomalyhive.commitments import commit
from bulk import send_all
from rehearsal import BASE, TRAIN, VALIDATE, Node, Rehearsal, Round, Update

MANY, JUDGES, QUORUM = 1000, 15, 8

FEW = 16

SLICE_GAS = 16_000_000
"""What a slice may use: less than the 2^24 of EIP-7825."""

UPDATE_GAS = 8_000
"""What the tally of one update may use."""

FURTHER_SLICE_GAS = 550_000
"""What each further slice may add: it brings all 15 score strings again, 15,000 bytes of calldata."""

CLAIM_GAS, FURTHER_GAS = 60_000, 15_000
"""What a claim of one round may use, and what each further round may add."""

LONG = {"train_seconds": 10**6, "tolerance": 60, "seats": JUDGES, "quorum": QUORUM, "verdict_quota": JUDGES}

POINTS = [commit(np.array([number, 7], dtype=np.int64)) for number in range(1, 9)]
"""Commitments cost the same to add, whichever they are: these go round."""


@dataclass(frozen=True)
class Crowd:
    """A task of many shards, all of one trainer, and the rounds that it has had."""

    rehearsal: Rehearsal
    task: int
    shards: int
    trainer: Node

    def open(self) -> Round:
        """A round in which every shard has its update."""
        round_ = self.rehearsal.open(self.task)
        for shard in range(self.shards):
            digest = keccak(text=f"{self.task} {round_.number} {shard}")
            round_.updates[shard] = Update(shard, self.trainer.number, digest, POINTS[shard % len(POINTS)])
        encode = self.rehearsal.hive.submitUpdate.encode_input
        send_all(
            self.trainer.operator,
            self.rehearsal.hive,
            (encode(*round_.key, shard, one.digest, one.point) for shard, one in round_.updates.items()),
        )
        assert view(self.rehearsal.hive, round_)["phase"] == Phase.JUDGE
        return round_

    def tally(self, round_: Round, slices: int) -> list[Any]:
        """Count the round in so many slices; the transactions."""
        size = -(-self.shards // slices)
        rows, sender = round_.rows, {"from": self.rehearsal.sponsor}
        return [
            self.rehearsal.hive.tally(*round_.key, rows[begin : begin + size], round_.scores, sender)
            for begin in range(0, self.shards, size)
        ]

    def finish(self, round_: Round) -> None:
        """The attestations of a tallied round."""
        for seat in range(QUORUM):
            self.rehearsal.attest(round_, seat, self.rehearsal.model_of(round_))
        assert view(self.rehearsal.hive, round_)["phase"] == Phase.FINAL


@pytest.fixture(scope="module")
def judges(deployed: Rehearsal) -> Sequence[Node]:
    """A validator for each seat."""
    return [deployed.register(VALIDATE) for _ in range(JUDGES)]


@pytest.fixture(scope="module")
def trainer(deployed: Rehearsal) -> Node:
    """Who holds all shards."""
    return deployed.register(TRAIN)


def crowd_of(deployed: Rehearsal, trainer: Node, judges: Sequence[Node], shards: int) -> Crowd:
    """A task of so many shards, all of which are held."""
    task = deployed.create(shards=shards, update_quota=shards, **LONG)
    take = deployed.hive.takeShard.encode_input
    send_all(trainer.operator, deployed.hive, (take(task, shard) for shard in range(shards)))
    deployed.settle_in(task, [], judges)
    return Crowd(deployed, task, shards, trainer)


def agreeing(shards: int) -> Mapping[int, Sequence[int]]:
    """Every seat has the same scores, any from 1 to 255."""
    random = Random(1)
    scores = [random.randint(1, 255) for _ in range(shards)]
    return dict.fromkeys(range(JUDGES), scores)


def differing(shards: int) -> Mapping[int, Sequence[int]]:
    """Every seat has scores of its own, any from 0 to 255: medians are what they may be, deviations as large."""
    return {seat: [Random(f"{seat} {shard}").randint(0, 255) for shard in range(shards)] for seat in range(JUDGES)}


# The tally


@pytest.fixture(scope="module")
def many(deployed: Rehearsal, trainer: Node, judges: Sequence[Node]) -> Crowd:
    """A task of 1,000 shards."""
    return crowd_of(deployed, trainer, judges, MANY)


@pytest.fixture(scope="module")
def submitted(many: Crowd) -> Round:
    """A round of 1,000 updates, none judged."""
    return many.open()


@pytest.mark.parametrize("slices", [1, 2, 7])
@pytest.mark.parametrize("scores", [agreeing, differing], ids=lambda scores: scores.__name__)
def test_tally_of_1000_updates_by_15_validators_fits_its_slices_and_costs_at_most_8000_gas_an_update(
    many: Crowd, submitted: Round, scores: Callable[[int], Mapping[int, Sequence[int]]], slices: int
) -> None:
    round_ = Round(submitted.task, submitted.number, dict(submitted.updates))
    judge(many.rehearsal, round_, scores(MANY))
    transactions = many.tally(round_, slices)
    expected = outcome_of(replace(BASE, shards=MANY, **LONG), round_)
    [event] = logged(transactions[-1], "RoundTallied")
    assert event == expected.event(round_)
    used = [int(one.gas_used) for one in transactions]
    assert max(used) < SLICE_GAS
    assert sum(used) <= UPDATE_GAS * MANY + FURTHER_SLICE_GAS * (slices - 1), used


# Claims


def costs_of_claims(crowd: Crowd, node: Node, item: Callable[..., Item]) -> tuple[int, int]:
    """A claim of one round, and one of two."""
    hive, by_anyone = crowd.rehearsal.hive, {"from": crowd.rehearsal.sponsor}
    # The owner's first tokens cost 17,100 more, for the slot was 0: they are not looked at.
    _, one, two = (int(hive.claim(node.number, [item(through=through)], by_anyone).gas_used) for through in (1, 2, 4))
    return one, two


def test_claim_costs_the_same_for_16_updates_and_for_1000(
    deployed: Rehearsal, trainer: Node, judges: Sequence[Node]
) -> None:
    costs = {}
    for shards in (FEW, MANY):
        crowd = crowd_of(deployed, trainer, judges, shards)
        for _ in range(4):
            round_ = crowd.open()
            judge(deployed, round_, dict.fromkeys(range(JUDGES), [200] * shards))
            crowd.tally(round_, 1)
            crowd.finish(round_)
        # An index of as many bytes in both.
        costs[UPDATE, shards] = costs_of_claims(crowd, trainer, partial(of_shard, crowd.task, FEW - 1))
        costs[VERDICT, shards] = costs_of_claims(crowd, judges[0], partial(of_seat, crowd.task, 0))
    for kind in (UPDATE, VERDICT):
        one, two = costs[kind, FEW]
        assert costs[kind, MANY] == (one, two)
        assert one <= CLAIM_GAS
        assert two - one <= FURTHER_GAS
