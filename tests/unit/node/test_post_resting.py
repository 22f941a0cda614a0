"""A role that rests begins nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tests.unit.chain.conftest import CONFIG, Place

from anomalyhive.chain.views import Role
from anomalyhive.content.kinds import Dataset, Spec, SpecShard
from anomalyhive.errors import BadSetting
from anomalyhive.node.duties import Duties
from anomalyhive.node.post import Post

from .gears import gear_of


def test_visit_of_a_trainer_that_rests_takes_no_slot_and_submits_nothing(anvil: Place, tmp_path: Path) -> None:
    gear = gear_of(anvil, tmp_path / "one", Role.TRAIN)
    features, labels = np.array([[1, 2], [3, 4]], dtype=np.int64), np.array([0, 1], dtype=np.int64)
    rows = Dataset(columns=("a", "b"), features=features, labels=labels, ids=None).publish(gear.store)
    shards = (SpecShard(2, rows),) * CONFIG.shards
    spec = Spec("t", "edges", {}, ("a", "b"), "y", None, "public", shards, 10_000).publish(gear.store)
    hive = anvil.contracts.hive
    number = hive.create_task(anvil.sponsor, CONFIG, spec)
    anvil.contracts.token.approve(anvil.sponsor, hive.address, CONFIG.reward)
    hive.fund(anvil.sponsor, number, CONFIG.reward)
    hive.open_round(anvil.sponsor, number)

    resting = {Role.TRAIN}
    post = Post(gear, Duties(frozenset({Role.TRAIN}), tasks=(number,), paused=lambda: frozenset(resting)), number)
    assert post.visit()
    assert {hive.shard_holder(number, shard) for shard in range(CONFIG.shards)} == {0}
    resting.clear()
    assert post.visit()
    assert [one.node for one in hive.round(number, 1).submissions.values()] == [gear.node]


def test_visit_where_the_file_cannot_be_read_begins_nothing_and_is_told(anvil: Place, tmp_path: Path) -> None:
    gear = gear_of(anvil, tmp_path / "two", Role.TRAIN)
    rows = Dataset(("a",), np.ones((1, 1), np.int64), np.zeros(1, np.int64), None).publish(gear.store)
    spec = Spec("t", "edges", {}, ("a",), "y", None, "public", (SpecShard(1, rows),) * CONFIG.shards, 10_000)
    number = anvil.contracts.hive.create_task(anvil.sponsor, CONFIG, spec.publish(gear.store))

    def unreadable() -> frozenset[Role]:
        raise BadSetting("paused.json does not say which roles rest")

    assert not Post(gear, Duties(frozenset({Role.TRAIN}), tasks=(number,), paused=unreadable), number).visit()
    assert {anvil.contracts.hive.shard_holder(number, shard) for shard in range(CONFIG.shards)} == {0}
    assert "which roles rest" in "\n".join(gear.watcher.failures)  # type: ignore[attr-defined]
