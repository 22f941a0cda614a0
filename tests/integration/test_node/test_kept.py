"""Nodes with a Kubo daemon each: what was published at one is kept at the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from tests.outside import ipfs_program, needs_kubo

from anomalyhive.chain.views import Role
from anomalyhive.content.cid import Codec
from anomalyhive.content.kinds import Model
from anomalyhive.content.walk import walk
from anomalyhive.errors import BadSetting
from anomalyhive.node.loop import Loop
from wild.swarm import Swarm

from .conftest import ROUNDS
from .inside import at_once, duties, equipped
from .settling import ROLES, opened


@needs_kubo
def test_validator_keeps_what_trainers_at_another_daemon_published_whatever_is_collected(
    ground: Path, tmp_path: Path
) -> None:
    with (
        opened(ground, tmp_path / "hive", ROUNDS) as hive,
        Swarm(tmp_path / "swarm", 2, ipfs_program()) as (there, here),
    ):
        at_once(hive)
        # Raw blocks before the roots that link them.
        for link in sorted(hive.store.digests(), key=lambda one: one.codec):
            block = hive.store.get(*link)
            there.store().put_raw(block) if link.codec is Codec.RAW else there.store().put_root(block)
        loops = []
        for one in hive.nodes:
            at = here if ROLES[one.name] is Role.VALIDATE else there
            loops.append(Loop(replace(equipped(hive, one), store=at.store()), duties(hive, one)))

        def over() -> bool:
            for loop in loops:
                loop.turn(Event())
            return hive.finals() == 1

        hive.wait(over)
        loops[2].turn(Event())
        there.stop()
        here.collect_garbage()
        view = hive.contracts.hive.round(hive.task, 1)
        roots = [view.model, *(one.digest for one in view.submissions.values()), view.reveals[0].digest]
        # Everything from the model down to the rows, from this daemon alone.
        assert len(list(walk(here.store(timeout=1), roots))) > len(roots)
        assert Model.fetch(here.store(timeout=1), view.model).round == 1


def test_loop_that_should_keep_less_than_a_directory_does_is_refused(ground: Path, tmp_path: Path) -> None:
    with opened(ground, tmp_path, ROUNDS) as hive, pytest.raises(BadSetting, match="keep_models is 3"):
        Loop(equipped(hive, hive.nodes[0]), duties(hive, hive.nodes[0], keep_models=3))
