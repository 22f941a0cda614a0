"""What a call costs depends on what it is about alone, not on how much else the hive has seen (P8).

The same calls are made on hives of their own that differ in one thing: how many nodes are registered, how many tasks
there are, how many rounds have become final. They must use the same gas, to the unit. A zero byte of calldata is
cheaper than another, so the numbers of tasks, rounds and acting nodes stay below 256, and what depends on them (hashes
and signatures) is chosen without zero bytes.
"""

from __future__ import annotations

from typing import Any

import brownie
import pytest
from clock import Clock
from growth import Grown, Trial

from rehearsal import Rehearsal

SMALL = Grown(nodes=10, tasks=2, finals=3)

GROWN = {
    "nodes": Grown(nodes=300, tasks=2, finals=3),
    "tasks": Grown(nodes=10, tasks=60, finals=3),
    "final rounds": Grown(nodes=10, tasks=2, finals=40),
}


@pytest.fixture(scope="module")
def measure(module_isolation: None, HiveToken: Any, NodeRegistry: Any, Hive: Any, accounts: Any) -> Any:
    """Gas by call, on a new hive of a size."""

    def of(size: Grown) -> dict[str, int]:
        stage = Rehearsal((HiveToken, NodeRegistry, Hive), list(accounts))
        return Trial(stage, Clock(brownie.web3), size).run()

    return of


@pytest.fixture(scope="module")
def small(measure: Any) -> dict[str, int]:
    """Gas by call, where little has been."""
    return measure(SMALL)


def test_every_function_that_changes_state_is_measured(small: dict[str, int], NodeRegistry: Any, Hive: Any) -> None:
    changing = {
        f"{contract._name}.{one['name']}"
        for contract in (NodeRegistry, Hive)
        for one in contract.abi
        if one["type"] == "function" and one["stateMutability"] not in ("view", "pure")
    }
    assert {name.split(" ")[0] for name in small} == changing


@pytest.mark.parametrize("more", GROWN)
def test_gas_of_every_function_is_the_same_whatever_else_the_hive_has_seen(
    measure: Any, small: dict[str, int], more: str
) -> None:
    assert measure(GROWN[more]) == small
