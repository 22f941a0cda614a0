"""A feed of a task with one final round, with monitors at three of its four posts, and money in escrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import brownie
import pytest
from clock import Clock
from watch import FUNDS, MONITOR, MONITORS, Watch

from anomalyhive.chain.views import Phase
from rehearsal import Node, Rehearsal


@pytest.fixture(scope="module")
def monitors(deployed: Rehearsal, validators: Sequence[Node]) -> Sequence[Node]:
    """Nodes 9 to 13, which only monitor."""
    return [deployed.register(MONITOR) for _ in range(MONITORS)]


@pytest.fixture(scope="module")
def watched(deployed: Rehearsal, task: int) -> int:
    """The task after its first final round: the seats have been held since before it."""
    deployed.reach(task, Phase.FINAL)
    return task


@pytest.fixture(scope="module")
def empty(deployed: Rehearsal, watched: int, monitors: Sequence[Node], AlertFeed: Any) -> Watch:
    """A feed as it is deployed: nobody at its posts, nothing in its escrow."""
    return Watch(AlertFeed, deployed, watched, monitors, Clock(brownie.web3))


@pytest.fixture(scope="module")
def manned(deployed: Rehearsal, watched: int, monitors: Sequence[Node], AlertFeed: Any) -> Watch:
    """Monitors 0 to 2 at their posts, post 3 free, `FUNDS` in escrow."""
    watch = Watch(AlertFeed, deployed, watched, monitors, Clock(brownie.web3))
    watch.man(range(3))
    watch.feed.fund(FUNDS, watch.anyone)
    return watch


@pytest.fixture
def watch(manned: Watch) -> Iterator[Watch]:
    """The manned feed. Whatever a test has done with it, it holds what it owes (P16)."""
    yield manned
    assert manned.surplus() == 0
