"""Rounds that stand in a given phase, each of a task of its own, and how to bring one there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import brownie
from clock import Clock
from eth_utils.crypto import keccak
from logs import plain

from anomalyhive.chain.views import Phase
from rehearsal import Node, Rehearsal, Round, Update

SMALL = {"shards": 1, "update_quota": 1, "min_updates": 1, "seats": 1, "quorum": 1, "verdict_quota": 1}
"""Changes to `rehearsal.BASE` for a task of one trainer and one validator."""


def staffed(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node], **changes: Any) -> int:
    """A new task of BASE with changes, in which trainer i holds shard i and validator i seat i."""
    task = deployed.create(**changes)
    deployed.settle_in(task, trainers, validators)
    return task


def one_in_each_phase(deployed: Rehearsal, trainer: Node, validator: Node) -> Mapping[Phase, Round]:
    """Phase -> a round that stands in it, each of a small task of its own; STALLED and CANCELLED in their first."""
    rounds = {}
    for phase in (Phase.STALLED, Phase.CANCELLED):
        # One second each, so that the clock hardly moves for the others.
        task = staffed(deployed, [trainer], [validator], **SMALL, train_seconds=1)
        rounds[phase] = deployed.open(task)
        run_out(deployed.hive, rounds[phase])
    cancelled = rounds[Phase.CANCELLED]
    deployed.hive.cancelRound(*cancelled.key, {"from": deployed.sponsor})
    for phase in (Phase.TRAIN, Phase.JUDGE, Phase.REVEAL, Phase.TALLY, Phase.ATTEST, Phase.FINAL):
        rounds[phase] = deployed.reach(staffed(deployed, [trainer], [validator], **SMALL), phase)
    rounds[Phase.NONE] = Round(rounds[Phase.FINAL].task, 2)
    assert {phase: phase_of(deployed.hive, one) for phase, one in rounds.items()} == {one: one for one in Phase}
    return rounds


def submit_point(rehearsal: Rehearsal, round_: Round, shard: int, commitment: bytes) -> Update:
    """The shard's holder submits an update with a commitment of any 96 bytes."""
    operator, node, *_ = rehearsal.hive.shard(round_.task, shard)
    update = Update(shard, node, keccak(text=f"update of {shard}"), commitment)
    rehearsal.hive.submitUpdate(*round_.key, shard, update.digest, update.point, {"from": operator})
    round_.updates[shard] = update
    return update


def judge(rehearsal: Rehearsal, round_: Round, scores: Mapping[int, Sequence[int]]) -> None:
    """All these seats commit, then all reveal; the quotas must be theirs."""
    for seat, row in scores.items():
        rehearsal.commit(round_, seat, row)
    for seat in scores:
        rehearsal.reveal(round_, seat)


def run_out(hive: Any, round_: Round) -> None:
    """Let the present phase pass: the latest block is made at its deadline."""
    Clock(brownie.web3).reach(deadline_of(hive, round_))


# What the hive says


def standing(hive: Any, round_: Round) -> tuple[Phase, int]:
    """Phase and its deadline at the time of the latest block."""
    phase, deadline = hive.phaseOf(*round_.key)
    return Phase(phase), int(deadline)


def phase_of(hive: Any, round_: Round) -> Phase:
    """The phase at the time of the latest block."""
    return standing(hive, round_)[0]


def deadline_of(hive: Any, round_: Round) -> int:
    """First second after the present phase."""
    return standing(hive, round_)[1]


def view(hive: Any, round_: Round) -> Mapping[str, Any]:
    """`IHive.round`, field by field."""
    return _named(hive.round(*round_.key))


def task_view(hive: Any, task: int) -> Mapping[str, Any]:
    """`IHive.task`, field by field; the configuration as a tuple."""
    return _named(hive.task(task))


def _named(values: Any) -> Mapping[str, Any]:
    return dict(zip(values.keys(), plain(values), strict=True))


def points(commitment: bytes) -> tuple[bytes, bytes, bytes]:
    """96 bytes as the contract's G1."""
    return commitment[:32], commitment[32:64], commitment[64:]
