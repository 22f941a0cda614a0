"""Private data mode: rows that no node shows. A validator holds each update against rows of its own.

Leave one out: what does the next model lose, on the validator's own rows, without this update? An honest update from
skewed data (one class only, a few rows) may well cost something, so a threshold at zero would turn honest nodes
away. Poisoned ones cost of another order. So updates are taken away one after the other, the costliest first,
while the loss says that something is far outside: that is, while

    the round makes the loss on own rows worse than the model that it starts from, by more than a tenth, or
    the costliest update alone is responsible for more than `FAR` of the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from anomalyhive.chain.views import RoundView
from anomalyhive.content.store import Store
from anomalyhive.core.fixedpoint import softplus
from anomalyhive.core.learner import Integers, Learner, Plan, Rows, State
from anomalyhive.roles.journal import Journal
from anomalyhive.roles.judging import Finding
from anomalyhive.roles.lineage import exact_sum
from anomalyhive.roles.task import Task

RAISED = (11, 10)
"""A round that makes the loss larger than this ratio to the base model's has something wrong in it."""

FAR = (3, 10)
"""The part of the loss that one update may be responsible for."""

WORTHWHILE = (7, 10)
"""Taking updates away must bring the loss below this ratio, or none is taken away: then it was chance."""


@dataclass(frozen=True)
class Rejection:
    """An update that was taken away: the loss with it and without it, per row in 1/65536."""

    shard: int
    loss_with: int
    loss_without: int

    def reason(self, rows: int) -> str:
        """The rejection in words."""
        with_, without = (loss * 1000 // (rows << 16) for loss in (self.loss_with, self.loss_without))
        return (
            f"far outside the round: on the validator's own {rows} rows the next model's loss is "
            f"{with_ / 1000:.3f} with this update and {without / 1000:.3f} without it"
        )


def log_loss(learner: Learner, state: State, rows: Rows) -> int:
    """The sum of -ln p(label) over rows, in 1/65536."""
    logits = learner.logits(state, rows.features)
    return int(softplus(np.where(rows.labels == 1, -logits, logits)).sum())


def eliminate(loss_of: Callable[[frozenset[int]], int], shards: Sequence[int], base_loss: int) -> list[Rejection]:
    """The updates far outside the round, in the order in which they were taken away.

    ``loss_of`` gives the loss on own rows of the next model made of the updates of these shards.
    """
    alive = frozenset(shards)
    first = current = loss_of(alive)
    taken: list[Rejection] = []
    while len(alive) > 1:
        without = {shard: loss_of(alive - {shard}) for shard in sorted(alive)}
        worst = min(without, key=lambda shard: (without[shard], shard))
        raised = current * RAISED[1] > base_loss * RAISED[0]
        far = (current - without[worst]) * FAR[1] > current * FAR[0]
        if not raised and not far:
            break
        taken.append(Rejection(worst, current, without[worst]))
        alive, current = alive - {worst}, without[worst]
    return taken if current * WORTHWHILE[1] < first * WORTHWHILE[0] else []


@dataclass
class PrivateCheck:
    """Leave-one-out on a validator's own rows."""

    task: Task
    store: Store
    rows: Rows
    journal: Journal

    def check(self, view: RoundView, plan: Plan, findings: Sequence[Finding]) -> list[Finding]:
        """Reject what is far outside the round."""
        vectors = {one.submission.shard: one.vector for one in findings if one.vector is not None}
        if not vectors:
            return list(findings)
        state = self.task.state_of(self.store, self.task.base_of(view))
        rejections = self._judge(state, plan, vectors)
        return [
            Finding(one.submission, None, rejections[one.submission.shard].reason(len(self.rows)))
            if one.submission.shard in rejections
            else one
            for one in findings
        ]

    def _judge(self, state: State, plan: Plan, vectors: Mapping[int, Integers]) -> dict[int, Rejection]:
        learner = self.task.learner
        total = exact_sum(vectors, plan.length)
        known: dict[frozenset[int], int] = {}

        def loss_of(shards: frozenset[int]) -> int:
            if shards not in known:
                left_out = [vectors[shard] for shard in vectors.keys() - shards]
                kept = total - np.sum(left_out, axis=0, dtype=np.int64) if left_out else total
                known[shards] = log_loss(learner, learner.absorb(state, plan, kept), self.rows)
            return known[shards]

        base_loss = log_loss(learner, state, self.rows)
        return {one.shard: one for one in eliminate(loss_of, sorted(vectors), base_loss)}
