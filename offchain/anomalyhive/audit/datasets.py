"""A task's spec and, where its data are public, the rows of its shards."""

from __future__ import annotations

import numpy as np

from anomalyhive.audit.blocks import Inventory
from anomalyhive.audit.replay import Task
from anomalyhive.audit.report import Findings
from anomalyhive.content.kinds import Dataset, Spec
from anomalyhive.content.store import Store
from anomalyhive.core.learner import Rows
from anomalyhive.errors import BadInput, ContentFailure


def read_spec(task: Task, store: Store, inventory: Inventory, findings: Findings) -> Spec | None:
    """The spec that the chain names; None where it cannot be read, which is noted."""
    inventory.need(task.spec, f"the spec of task {task.number}")
    try:
        spec = Spec.fetch(store, task.spec)
    except ContentFailure as error:
        findings.fail("datasets", f"the spec cannot be read: {error}", task.number, digest=task.spec)
        return None
    if len(spec.shards) != task.config.shards:
        findings.fail(
            "datasets",
            f"spec {task.spec.hex()} has {len(spec.shards)} shards and the task {task.config.shards}",
            task.number,
            digest=task.spec,
        )
        return None
    return spec


class PublicRows:
    """The rows of every public shard that can be read; they stay in memory, as every round is recomputed from them."""

    def __init__(self, task: int, spec: Spec, store: Store, findings: Findings) -> None:
        self._rows: dict[int, Rows] = {}
        for shard, said in enumerate(spec.shards):
            if said.dataset is None:
                continue
            findings.count("datasets")
            try:
                self._rows[shard] = self._read(spec, shard, store)
            except (ContentFailure, BadInput) as error:
                findings.fail("datasets", f"shard {shard}: {error}", task, digest=said.dataset)

    def get(self, shard: int) -> Rows | None:
        """The rows of a shard; None in private mode, or where they could not be read."""
        return self._rows.get(shard)

    @staticmethod
    def _read(spec: Spec, shard: int, store: Store) -> Rows:
        said = spec.shards[shard]
        assert said.dataset is not None
        dataset = Dataset.fetch(store, said.dataset)
        if (dataset.rows, dataset.columns) != (said.rows, spec.columns):
            raise BadInput(
                f"dataset {said.dataset.hex()} has {dataset.rows} rows of the columns {', '.join(dataset.columns)}, "
                f"the spec says {said.rows} of {', '.join(spec.columns)}"
            )
        return Rows(np.asarray(dataset.features), np.asarray(dataset.labels), classes=spec.label_classes)
