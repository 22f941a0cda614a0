"""A node's part in a task that is not as it should be."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.unit.chain.conftest import CONFIG, Place

from anomalyhive.chain.views import Role
from anomalyhive.content.kinds import Dataset, Spec, SpecShard
from anomalyhive.errors import BadSetting, BadTable, KeyInUse
from anomalyhive.node.duties import Duties, Equipment
from anomalyhive.node.post import Post

from .gears import gear_of

COLUMNS = ("a", "b")


@pytest.fixture
def trainer(anvil: Place, tmp_path: Path) -> Equipment:
    return gear_of(anvil, tmp_path / "one", Role.TRAIN)


@pytest.fixture
def task_of(anvil: Place, trainer: Equipment) -> Callable[..., int]:
    """Creates a task with a spec that says what is given."""

    def create(**changes: Any) -> int:
        values: dict[str, Any] = {
            "name": "t", "learner": "edges", "params": {}, "columns": COLUMNS, "label": "y", "id": None,
            "mode": "private", "shards": (SpecShard(3, None),) * CONFIG.shards, "recheck": 10_000,
        }  # fmt: skip
        spec = Spec(**{**values, **changes}).publish(trainer.store)
        return anvil.contracts.hive.create_task(anvil.sponsor, CONFIG, spec)

    return create


def public(gear: Equipment) -> SpecShard:
    """A shard of two public rows."""
    features, labels = np.array([[1, 2], [3, 4]], dtype=np.int64), np.array([0, 1], dtype=np.int64)
    return SpecShard(2, Dataset(columns=COLUMNS, features=features, labels=labels, ids=None).publish(gear.store))


def post(gear: Equipment, number: int, *, named: bool = True, rows: Path | None = None) -> Post:
    return Post(gear, Duties(frozenset({Role.TRAIN}), tasks=(number,) if named else (), rows=rows), number)


def failures(gear: Equipment) -> str:
    watcher: Any = gear.watcher
    return "\n".join(watcher.failures)


def test_visit_of_a_task_whose_spec_nobody_has_is_told_and_takes_no_slot(anvil: Place, trainer: Equipment) -> None:
    number = anvil.task()
    assert not post(trainer, number).visit()
    assert f"open the task of task {number}: ContentMissing" in failures(trainer)
    assert anvil.contracts.hive.shard_holder(number, 0) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"learner": "nonsense"}, "nonsense"),
        ({"params": {"bins": -5}}, "bins"),
        ({"shards": (SpecShard(3, None),)}, "1 shards where the chain has 2"),
    ],
)
def test_visit_of_a_task_with_a_spec_of_no_use_ends_nothing_and_takes_no_slot(
    anvil: Place, trainer: Equipment, task_of: Callable[..., int], changes: dict[str, Any], words: str
) -> None:
    number = task_of(**changes)
    assert not post(trainer, number).visit()
    assert words in failures(trainer)
    assert anvil.contracts.hive.shard_holder(number, 0) == 0


def test_visit_of_a_private_task_without_rows_ends_the_node_where_its_operator_named_the_task(
    trainer: Equipment, task_of: Callable[..., int]
) -> None:
    number = task_of()
    with pytest.raises(BadSetting, match="name the CSV file with `rows`"):
        post(trainer, number).visit()
    assert trainer.contracts.hive.shard_holder(number, 0) == 0
    assert not post(trainer, number, named=False).visit()
    assert "no rows of its own" in failures(trainer)


def test_visit_of_a_private_task_reads_the_rows_once_and_has_them_when_the_file_is_gone(
    tmp_path: Path, trainer: Equipment, task_of: Callable[..., int]
) -> None:
    number = task_of()
    file = tmp_path / f"{number}.csv"
    # One class only, columns in another order, and one that the task does not know.
    file.write_text("y,b,c,a\n1,2,9,1\n1,4,9,3\n1,6,9,5\n")
    for rows in (file, tmp_path, None):
        again = post(trainer, number, rows=rows)
        assert again.visit(), failures(trainer)
        assert again.manned
    file.write_text("y,a,b\n1,1,2\n0,3,4\n")
    with pytest.raises(BadTable, match="has 2 rows, and the spec"):
        post(trainer, number, rows=file).visit()


def test_visit_with_a_key_that_another_process_uses_ends_the_node(
    anvil: Place, trainer: Equipment, task_of: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = task_of(mode="public", shards=(public(trainer),) * CONFIG.shards)
    monkeypatch.setattr(type(trainer.signer), "transact", lambda *_: (_ for _ in ()).throw(KeyInUse("somebody")))
    with pytest.raises(KeyInUse, match="somebody"):
        post(trainer, number).visit()
