"""A feed on Anvil, made once and given back to each test as it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.unit.chain.conftest import Place
from tests.unit.chain.conftest import anvil as anvil
from tests.unit.chain.feeds import Watched, watch

from anomalyhive.chain.rpc import request

from .posts import Desk, desk


@pytest.fixture(scope="session")
def ground(anvil: Place) -> Watched:
    """A funded feed whose posts are free."""
    return watch(anvil)


@pytest.fixture
def monitor(ground: Watched, tmp_path: Path) -> Iterator[Desk]:
    """A monitor without a post; the chain is what it was afterwards."""
    web3 = ground.place.web3
    snapshot = request(web3, "evm_snapshot", [])
    made = desk(ground, tmp_path)
    yield made
    made.book.close()
    request(web3, "evm_revert", [snapshot])
    for signer in (ground.place.sponsor, *ground.validators, *ground.monitors):
        signer._nonce = None
