"""One chain for all tests of a module: what a test does on it is taken back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from anomalyhive.chain.localchain import LocalChain
from anomalyhive.node import keystore

from .hives import Command, Hive, deployed


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
