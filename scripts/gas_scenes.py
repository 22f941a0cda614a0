"""What is measured: a hive in daily use, batches, and two large rounds. The same transactions at every run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from eth_account import Account
from eth_utils.crypto import keccak

from anomalyhive.chain.hive import point
from anomalyhive.chain.signed_update import UpdateOrder
from anomalyhive.chain.views import Phase
from anomalyhive.commitments import commit
from bulk import send_all
from rehearsal import VALIDATE, Node, Rehearsal, Round, Update

BATCH = 50
"""Updates in a batch."""

FOREVER = 2**40 - 1
"""An expiry."""

COMMITMENT = commit(np.array([5, 7], dtype=np.int64))
"""One for all updates of the large rounds: what it commits to does not change what adding it costs."""

Figures = dict[str, int]


def common(stage: Rehearsal, chain: Any, figures: Figures) -> None:
    """Five trainers and three validators: joining, rounds, claims, leaving; every function at least once."""
    trainers = [stage.register() for _ in range(5)]
    validators = [stage.register() for _ in range(3)]
    task = stage.create(miss_limit=1)
    stage.settle_in(task, trainers, validators)
    first = stage.open(task)
    figures["submit, first of its shard"] = int(stage.submit_update(first, 0).gas_used)
    for shard in range(1, 5):
        stage.submit_update(first, shard)
    chain.sleep(20_000)
    stage.hive.cancelRound(*first.key, {"from": stage.sponsor})
    rounds = [stage.reach(task, Phase.FINAL) for _ in range(4)]
    figures["submit"] = int(stage.submit_update(stage.open(task), 0).gas_used)
    claims(stage, trainers[0], rounds, figures)
    everything_else(stage, chain, task, trainers, validators)


def claims(stage: Rehearsal, node: Node, rounds: list[Round], figures: Figures) -> None:
    """One round, then another, then two in one transaction."""

    def claimed(through: Round) -> int:
        # Kind 0: updates; term 0: the present one.
        item = (through.task, 0, 0, 0, through.number)
        return int(stage.hive.claim(node.number, [item], {"from": stage.sponsor}).gas_used)

    figures["claim of one round, first tokens of the owner"] = claimed(rounds[0])
    figures["claim of one round"] = claimed(rounds[1])
    figures["claim: each further round"] = claimed(rounds[3]) - figures["claim of one round"]


def everything_else(stage: Rehearsal, chain: Any, task: int, trainers: list[Node], validators: list[Node]) -> None:
    """The functions that a round in which all goes well does not need; a round is open, with one update in it."""
    hive, registry, token, sponsor = stage.hive, stage.registry, stage.token, stage.sponsor
    node = trainers[1]
    by_owner, by_anyone = {"from": node.owner}, {"from": sponsor}
    registry.rotateOperator(node.number, next(stage.spare), by_owner)
    hive.refreshShard(task, 1, by_anyone)
    hive.refreshSeat(task, 0, by_anyone)
    hive.releaseShard(task, 1, by_owner)
    registry.setRoles(node.number, VALIDATE, by_owner)
    token.transfer(node.owner, 10, by_anyone)
    token.approve(registry, 10, by_owner)
    registry.addStake(node.number, 10, by_owner)
    registry.requestExit(node.number, by_owner)
    registry.requestExit(trainers[2].number, {"from": trainers[2].owner})
    registry.requestExit(validators[1].number, {"from": validators[1].owner})
    hive.freeShard(task, 2, by_anyone)
    hive.freeSeat(task, 1, by_anyone)
    hive.releaseSeat(task, 2, {"from": validators[2].owner})
    hive.withdrawEscrow(task, 1, by_anyone)
    chain.sleep(8 * 86_400)
    hive.cancelRound(task, 6, by_anyone)
    registry.withdraw(node.number, by_owner)


def batches(stage: Rehearsal, accounts: Any, chain: Any, figures: Figures) -> None:
    """A batch of 50 shards of one trainer, twice: in a shard's first round its slot is new, later it is in use.

    That one key signs all of them saves nothing: each signature is recovered by itself, each shard has its own slots.
    """
    operator = Account.from_key(keccak(text="operator of the batches"))
    trainer = stage.register(operator=accounts.add(operator.key.hex()))
    stage.sponsor.transfer(operator.address, 10**18, gas_price=0)
    task = stage.create(escrow=2, shards=BATCH, update_quota=0)
    stage.settle_in(task, [trainer] * BATCH, [])
    for name in ("first of their shards", "later"):
        round_ = stage.open(task)
        rows = []
        for shard in range(BATCH):
            order = UpdateOrder(*round_.key, shard, keccak(text=f"batch {round_.number} {shard}"), COMMITMENT, FOREVER)
            one = order.signed(operator, chain.id, stage.hive.address)
            rows.append((one.shard, one.expiry, one.digest, point(one.commitment), one.r, one.vs))
        sent = stage.hive.submitUpdates(*round_.key, rows, {"from": stage.sponsor})
        figures[f"batch of {BATCH}, {name}: per update"] = -(-int(sent.gas_used) // BATCH)
        assert sent.return_value == BATCH
        chain.sleep(20_000)
        stage.hive.cancelRound(*round_.key, {"from": stage.sponsor})


def large(stage: Rehearsal, figures: Figures, updates: int, judges: int, slices: int) -> None:
    """A large round, where judges agree and where they score at random, in one slice and in several."""
    trainer = stage.register()
    validators = [stage.register() for _ in range(judges)]
    agreeing = dict.fromkeys(range(judges), random_scores(updates, 0))
    differing = {seat: random_scores(updates, seat) for seat in range(judges)}
    quotas = {"shards": updates, "update_quota": updates, "train_seconds": 100_000}
    seats = {"seats": judges, "quorum": judges // 2 + 1, "verdict_quota": judges}
    task = stage.create(escrow=3, **quotas, **seats)
    send_all(trainer.operator, stage.hive, (stage.hive.takeShard.encode_input(task, one) for one in range(updates)))
    for seat, node in enumerate(validators):
        stage.hive.takeSeat(task, seat, {"from": node.operator})
    head = f"tally of {updates} by {judges}"
    for name, scores, number in (
        ("agreeing", agreeing, 1),
        ("random scores", differing, 1),
        (f"random scores, {slices} slices", differing, slices),
    ):
        round_ = judged(stage, task, trainer, updates, scores)
        figures[f"{head}, {name}: per update"] = tallied(stage, round_, updates, number)
        for seat in range(judges // 2 + 1):
            stage.attest(round_, seat, stage.model_of(round_))


def judged(stage: Rehearsal, task: int, trainer: Node, updates: int, scores: dict[int, bytes]) -> Round:
    """A round of the task in its tally."""
    round_ = stage.open(task)
    for shard in range(updates):
        digest = keccak(text=f"update {round_.number} {shard}")
        round_.updates[shard] = Update(shard, trainer.number, digest, COMMITMENT)
    encode: Callable[..., str] = stage.hive.submitUpdate.encode_input
    rows = (encode(*round_.key, one.shard, one.digest, one.point) for one in round_.updates.values())
    send_all(trainer.operator, stage.hive, rows)
    for seat, row in scores.items():
        stage.commit(round_, seat, row)
    for seat in scores:
        stage.reveal(round_, seat)
    return round_


def tallied(stage: Rehearsal, round_: Round, updates: int, slices: int) -> int:
    """Gas per update of tallying in so many slices of a size."""
    size = -(-updates // slices)
    total = sum(
        int(stage.hive.tally(*round_.key, rows, round_.scores, {"from": stage.sponsor}).gas_used)
        for rows in (round_.rows[at : at + size] for at in range(0, updates, size))
    )
    return -(-total // updates)


def random_scores(updates: int, seat: int) -> bytes:
    """A score of 1 to 255 for each update, the same at every run."""
    blocks = b"".join(keccak(text=f"scores {seat} {block}") for block in range(-(-updates // 32)))
    return bytes(max(byte, 1) for byte in blocks[:updates])
