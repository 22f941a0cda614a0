"""A validator that is told to rest after it committed: it still reveals and attests, for it would be slashed."""

from __future__ import annotations

from pathlib import Path
from threading import Event

from anomalyhive.chain.views import Phase, Role
from anomalyhive.node.loop import Loop

from .conftest import ROUNDS
from .inside import at_once, duties, equipped
from .settling import ROLES, opened


def test_validator_that_rests_ends_what_it_has_begun_and_begins_no_other_round(ground: Path, tmp_path: Path) -> None:
    with opened(ground, tmp_path, ROUNDS) as hive:
        at_once(hive)
        resting: set[Role] = set()

        def rest() -> frozenset[Role]:
            return frozenset(resting)

        loops = {one.name: Loop(equipped(hive, one), duties(hive, one, paused=rest)) for one in hive.nodes}
        stop = Event()
        client, seats = hive.contracts.hive, sum(ROLES[one.name] is Role.VALIDATE for one in hive.nodes)

        def turned(until: Phase, round_: int) -> bool:
            latest = client.task(hive.task).latest_round
            if latest >= round_ and client.phase(hive.task, round_)[0] >= until:
                return True
            for loop in loops.values():
                loop.turn(stop)
            return False

        hive.wait(lambda: turned(Phase.REVEAL, 1))
        resting.add(Role.VALIDATE)
        hive.wait(lambda: turned(Phase.FINAL, 1))
        first = client.round(hive.task, 1)
        assert (first.phase, len(first.reveals)) == (Phase.FINAL, seats)
        hive.wait(lambda: turned(Phase.JUDGE, 2))
        # The trainers publish what there is to judge.
        for loop in loops.values():
            loop.turn(stop)
        loops["validator"].turn(stop)
        assert client.round(hive.task, 2).committed == {}
        resting.clear()
        loops["validator"].turn(stop)
        assert len(client.round(hive.task, 2).committed) == seats
