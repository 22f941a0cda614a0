"""What the contracts owe, from their views alone: property P1 says that they hold it, to the last unit."""

from __future__ import annotations

from typing import Any

from stages import task_view, view

from anomalyhive.chain.views import Phase
from rehearsal import Rehearsal, Round

UPDATE, VERDICT = 0, 1


def surplus(rehearsal: Rehearsal) -> tuple[int, int]:
    """What hive and registry hold beyond escrows, locked rewards, unclaimed rewards and stakes: (0, 0) by P1.

    It knows the terms of present holders; the tests of this folder end none that has something to be paid.
    """
    hive, registry, token = rehearsal.hive, rehearsal.registry, rehearsal.token
    owed = sum(_owed_by_task(hive, task) for task in range(1, hive.taskCount() + 1))
    stakes = sum(stake_of(registry, node) for node in range(1, registry.nodeCount() + 1))
    return token.balanceOf(hive) - owed, token.balanceOf(registry) - stakes


def stake_of(registry: Any, node: int) -> int:
    """The stake on record."""
    return int(registry.node(node)[1])


def unclaimed(hive: Any, task: int, kind: int, index: int) -> int:
    """What the present term of a slot can still claim; nothing where nobody holds it."""
    holder = hive.shard(task, index) if kind == UPDATE else hive.seat(task, index)
    if holder[1] == 0:
        return 0
    rounds = range(holder[3] + 1, task_view(hive, task)["lastFinal"] + 1)
    return sum(int(hive.earned(task, number, kind, index)) for number in rounds)


def _owed_by_task(hive: Any, task: int) -> int:
    seen = task_view(hive, task)
    config = hive.task(task)[7]
    owed = int(seen["escrow"])
    latest = Round(task, seen["latestRound"])
    if view(hive, latest)["phase"] not in (Phase.NONE, Phase.FINAL, Phase.CANCELLED):
        owed += int(config[13])
    owed += sum(unclaimed(hive, task, UPDATE, shard) for shard in range(config[5]))
    return owed + sum(unclaimed(hive, task, VERDICT, seat) for seat in range(config[8]))
