"""A node's slot in a task, on a real chain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.unit.chain.conftest import Place

from anomalyhive.chain.signer import new_key
from anomalyhive.chain.views import Kind, Role
from anomalyhive.errors import ChainFailure, Reverted
from anomalyhive.node.duties import Equipment
from anomalyhive.node.holding import RETRY_SECONDS, Holding

from .gears import gear_of, signer_of

SHARDS = 3


def of(gear: Equipment, task: int, wanted: int | None = None, kind: Kind = Kind.UPDATE) -> Holding:
    return Holding(gear, task, kind, SHARDS if kind is Kind.UPDATE else 2, wanted)


def actions(gear: Equipment) -> list[str]:
    watcher: Any = gear.watcher
    return list(watcher.actions)


@pytest.fixture
def task(anvil: Place) -> int:
    return anvil.task(shards=SHARDS, update_quota=SHARDS, seats=2, quorum=2, verdict_quota=2)


@pytest.fixture
def trainer(anvil: Place, tmp_path: Path) -> Equipment:
    return gear_of(anvil, tmp_path / "one", Role.TRAIN)


@pytest.mark.parametrize("kind", list(Kind))
def test_ensure_takes_a_free_slot_once_and_finds_it_again_after_a_restart(
    anvil: Place, tmp_path: Path, task: int, kind: Kind
) -> None:
    gear = gear_of(anvil, tmp_path / "one", Role.TRAIN if kind is Kind.UPDATE else Role.VALIDATE)
    holding = of(gear, task, kind=kind)
    index = holding.ensure()
    assert index is not None
    assert [holding.ensure(), of(gear, task, kind=kind).ensure()] == [index, index]
    assert len(actions(gear)) == 1


def test_ensure_of_several_nodes_gives_each_its_own_shard_until_none_is_left(
    anvil: Place, tmp_path: Path, task: int
) -> None:
    nodes = [gear_of(anvil, tmp_path / str(number), Role.TRAIN) for number in range(SHARDS + 1)]
    held = [of(node, task).ensure() for node in nodes]
    assert sorted(held[:SHARDS], key=str) == list(range(SHARDS))
    assert held[SHARDS] is None


def test_ensure_that_comes_too_late_for_a_shard_takes_the_next(
    anvil: Place, tmp_path: Path, task: int, trainer: Equipment, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = gear_of(anvil, tmp_path / "two", Role.TRAIN)
    wanted = trainer.node % SHARDS
    assert of(other, task, wanted).ensure() == wanted
    holding, real = of(trainer, task), Holding._holder
    # What this node saw before the other one's transaction was mined.
    seen = {wanted: ("0x" + "00" * 20, 0)}
    monkeypatch.setattr(Holding, "_holder", lambda self, index: seen.pop(index, None) or real(self, index))
    assert holding.ensure() == (wanted + 1) % SHARDS


def test_ensure_after_the_shard_was_lost_takes_one_again(trainer: Equipment, task: int) -> None:
    holding = of(trainer, task, 1)
    assert holding.ensure() == 1
    trainer.signer.transact(trainer.contracts.hive.call("releaseShard", task, 1))
    assert holding.ensure() == 1
    assert actions(trainer) == ["takeShard 1", "takeShard 1"]


def test_ensure_after_the_operator_was_rotated_tells_the_shard(
    anvil: Place, tmp_path: Path, task: int, trainer: Equipment
) -> None:
    assert of(trainer, task, 2).ensure() == 2
    key = new_key()
    fresh = signer_of(anvil, tmp_path / "new", key)
    trainer.signer.transact(anvil.contracts.registry.call("rotateOperator", trainer.node, fresh.address))
    rotated = gear_of(anvil, tmp_path / "new", Role.TRAIN, key)
    assert rotated.node == trainer.node
    assert of(rotated, task).ensure() == 2
    assert anvil.contracts.hive.read("shard", task, 2)[0] == fresh.address
    assert actions(rotated) == ["refreshShard 2"]


def test_ensure_of_a_node_without_the_role_says_so_and_waits_before_it_asks_again(
    anvil: Place, tmp_path: Path, task: int
) -> None:
    gear = gear_of(anvil, tmp_path / "one", Role.VALIDATE)
    holding = of(gear, task)
    with pytest.raises(Reverted, match="NotEligible"):
        holding.ensure()
    assert holding.ensure() is None
    clock: Any = gear.clock
    clock.time += RETRY_SECONDS
    with pytest.raises(Reverted, match="NotEligible"):
        holding.ensure()


def test_ensure_frees_the_shard_of_a_holder_that_has_left(
    anvil: Place, tmp_path: Path, task: int, trainer: Equipment
) -> None:
    gone = gear_of(anvil, tmp_path / "gone", Role.TRAIN)
    assert of(gone, task, 0).ensure() == 0
    assert of(trainer, task, 0).ensure() is None
    gone.signer.transact(anvil.contracts.registry.call("requestExit", gone.node))
    assert of(trainer, task, 0).ensure() == 0
    assert actions(trainer) == ["freeShard 0", "takeShard 0"]


def test_ensure_of_a_shard_that_the_task_has_not_names_it(trainer: Equipment, task: int) -> None:
    with pytest.raises(ChainFailure, match=f"there is no shard {SHARDS}"):
        of(replace(trainer), task, SHARDS).ensure()
