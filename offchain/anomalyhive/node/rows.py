"""A node's rows: those of a public shard from the store, those of a private task from its own file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from anomalyhive.content.kinds import Dataset
from anomalyhive.core.learner import Rows
from anomalyhive.errors import BadSetting, BadTable
from anomalyhive.federation.rows import publish_table
from anomalyhive.node.duties import Equipment
from anomalyhive.roles.task import Task
from anomalyhive.tables.csvfile import read_table


def private_rows(gear: Equipment, task: Task, path: Path | None, shard: int | None = None) -> Rows:
    """The node's own rows of a private task, for a trainer those of its ``shard``.

    They are read from the file, or from TASK.csv where ``path`` is a folder, with the columns that the spec names; a
    copy stays among the drafts, for a node whose file is gone. Raises BadTable or BadSetting.
    """
    key = f"rows/{task.number}"
    digest = gear.journal.get(key)
    if path is not None:
        spec = task.spec
        file = path / f"{task.number}.csv" if path.is_dir() else path
        # A node may have rows of one class only.
        table = read_table(file, spec.label, spec.id, require_label=False, columns=spec.columns, classes=spec.classes)
        digest = publish_table(table, gear.drafts)
        gear.journal.put(key, digest)
    if digest is None:
        raise BadSetting(
            f"task {task.number} is private, and this node has no rows of its own: name the CSV file with `rows`"
        )
    dataset = Dataset.fetch(gear.drafts, digest)
    if shard is not None and dataset.rows != task.spec.shards[shard].rows:
        raise BadTable(
            f"the node's own file has {dataset.rows} rows, and the spec of task {task.number} gives shard {shard} "
            f"{task.spec.shards[shard].rows}: see whether shard and file belong together"
        )
    return Rows(np.asarray(dataset.features), np.asarray(dataset.labels), classes=task.spec.label_classes)
