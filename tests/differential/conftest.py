"""An Anvil with the harness."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Harness

from anomalyhive.chain.localchain import LocalChain


@pytest.fixture(scope="session")
def harness(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """The hive's libraries, callable."""
    folder: Path = tmp_path_factory.mktemp("anvil")
    with LocalChain("anvil", folder) as chain:
        yield Harness(chain.web3)
