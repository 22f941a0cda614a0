"""A hive on Anvil for each module of contract tests, with everybody in it, as it was at the start for every test.

Roles: `sponsor` (holds all tokens, deploys, pays), five `trainers`, three `validators` (nodes with an owner key and an
operator key each) and a `stranger` who is nobody's. `task` is a task of `rehearsal.BASE` with all of them in their
slots. Nothing runs twice: contracts and nodes are set up once a module, and each test starts from that snapshot.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

import brownie
import pytest
from clock import Clock
from dues import UPDATE, VERDICT
from play import Play
from signing import Desk
from slot import MINE, Slot

from anomalyhive.chain.localchain import BLOCK_GAS_LIMIT, choose_port
from rehearsal import TRAIN, VALIDATE, Node, Rehearsal, impatient

PORT_VARIABLE = "ANOMALYHIVE_TEST_PORT"

ACCOUNTS = 60
TRAINERS, VALIDATORS = 5, 3


def pytest_configure(config: pytest.Config) -> None:
    """Anvil on a port of its own, whatever networks the user of this machine has told Brownie of.

    So runs side by side do not meet on 8545, and a Brownie that knows another "development" chain does not matter.
    """
    # Brownie warns of its own calls to its own chain.
    config.addinivalue_line("filterwarnings", "ignore:rpc\\..* should not be called directly:FutureWarning")
    wanted = os.environ.get(PORT_VARIABLE)
    # Not imported by name: Brownie reads what a conftest imports as text, and this module is a binary.
    brownie._config.CONFIG.networks["development"] = {
        "name": "Anvil",
        "id": "development",
        "cmd": "anvil",
        "host": "http://127.0.0.1",
        "cmd_settings": {
            "port": choose_port(int(wanted) if wanted else None),
            "gas_limit": BLOCK_GAS_LIMIT,
            "accounts": ACCOUNTS,
            "base_fee": 0,
        },
    }


@pytest.fixture(scope="session", autouse=True)
def _collected_once() -> None:
    """Brownie collects garbage at every test's end: the syntax trees of all contracts need not be looked through."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _impatient() -> Iterator[None]:
    """Brownie waits for a receipt in milliseconds, and gives no transaction up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(brownie.network.transaction, "time", impatient())
        yield


@pytest.fixture(autouse=True)
def _isolation(fn_isolation: None) -> None:
    """Each test starts from the chain as its module's fixtures left it."""


@pytest.fixture(scope="module")
def deployed(module_isolation: None, HiveToken: Any, NodeRegistry: Any, Hive: Any, accounts: Any) -> Rehearsal:
    """Token, registry and hive. Tests take `rehearsal`, whose record of the nodes is as isolated as the chain."""
    return Rehearsal((HiveToken, NodeRegistry, Hive), list(accounts))


@pytest.fixture(scope="module")
def trainers(deployed: Rehearsal) -> Sequence[Node]:
    """Nodes 1 to 5, which only train."""
    return [deployed.register(TRAIN) for _ in range(TRAINERS)]


@pytest.fixture(scope="module")
def validators(deployed: Rehearsal, trainers: Sequence[Node]) -> Sequence[Node]:
    """Nodes 6 to 8, which only validate."""
    return [deployed.register(VALIDATE) for _ in range(VALIDATORS)]


@pytest.fixture(scope="module")
def task(deployed: Rehearsal, trainers: Sequence[Node], validators: Sequence[Node]) -> int:
    """A task in which trainer i holds shard i and validator i seat i, with escrow for ten rounds."""
    number = deployed.create()
    deployed.settle_in(number, trainers, validators)
    return number


@pytest.fixture
def rehearsal(deployed: Rehearsal) -> Rehearsal:
    """The hive as the module's fixtures left it: nodes that another test registered are not in it."""
    own = copy(deployed)
    own.nodes, own.spare = list(deployed.nodes), copy(deployed.spare)
    return own


@pytest.fixture(scope="module")
def token(deployed: Rehearsal) -> Any:
    """The HiveToken contract."""
    return deployed.token


@pytest.fixture(scope="module")
def registry(deployed: Rehearsal) -> Any:
    """The NodeRegistry contract."""
    return deployed.registry


@pytest.fixture(scope="module")
def hive(deployed: Rehearsal) -> Any:
    """The Hive contract."""
    return deployed.hive


@pytest.fixture(scope="module")
def rules(hive: Any, TaskRules: Any) -> Any:
    """The TaskRules contract."""
    return TaskRules.at(hive.taskRules())


@pytest.fixture(scope="module")
def sponsor(deployed: Rehearsal) -> Any:
    """The account that deployed everything, holds all tokens, and creates the tasks."""
    return deployed.sponsor


@pytest.fixture(scope="module")
def stranger(accounts: Any) -> Any:
    """An account without a node, a task or a token."""
    return accounts[ACCOUNTS - 1]


@pytest.fixture
def clock() -> Clock:
    """The chain's time, to the second."""
    return Clock(brownie.web3)


@pytest.fixture
def node(rehearsal: Rehearsal) -> Node:
    """A node that trains and validates, with 100 tokens of stake."""
    return rehearsal.register()


@pytest.fixture
def other(rehearsal: Rehearsal, node: Node) -> Node:
    """Somebody else's node."""
    return rehearsal.register()


@pytest.fixture
def fresh(rehearsal: Rehearsal) -> Any:
    """An account that no node has had to do with."""
    return next(rehearsal.spare)


@pytest.fixture
def hive_caller(hive: Any, accounts: Any) -> Any:
    """The hive as a sender: what only it may do is tried here apart from why it would."""
    return accounts.at(hive.address, force=True)


@pytest.fixture
def play(rehearsal: Rehearsal, clock: Clock, trainers: Sequence[Node], validators: Sequence[Node]) -> Play:
    """Rounds of the five trainers and the three validators, in which some may be absent."""
    return Play(rehearsal, clock, trainers, validators)


@pytest.fixture(params=[UPDATE, VERDICT], ids=["shard", "seat"])
def slot(request: pytest.FixtureRequest, hive: Any, task: int) -> Slot:
    """Each test of it runs for a shard and for a seat."""
    return Slot(hive, task, request.param)


@pytest.fixture
def holder(slot: Slot, trainers: Sequence[Node], validators: Sequence[Node]) -> Node:
    """Who holds the slot at the beginning."""
    return (trainers, validators)[slot.kind][MINE]


@pytest.fixture
def heir(slot: Slot, rehearsal: Rehearsal) -> Node:
    """Somebody who can take it next."""
    return rehearsal.register()


@pytest.fixture
def desk(hive: Any, round_: Any, trainers: Sequence[Node], stranger: Any) -> Desk:
    """Signs for the round that a test file has as `round_`; what it submits is sent by a stranger."""
    return Desk(hive, round_, trainers, stranger)
