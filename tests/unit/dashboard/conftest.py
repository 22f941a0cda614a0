"""A chain of the dashboard's own tests: they take blocks back and stop it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.unit.chain.conftest import Place, settle_in

from anomalyhive.chain.localchain import LocalChain

from .rounds import Crew
from .serving import Served, served, until


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The contracts on an Anvil that no other module uses."""
    with LocalChain("anvil", tmp_path_factory.mktemp("anvil")) as chain:
        yield settle_in(chain)


@pytest.fixture(scope="module")
def crew(place: Place) -> Crew:
    """A task with one final round."""
    made = Crew.at(place)
    made.play(bytes([100, 0]))
    return made


@pytest.fixture(scope="module")
def running(place: Place, crew: Crew) -> Iterator[Served]:
    """A dashboard of a live hive."""
    with served(rpc=place.chain.url, hive=place.contracts.hive.address) as one:
        until(lambda: one.board.latest.connected and one.board.latest.gas)
        assert crew.task == one.board.latest.task
        yield one
