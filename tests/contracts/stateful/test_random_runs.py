"""Random actors and a random clock, on the contracts and on a plain model of the protocol: both do the same.

In each run honest, absent, greedy and malicious nodes, owners who come and go, sponsors and strangers act on several
tasks at once, at any second, those of the deadlines above all. The model (`reference/`) says of each call what it
logs, or with which error and values it is refused; the contracts must do just that. At the end of a run every view,
every slot of storage and every token is compared, the state is rebuilt from the logs alone, and everybody leaves with
what is theirs.

The runs are the same each time. For longer ones, which are not:

    ANOMALYHIVE_STATEFUL_RUNS=500 .venv/bin/python -m pytest -s tests/contracts/stateful

`-s` shows how often each kind of actor succeeded with each function and how often it was refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import brownie
import pytest
from arena.batches import relay
from arena.cast import Cast, cast_of, settle
from arena.chain import Chain, Contract
from arena.checks import check_everybody_gets_away, check_everything
from arena.counts import Counts
from arena.dice import Dice
from arena.honest import claim, take_turn, whole_round
from arena.hostile import GREEDY, MALICIOUS, Moves, make_trouble
from arena.owners import NODES, SLOTS, SPONSORS
from arena.rebuild import rebuild
from arena.world import World
from hypothesis import HealthCheck, Verbosity, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from reference.model import Model

from anomalyhive.chain.views import Phase
from rehearsal import Rehearsal

RUNS_VARIABLE = "ANOMALYHIVE_STATEFUL_RUNS"
RUNS, STEPS = 50, 70

DATA = st.data()


@pytest.fixture
def stage(deployed: Rehearsal, accounts: Any) -> tuple[World, Cast]:
    """A hive with seven nodes and two tasks, from which each run starts."""
    parts = {"token": deployed.token, "registry": deployed.registry, "hive": deployed.hive}
    contracts = {name: Contract(one.address, one.abi) for name, one in parts.items()}
    chain = Chain(brownie.web3.provider.endpoint_uri, contracts)
    chain.read_past()
    model = Model(deployed.hive.address, deployed.registry.address, rebuild(chain.logs))
    cast = cast_of([one.address for one in accounts[:25]])
    world = World(chain, model, int(chain.block()["timestamp"], 16), Counts(), cast.keys)
    settle(world, cast)
    return world, cast


class Runs(RuleBasedStateMachine):
    """One run. Rules of the same kind are there several times over: Hypothesis draws them alike."""

    stage: tuple[World, Cast]

    def __init__(self) -> None:
        super().__init__()
        start, self.cast = self.stage
        self.world = start.copy()
        self.world.tell = note
        self.snapshot = self.world.chain.request("evm_snapshot")

    @rule(data=DATA)
    def one_turn(self, data: Any) -> None:
        self._turn(Dice(data), 0)

    @rule(data=DATA)
    def everybody(self, data: Any) -> None:
        self._turn(Dice(data), 20)

    @rule(data=DATA)
    def half_of_them(self, data: Any) -> None:
        self._turn(Dice(data), 2)

    @rule(data=DATA)
    def whole_round(self, data: Any) -> None:
        dice = Dice(data)
        task = self._task(dice)
        whole_round(self.world, dice, task, lambda: None)

    @rule(data=DATA)
    def troubled_round(self, data: Any) -> None:
        dice = Dice(data)
        task = self._task(dice)

        def between() -> None:
            make_trouble(self.world, dice, self.cast, dice.one([GREEDY, MALICIOUS]), task)

        whole_round(self.world, dice, task, between)

    @rule(data=DATA)
    def claims(self, data: Any) -> None:
        dice = Dice(data)
        claim(self.world, dice, 1 + dice.below(len(self.world.state.nodes)))

    @rule(data=DATA)
    def batch(self, data: Any) -> None:
        dice, world = Dice(data), self.world
        relay(world, dice, self.cast, dice.one(world.tasks_in(Phase.TRAIN) or list(world.state.tasks)))

    @rule(data=DATA)
    def greed(self, data: Any) -> None:
        self._trouble(Dice(data), GREEDY)

    @rule(data=DATA)
    def malice(self, data: Any) -> None:
        self._trouble(Dice(data), MALICIOUS)

    @rule(data=DATA)
    def nodes(self, data: Any) -> None:
        self._some_of(NODES, data)

    @rule(data=DATA)
    def slots(self, data: Any) -> None:
        self._some_of(SLOTS, data)

    @rule(data=DATA)
    def sponsors(self, data: Any) -> None:
        self._some_of(SPONSORS, data)

    @rule(data=DATA)
    def time_passes(self, data: Any) -> None:
        """To a deadline, the second before or the second after; or any other few seconds."""
        dice, world = Dice(data), self.world
        deadlines = sorted({world.phase(task)[1] for task in world.state.tasks} - {0})
        target = dice.one([*deadlines, world.at + 30]) - 1 + dice.below(3)
        world.wait_until(target, mine=dice.luck(3))

    def _task(self, dice: Dice) -> int:
        return dice.one(list(self.world.state.tasks))

    def _turn(self, dice: Dice, n_absent: int) -> None:
        take_turn(self.world, dice, self._task(dice), n_absent)

    def _trouble(self, dice: Dice, moves: Moves) -> None:
        for task in self._task(dice), self._task(dice):
            make_trouble(self.world, dice, self.cast, moves, task)

    def _some_of(self, moves: Sequence[Callable[[World, Dice, Cast], None]], data: Any) -> None:
        dice = Dice(data)
        for _ in range(3):
            dice.one(moves)(self.world, dice, self.cast)

    def teardown(self) -> None:
        try:
            if not self.world.broken:
                check_everything(self.world)
                check_everybody_gets_away(self.world, self.cast)
                check_everything(self.world)
        finally:
            self.world.chain.request("evm_revert", self.snapshot)


def test_contracts_do_what_the_model_says_in_random_runs(stage: tuple[World, Cast]) -> None:
    Runs.stage = stage
    wanted = os.environ.get(RUNS_VARIABLE)
    runs = int(wanted) if wanted else RUNS
    run_state_machine_as_test(
        Runs,
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            derandomize=not wanted,
            deadline=None,
            database=None,
            print_blob=True,
            verbosity=Verbosity.normal,
            suppress_health_check=HealthCheck.all(),
        ),
    )
    world, _ = stage
    print(world.counts.summary())
    # Fewer runs may miss something.
    assert runs < RUNS or not (left := world.counts.missing(world.chain.contracts)), f"never seen: {left}"
