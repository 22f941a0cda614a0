"""Public data mode: the rows of every shard are content, so a vector is right or it is not.

A validator recomputes a share of the updates and compares bits. Which ones is drawn from the hash of the block that
holds the last submission: everyone draws the same, and no trainer could know it when it computed its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from anomalyhive.chain.views import RoundView
from anomalyhive.content.kinds import Dataset
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Plan, Rows
from anomalyhive.errors import ContentCorrupt, ContentFailure
from anomalyhive.raw.joining import Joiner, differing_rows
from anomalyhive.roles.judging import Finding
from anomalyhive.roles.task import Task

ALL = 10_000
"""All updates, in basis points."""


def shard_rows(task: Task, store: Store, shard: int) -> Rows:
    """The rows of a public shard. Raises ContentCorrupt where they are not those that the spec describes.

    Where the spec says what they come from, they are made again: a node takes nobody's word for its rows.
    """
    said = task.spec.shards[shard]
    if said.dataset is None:
        raise ContentFailure(f"shard {shard} of task {task.number} is private: its rows are with its holder alone")
    dataset = Dataset.fetch(store, said.dataset)
    if dataset.rows != said.rows or dataset.columns != task.spec.columns:
        raise ContentCorrupt(
            said.dataset, f"it is not the dataset of {said.rows} rows that the spec gives shard {shard}"
        )
    if task.spec.origin is not None:
        wrong = differing_rows(dataset, Joiner.open(task.spec, store).shard(shard))
        if wrong:
            raise ContentCorrupt(said.dataset, f"it is not what the partial statistics and the labels give: {wrong}")
    return Rows(np.asarray(dataset.features), np.asarray(dataset.labels), classes=task.spec.label_classes)


def is_drawn(view: RoundView, shard: int, recheck: int) -> bool:
    """Whether the update of a shard is recomputed, at ``recheck`` basis points of all."""
    ticket = hashlib.sha256(b"anomalyhive recheck" + view.drawn + shard.to_bytes(32, "big")).digest()
    return int.from_bytes(ticket, "big") * ALL < recheck << 256


@dataclass
class PublicCheck:
    """Recomputes vectors from the shards' content."""

    task: Task
    store: Store
    _rows: dict[int, Rows] = field(default_factory=dict, repr=False)

    def check(self, view: RoundView, plan: Plan, findings: Sequence[Finding]) -> list[Finding]:
        """Reject every drawn update whose vector is not what its shard's rows give."""
        return [self._checked(view, plan, finding) for finding in findings]

    def _checked(self, view: RoundView, plan: Plan, finding: Finding) -> Finding:
        shard = finding.submission.shard
        if finding.vector is None or not is_drawn(view, shard, self.task.spec.recheck):
            return finding
        if shard not in self._rows:
            self._rows[shard] = shard_rows(self.task, self.store, shard)
        own = self.task.learner.contribute(plan, self._rows[shard])
        differ = np.flatnonzero(own != finding.vector)
        if not differ.size:
            return finding
        j = int(differ[0])
        reason = (
            f"vector differs from what shard {shard} gives in {differ.size} of {plan.length} coordinates: "
            f"coordinate {j} is {int(finding.vector[j])} instead of {int(own[j])}"
        )
        return Finding(finding.submission, None, reason)
