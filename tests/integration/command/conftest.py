"""What the tests of the command share: runs are dear, so each is made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .command import Warm, anomalyhive, federate

ROUNDS = 2


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """Runs commands quickly."""
    process = Warm(tmp_path_factory.mktemp("warm"))
    yield process
    process.close()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an undisturbed run of three nodes, two validators and two rounds; its report is beside it."""
    run = tmp_path_factory.mktemp("finished") / "run"
    anomalyhive(run.parent, *federate(run, "--json", run.parent / "copy.json", nodes=3, rounds=ROUNDS)).succeeded()
    return run
