"""The nodes of a federation: what of theirs is open, and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest
from web3 import Web3

from anomalyhive.errors import Failure
from anomalyhive.federation.crew import muster
from anomalyhive.federation.folder import RunFolder


def left_open(folder: Path) -> list[str]:
    """What SQLite has beside journals that are open."""
    return sorted(one.parent.name for one in folder.rglob("journal.sqlite-wal"))


def test_muster_has_journals_open_until_the_end_of_its_block(tmp_path: Path) -> None:
    with muster(RunFolder(tmp_path), Web3(), trainers=2, validators=1) as members:
        assert left_open(tmp_path) == ["trainer-0", "trainer-1", "validator-0"]
        for member in members:
            member.journal.put("rows", member.name.encode())
    assert left_open(tmp_path) == []
    with muster(RunFolder(tmp_path), Web3(), trainers=2, validators=1) as members:
        assert [one.journal.get("rows") for one in members] == [b"trainer-0", b"trainer-1", b"validator-0"]


def test_muster_left_by_a_failure_has_closed_the_journals(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), muster(RunFolder(tmp_path), Web3(), trainers=1, validators=1):
        raise KeyboardInterrupt
    assert left_open(tmp_path) == []


def test_muster_with_a_damaged_key_closes_the_journals_that_it_has_opened(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    with muster(folder, Web3(), trainers=2, validators=0):
        pass
    (folder.node("trainer-1") / "salt.key").write_text("no key")
    with pytest.raises(Failure, match="restore it"), muster(folder, Web3(), trainers=2, validators=0):
        pytest.fail("a damaged key was taken")
    assert left_open(tmp_path) == []
