"""The audit of a hive: its events replayed, its content followed, task by task and round by round from genesis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from anomalyhive.audit.blocks import Inventory
from anomalyhive.audit.contracts import check_code
from anomalyhive.audit.datasets import PublicRows, read_spec
from anomalyhive.audit.models import Models
from anomalyhive.audit.openings import Openings
from anomalyhive.audit.origins import check_chunks, check_rows
from anomalyhive.audit.place import Place
from anomalyhive.audit.record import ChainRecord
from anomalyhive.audit.replay import Hive, Round, Task, replay
from anomalyhive.audit.report import AuditReport, Findings
from anomalyhive.audit.rounds import Options, RoundAudit, need_updates
from anomalyhive.audit.standing import check_standing
from anomalyhive.audit.verdicts import read_verdicts
from anomalyhive.content.kinds import Spec
from anomalyhive.content.store import Store
from anomalyhive.core.learners import get_learner
from anomalyhive.errors import AuditFailure, BadInput
from anomalyhive.metrics.chunks import Chunk

Progress: TypeAlias = Callable[[str, int, int], None]
"""Hears what the audit is at, how much of it is done, and of how much."""


def silent(stage: str, done: int, total: int) -> None:
    """Tell nobody."""


def audit_lineage(
    record: ChainRecord,
    store: Store,
    options: Options = Options(),  # noqa: B008 - immutable
    progress: Progress = silent,
    strangers: Sequence[str] = (),
    chunks: Sequence[Chunk] | None = None,
    inventory: Inventory | None = None,
) -> AuditReport:
    """Replay a lineage from genesis; nothing is believed that can be derived.

    ``strangers`` are names of what lies in the store and is no block; ``chunks``, if there are any, are held against
    the partial statistics of every task. ``inventory`` is of the same store; without one, all of the store is read and
    must belong to the lineage. The record and the store may say anything:
    what does not hold is in the report, never an exception.
    """
    if inventory is None:
        inventory = Inventory(store, Findings())
        inventory.read(lambda done, total: progress("blocks", done, total))
    findings, store = inventory.findings, inventory.watched()
    for name in strangers:
        findings.fail("blocks", f"{name} lies in the store and is no block")
    progress("events", 0, len(record.events))
    hive = replay(record, findings)
    progress("events", len(record.events), len(record.events))
    for task in hive.tasks.values():
        TaskAudit(record, task, hive, store, inventory, options, findings, progress, chunks).run()
    inventory.finish()
    check_code(record, findings)
    check_standing(record, hive, findings)
    return findings.report()


@dataclass
class TaskAudit:
    """Follows the content of one task."""

    record: ChainRecord
    task: Task
    hive: Hive
    store: Store
    inventory: Inventory
    options: Options
    findings: Findings
    progress: Progress
    chunks: Sequence[Chunk] | None = None

    def run(self) -> None:
        """Go through the rounds in their order."""
        spec = read_spec(self.task, self.store, self.inventory, self.findings)
        models = self._begin(spec) if spec is not None else None
        rows = PublicRows(self.task.number, spec, self.store, self.findings) if spec is not None else None
        if spec is not None:
            self._check_origin(spec)
        openings = Openings(self.options.entropy)
        for done, round_ in enumerate(self.task.rounds.values()):
            self.progress("rounds", done, len(self.task.rounds))
            place = self._place(round_.number)
            reasons = read_verdicts(place, round_, self.store, self.inventory)
            for digest in round_.attested.values():
                self.inventory.allow(digest)
            if not round_.final:
                self._allow_updates(round_)
            elif models is None or rows is None:
                what = f"model {round_.model.hex()} cannot be derived: the spec is not known"
                place.fail("models", what, round_.model)
                self.inventory.need(round_.model, f"the model of round {round_.number}")
                need_updates(round_, reasons, self.inventory)
            else:
                audit = RoundAudit(
                    place, round_, self.hive, self.store, rows, models, self.inventory, openings, self.options
                )
                audit.run(reasons)
        openings.flush()
        self.progress("rounds", len(self.task.rounds), len(self.task.rounds))
        self._check_head(models)

    def _check_origin(self, spec: Spec) -> None:
        joiner = check_rows(self.task.number, spec, self.store, self.findings)
        if self.chunks is not None:
            check_chunks(
                self.task.number,
                spec,
                joiner,
                self.chunks,
                self.store,
                self.findings,
                lambda done, total: self.progress("chunks", done, total),
            )

    def _place(self, round_: int) -> Place:
        hive = bytes.fromhex(self.record.deployment.hive.removeprefix("0x"))
        return Place(self.record.deployment.chain_id, hive, self.task.number, round_, self.findings)

    def _begin(self, spec: Spec) -> Models | None:
        try:
            models = Models.begin(self._place(0), spec, self.task.spec, get_learner(spec.learner), self.store)
        except (AuditFailure, BadInput) as error:
            self.findings.fail("models", str(error), self.task.number, digest=self.task.spec)
            return None
        # The first final model needs it; before that it may be published or not.
        self.inventory.allow(models.genesis)
        return models

    def _allow_updates(self, round_: Round) -> None:
        """A round without a model: an update is needed once somebody has seen it, and may wait to be published else."""
        for shard, one in round_.submissions.items():
            if any(reveal.node != one.node and reveal.scores[shard] for reveal in round_.reveals.values()):
                self.inventory.need(one.digest, f"the update of shard {shard} in round {round_.number}")
            else:
                self.inventory.allow(one.digest)

    def _check_head(self, models: Models | None) -> None:
        """The head of the task is the last model of its lineage."""
        if models is not None and models.head != self.task.head:
            self.findings.fail(
                "parents",
                f"the head is {self.task.head.hex()}, the last model {models.head.hex()}",
                self.task.number,
                digest=self.task.head,
            )
