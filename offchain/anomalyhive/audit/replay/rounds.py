"""The life of a round up to its tally, and its end: opened, submitted to, judged, attested or cancelled."""

from __future__ import annotations

from collections.abc import Mapping

from anomalyhive.audit.replay.context import Replay, Values
from anomalyhive.audit.replay.state import OVER, Commit, Round, Slot, Task
from anomalyhive.audit.replay.tasks import check_seed
from anomalyhive.chain.folding import point_bytes, seats_of
from anomalyhive.chain.views import ZERO_DIGEST, Phase, Reveal, Submission, TaskConfig
from anomalyhive.errors import AuditFailure
from anomalyhive.protocol.hashing import round_seed, verdict_hash
from anomalyhive.protocol.shares import Shares

SLASHING = (Phase.REVEAL, Phase.TALLY, Phase.ATTEST)
"""A round that ends after its reveal phase has had the time to reveal."""


def present(round_: Round, config: TaskConfig, now: int) -> tuple[Phase, int, Phase]:
    """Phase and deadline at ``now`` (unix seconds), and the last phase before it stalled; nothing is changed.

    A phase that ended by its deadline ended at its deadline, whenever the next event comes (IHive).
    """
    phase, deadline, reached = round_.phase, round_.deadline, round_.phase
    steps = (
        (Phase.TRAIN, len(round_.submissions) >= config.min_updates, Phase.JUDGE, config.judge_seconds),
        (Phase.JUDGE, len(round_.commits) >= config.quorum, Phase.REVEAL, config.reveal_seconds),
        (Phase.REVEAL, len(round_.reveals) >= config.quorum, Phase.TALLY, config.tally_seconds),
        (Phase.TALLY, False, Phase.STALLED, 0),
        (Phase.ATTEST, False, Phase.STALLED, 0),
    )
    for step, enough, following, seconds in steps:
        if phase is step and now >= deadline:
            reached = step
            phase, deadline = (following, deadline + seconds) if enough else (Phase.STALLED, 0)
    if phase is not Phase.STALLED:
        return phase, deadline, phase
    # What stalls at once, without a deadline, is a tally that accepts too few.
    return phase, deadline, Phase.TALLY if reached is Phase.STALLED else reached


def enter(at: Replay, task: Task, round_: Round, expected: Phase) -> None:
    """Bring a round to the present; AuditFailure unless it stands in the expected phase."""
    phase, deadline, _ = present(round_, task.config, at.now)
    if phase is not expected:
        raise AuditFailure(f"comes at {at.now} in {phase.name}, which allows it in {expected.name} only")
    round_.phase, round_.deadline = phase, deadline


def opened(at: Replay, v: Values) -> None:
    """A round begins; its reward leaves the escrow."""
    task, number = at.task(v), v["round"]
    config, before = task.config, task.rounds.get(task.latest)
    at.expect("round", number, task.latest + 1)
    if before is not None and before.phase not in OVER:
        at.fault(f"round {before.number} is neither final nor cancelled")
    if config.rounds and task.finals >= config.rounds:
        at.fault(f"the task has had all of its {config.rounds} rounds")
    if task.escrow < config.reward:
        at.fault(f"the escrow of {task.escrow} does not hold the reward of {config.reward}", "rewards")
    check_seed(at, task, number, v["seed"], round_seed(config.seed, number))
    at.expect("base", v["base"], task.head, "parents")
    at.expect("deadline", v["deadline"], at.now + config.train_seconds)
    task.escrow -= min(config.reward, task.escrow)
    task.rounds[number] = Round(number, v["seed"], v["base"], task.last_final, config.reward, v["deadline"])


def submitted(at: Replay, v: Values) -> None:
    """A trainer submits the update of its shard."""
    task, round_ = at.round(v)
    enter(at, task, round_, Phase.TRAIN)
    shard = v["shard"]
    _check_holder(task.shards, shard, v["node"])
    if shard in round_.submissions:
        raise AuditFailure(f"shard {shard} has its update already")
    round_.submissions[shard] = Submission(shard, v["node"], v["digest"], point_bytes(v["commitment"]))
    if len(round_.submissions) == task.config.update_quota:
        round_.phase, round_.deadline = Phase.JUDGE, at.now + task.config.judge_seconds


def committed(at: Replay, v: Values) -> None:
    """A validator commits to its verdict."""
    task, round_ = at.round(v)
    enter(at, task, round_, Phase.JUDGE)
    seat = v["seat"]
    _check_holder(task.seats, seat, v["node"])
    if seat in round_.commits or v["commitHash"] == ZERO_DIGEST:
        raise AuditFailure(f"seat {seat} has its verdict already, or its hash is zero")
    round_.commits[seat] = Commit(v["node"], v["commitHash"])
    if len(round_.commits) == task.config.verdict_quota:
        round_.phase, round_.deadline = Phase.REVEAL, at.now + task.config.reveal_seconds


def revealed(at: Replay, v: Values) -> None:
    """A validator shows what it committed to."""
    task, round_ = at.round(v)
    enter(at, task, round_, Phase.REVEAL)
    seat, scores = v["seat"], v["scores"]
    _check_holder(task.seats, seat, v["node"])
    if seat not in round_.commits or seat in round_.reveals:
        raise AuditFailure(f"seat {seat} has committed nothing, or revealed it before")
    if len(scores) != task.config.shards:
        raise AuditFailure(f"has {len(scores)} scores for {task.config.shards} shards")
    at.expect("node", v["node"], round_.commits[seat].node)
    _check_commit(at, task.number, round_, seat, v)
    round_.reveals[seat] = Reveal(seat, v["node"], scores, v["verdict"])
    if len(round_.reveals) == len(round_.commits):
        round_.phase, round_.deadline = Phase.TALLY, at.now + task.config.tally_seconds


def attested(at: Replay, v: Values) -> None:
    """A validator names the model of the round."""
    task, round_ = at.round(v)
    enter(at, task, round_, Phase.ATTEST)
    seat, model = v["seat"], v["model"]
    _check_holder(task.seats, seat, v["node"])
    if seat in round_.attested or model == ZERO_DIGEST:
        raise AuditFailure(f"seat {seat} has named its model already, or names none")
    round_.attested[seat] = model
    if _voices(round_, model) == task.config.quorum:
        at.later(lambda: at.expect("the phase after its quorum", round_.phase, Phase.FINAL))


def finalized(at: Replay, v: Values) -> None:
    """A quorum named the same model, which is the head of the lineage from now on."""
    task, round_ = at.round(v)
    enter(at, task, round_, Phase.ATTEST)
    model, tally = v["model"], round_.tally
    if tally is None or _voices(round_, model) != task.config.quorum:
        raise AuditFailure(f"{_voices(round_, model)} seats named this model, {task.config.quorum} make it final")
    others = {seat for seat, named in round_.attested.items() if named != model}
    round_.paid = tally.paid - others
    at.expect("paid", seats_of(v["paid"]), frozenset(round_.paid), "rewards")
    due = Shares(tally.rate, tally.share).returned(round_.reward, tally.worth, len(round_.paid))
    at.expect("returned", v["returned"], due, "rewards")
    task.escrow += due
    task.head, task.last_final, task.finals = model, round_.number, task.finals + 1
    round_.model, round_.phase, round_.deadline = model, Phase.FINAL, 0


def cancelled(at: Replay, v: Values) -> None:
    """A round that cannot finish ends; all of its reward is back in the escrow."""
    task, round_ = at.round(v)
    phase, _, reached = present(round_, task.config, at.now)
    if phase is not Phase.STALLED:
        raise AuditFailure(f"comes at {at.now} in {phase.name}: only a stalled round can be cancelled")
    at.expect("reached", v["reached"], int(reached))
    at.expect("returned", v["returned"], round_.reward, "rewards")
    task.escrow += round_.reward
    round_.phase, round_.deadline = Phase.CANCELLED, 0
    if reached in SLASHING:
        at.later(lambda: check_slashed(at, round_))


def seat_slashed(at: Replay, v: Values) -> None:
    """A validator pays for what it committed and did not reveal."""
    task, round_ = at.round(v)
    seat, node = v["seat"], v["node"]
    if seat not in round_.commits or seat in round_.reveals or seat in round_.slashed:
        raise AuditFailure(f"seat {seat} has committed nothing, or revealed it, or was slashed before")
    at.findings.count("rewards")
    at.expect("node", node, round_.commits[seat].node, "rewards")
    round_.slashed[seat] = v["burned"]
    at.burned[node, v["burned"]] -= 1
    if round_.expected is None and round_.phase is not Phase.CANCELLED:
        at.fault("comes before the reveal phase is over", "rewards")
    at.later(lambda: _check_burned(at, task, node, v["burned"]))


def check_slashed(at: Replay, round_: Round) -> None:
    """Once the reveal phase is over every seat that committed has revealed or was slashed."""
    left = sorted(round_.commits.keys() - round_.reveals.keys() - round_.slashed.keys())
    if left:
        at.fault(f"seats {left} committed, did not reveal and were not slashed", "rewards")


def _check_burned(at: Replay, task: Task, node: int, burned: int) -> None:
    """Less than the slash is burned only where no more was left."""
    left = at.state.nodes[node].stake if node in at.state.nodes else 0
    if burned > task.config.slash_amount or (burned < task.config.slash_amount and left):
        at.fault(f"burns {burned} of the stake of node {node}, a slash is {task.config.slash_amount}", "rewards")


def _check_commit(at: Replay, task: int, round_: Round, seat: int, v: Values) -> None:
    salt = at.record.salts.get((task, round_.number, seat))
    if salt is None:
        return  # the transaction came through another contract; the hive itself has checked the hash
    at.findings.count("commits")
    due = verdict_hash(task, round_.number, v["node"], v["scores"], v["verdict"], salt)
    at.expect(f"the hash of seat {seat}", due, round_.commits[seat].hash, "commits")


def _check_holder(slots: Mapping[int, Slot], index: int, node: int) -> None:
    if index not in slots or slots[index].node != node:
        holder = f"node {slots[index].node}" if index in slots else "nobody"
        raise AuditFailure(f"comes from node {node}, and slot {index} is held by {holder}")


def _voices(round_: Round, model: bytes) -> int:
    return sum(named == model for named in round_.attested.values())
