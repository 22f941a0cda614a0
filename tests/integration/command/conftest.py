"""What the tests of the command share: runs are dear, so each is made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from anomalyhive.audit import opened_chain
from anomalyhive.chain.localchain import choose_port, stop_orphans
from anomalyhive.federation.progress import Progress

from .chains import blocks
from .command import Warm, anomalyhive, federate, left_running

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
    anomalyhive(*federate(run, "--json", run.parent / "copy.json", nodes=3, rounds=ROUNDS)).succeeded()
    return run


@dataclass(frozen=True)
class Founded:
    """The folder of a run that was killed right after its founding, and the number of its latest block."""

    run: Path
    block: int

    def copy(self, to: Path) -> Path:
        """A run of one's own that stands there."""
        shutil.copytree(self.run, to)
        return to


@pytest.fixture(scope="session")
def founded(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Founded:
    """A run of two nodes and two validators, killed once while it was founded and once when it had been."""
    run = tmp_path_factory.mktemp("founded") / "run"
    port = choose_port(None)
    arguments = federate(run, "--port", port)
    with warm.start(*arguments) as first:
        first.until(lambda: blocks(f"http://127.0.0.1:{port}") >= 10)
        first.kill()
    assert left_running(first.mark), "nobody was there to end the chain"
    with warm.start(*arguments) as second:
        second.until((run / "progress.json").is_file)
        second.kill()
    assert not left_running(first.mark)
    stop_orphans(run / "chain")
    assert Progress.read(run / "progress.json") == Progress(1)
    with opened_chain(run) as web3:
        return Founded(run, web3.eth.block_number)


@pytest.fixture(scope="session")
def halfway(warm: Warm, founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same run, killed when its first round had become final."""
    run = founded.copy(tmp_path_factory.mktemp("halfway") / "run")
    with warm.start(*federate(run)) as running:
        running.until(lambda: Progress.read(run / "progress.json").rounds)
        running.kill()
    stop_orphans(run / "chain")
    return run
