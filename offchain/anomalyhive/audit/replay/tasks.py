"""Tasks: their rules, their escrow, and what their rounds paid."""

from __future__ import annotations

from anomalyhive.audit.replay.context import Replay, Values, shown
from anomalyhive.audit.replay.state import Task
from anomalyhive.chain.views import ZERO_DIGEST, TaskConfig
from anomalyhive.errors import AuditFailure

MOST_SHARDS, MOST_SEATS, MOST_SECONDS, ALL_BPS = 1024, 20, 30 * 24 * 3600, 10_000
"""The limits of `Hive.createTask`."""

UPDATE, VERDICT = 0, 1
"""`IHiveTypes.Kind`."""


def created(at: Replay, v: Values) -> None:
    """A task exists from now on."""
    at.expect("task", v["task"], len(at.state.tasks) + 1)
    config = TaskConfig.from_tuple(v["config"])
    for setting in _out_of_range(config):
        at.fault(f"{setting} is {getattr(config, setting)}, which the hive does not take")
    if v["spec"] == ZERO_DIGEST:
        at.fault("its spec has no digest")
    at.state.tasks[v["task"]] = Task(v["task"], v["sponsor"], v["spec"], config)


def funded(at: Replay, v: Values) -> None:
    """Tokens came into the escrow."""
    if not v["amount"]:
        at.fault("adds nothing", "rewards")
    at.task(v).escrow += v["amount"]
    at.owe(v["from"], at.hive, v["amount"])


def escrow_withdrawn(at: Replay, v: Values) -> None:
    """Tokens went back to the sponsor."""
    task = at.task(v)
    if not 0 < v["amount"] <= task.escrow:
        at.fault(f"takes {v['amount']} out of an escrow of {task.escrow}", "rewards")
    task.escrow -= min(v["amount"], task.escrow)
    at.owe(at.hive, task.sponsor, v["amount"])


def claimed(at: Replay, v: Values) -> None:
    """A node was paid for an update or a verdict of a final round."""
    _, round_ = at.round(v)
    kind, index, node = v["kind"], v["index"], v["node"]
    at.findings.count("claims")
    if not round_.final or round_.tally is None:
        raise AuditFailure(f"pays for a round that stands in {round_.phase.name}")
    if kind == UPDATE:
        submission = round_.submissions.get(index)
        worker = submission.node if submission else 0
        due = round_.tally.rate * round_.medians.get(index, 0)
    elif kind == VERDICT:
        worker = round_.reveals[index].node if index in round_.reveals else 0
        due = round_.tally.share if index in round_.paid else 0
    else:
        raise AuditFailure(f"has the kind {kind}, which is neither update nor verdict")
    what = f"{'shard' if kind == UPDATE else 'seat'} {index}"
    at.expect(f"the node of {what}", node, worker, "claims")
    if (kind, index) in round_.claimed:
        at.fault(f"{what} was paid {round_.claimed[kind, index]} before", "claims")
    if not due or v["amount"] != due:
        at.fault(f"{what} is paid {v['amount']} and earned {due}", "claims")
    round_.claimed[kind, index] = v["amount"]
    at.owe(at.hive, at.node(node).owner, v["amount"])


def check_seed(at: Replay, task: Task, round_: int, seed: bytes, due: bytes) -> None:
    """With a seed of its own a task can be repeated; without one the chain gives it, and nobody can say which."""
    if task.config.seed != ZERO_DIGEST and seed != due:
        at.fault(f"seed is {shown(seed)} and round {round_} has {shown(due)}")


def _out_of_range(c: TaskConfig) -> list[str]:
    """Settings that `Hive.createTask` refuses."""
    phases = ("train_seconds", "judge_seconds", "reveal_seconds", "tally_seconds", "attest_seconds")
    rules = {
        "shards": 1 <= c.shards <= MOST_SHARDS,
        "seats": 1 <= c.seats <= MOST_SEATS,
        "quorum": 2 * c.quorum > c.seats and c.quorum <= c.seats,
        "min_updates": 1 <= c.min_updates <= c.shards,
        "update_quota": c.update_quota == 0 or c.min_updates <= c.update_quota <= c.shards,
        "verdict_quota": c.verdict_quota == 0 or c.quorum <= c.verdict_quota <= c.seats,
        "trainer_bps": c.trainer_bps <= ALL_BPS,
        "slash_amount": c.slash_amount <= c.min_stake,
        **{phase: 1 <= getattr(c, phase) <= MOST_SECONDS for phase in phases},
    }
    return [setting for setting, holds in rules.items() if not holds]
