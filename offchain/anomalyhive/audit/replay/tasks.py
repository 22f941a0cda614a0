"""Tasks: their rules and their escrow."""

from __future__ import annotations

from anomalyhive.audit.replay.context import Replay, Values, shown
from anomalyhive.audit.replay.state import Task
from anomalyhive.chain.views import ZERO_DIGEST, TaskConfig

MOST_SHARDS, MOST_SEATS, MOST_SECONDS, ALL_BPS = 1024, 20, 30 * 24 * 3600, 10_000
"""The limits of `TaskRules`."""

MOST_REWARD = (1 << 88) - 1
"""309 million tokens, in 1e-18."""


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
        "reward": c.reward <= MOST_REWARD,
        "trainer_bps": c.trainer_bps <= ALL_BPS,
        "slash_amount": c.slash_amount <= c.min_stake,
        **{phase: 1 <= getattr(c, phase) <= MOST_SECONDS for phase in phases},
    }
    return [setting for setting, holds in rules.items() if not holds]
