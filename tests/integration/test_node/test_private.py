"""A private task: every node has rows that no other one sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

from federations import accounts, summed

from anomalyhive.federation.founding import create_funded, publish_spec, task_config
from anomalyhive.federation.rows import share_out
from anomalyhive.node.loop import Loop
from anomalyhive.tables.csvwriting import write_table

from .conftest import ROUNDS
from .inside import at_once, duties, equipped
from .settling import SMALL, opened

PRIVATE = accounts(nodes=2, validators=1, rounds=1, params=SMALL, private=True)


def test_nodes_of_a_private_task_learn_from_their_own_files_and_publish_no_row(ground: Path, tmp_path: Path) -> None:
    shared = share_out(PRIVATE)
    with opened(ground, tmp_path / "hive", ROUNDS) as hive:
        at_once(hive)
        config = replace(task_config(PRIVATE), min_updates=2)
        hive.task = create_funded(hive.contracts, hive.sponsor, config, publish_spec(PRIVATE, shared, hive.store))
        tables = {"trainer-0": shared.shards[0], "trainer-1": shared.shards[1], "validator": shared.own[0]}
        loops = []
        for one in hive.nodes:
            file = tmp_path / f"{one.name}.csv"
            if one.name in tables:
                write_table(tables[one.name], file, PRIVATE.label, PRIVATE.id)
            # Who has which file is known beforehand here, so the shards are, too.
            shard = {"trainer-0": 0, "trainer-1": 1}.get(one.name)
            loops.append(Loop(equipped(hive, one), duties(hive, one, rows=file, shard=shard)))

        def over() -> bool:
            for loop in loops:
                loop.turn(Event())
            return hive.finals() == 1

        before = set(hive.store.digests())
        hive.wait(over)
        assert hive.weights() == summed(PRIVATE)
        published = [hive.store.get(*link) for link in set(hive.store.digests()) - before]
        ids = [name.encode() for table in tables.values() for name in table.ids or ()]
        assert ids
        assert not any(name in block for name in ids for block in published)
