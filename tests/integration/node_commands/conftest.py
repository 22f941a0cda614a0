"""One chain for all tests of a module: what a test does on it is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from adversaries import Dicing, Uncommitted

from anomalyhive.chain.localchain import LocalChain
from anomalyhive.chain.views import Phase
from anomalyhive.node import keystore
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import Validator

from .hives import Command, Hive, Made, deployed
from .playing import Play, begin
from .watching import Watched, sponsor_of, undone, watch


@pytest.fixture(scope="module")
def bare_hive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hive]:
    """A hive on Anvil without a task."""
    folder = tmp_path_factory.mktemp("hive")
    with LocalChain("anvil", folder / "chain") as chain:
        yield deployed(chain, folder)


@pytest.fixture
def hive(bare_hive: Hive) -> Iterator[Hive]:
    """The same; what happens on it is taken back."""
    with bare_hive.undone():
        yield bare_hive


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are encrypted in the form of wallets, but cheaply."""
    monkeypatch.setattr(keystore, "COST", 1 << 10)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command."""
    return Command(capsys, monkeypatch)


@pytest.fixture(scope="module")
def played(bare_hive: Hive, tmp_path_factory: pytest.TempPathFactory) -> Play:
    """One round is final: trainer 1 committed to another vector than its own, validator 2 threw dice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keystore, "COST", 1 << 10)
        play = begin(bare_hive, tmp_path_factory.mktemp("nodes"))
        view = play.round((Trainer, Uncommitted, Validator, Validator, Dicing))
    assert view.phase is Phase.FINAL
    return play


@pytest.fixture
def play(played: Play) -> Iterator[Play]:
    """The same; what happens on the chain and in the settings is taken back."""
    settings = {made.folder.config: made.folder.config.read_bytes() for made in played.nodes}
    with played.hive.undone():
        yield played
    for path, content in settings.items():
        path.write_bytes(content)


@pytest.fixture(scope="module")
def staffed(played: Play, tmp_path_factory: pytest.TempPathFactory) -> Watched:
    """A feed with two monitors at their posts."""
    return watch(played, tmp_path_factory.mktemp("monitors"))


@pytest.fixture
def watched(staffed: Watched) -> Iterator[Watched]:
    """The same; what happens meanwhile is taken back."""
    with undone(staffed):
        yield staffed


@pytest.fixture
def sponsor(command: Command, watched: Watched, tmp_path: Path) -> Made:
    """The home of the task's sponsor."""
    return sponsor_of(command, watched.play, tmp_path)
