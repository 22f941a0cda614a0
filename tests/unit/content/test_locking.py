from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.content.locking import holding
from anomalyhive.errors import BadSetting, KeyInUse


def test_holding_of_a_held_lock_raises_the_refusal_until_it_is_let_go(tmp_path: Path) -> None:
    lock, refusal = tmp_path / "new" / ".lock", KeyInUse("somebody has it")
    with holding(lock, refusal), pytest.raises(KeyInUse, match="somebody has it"), holding(lock, refusal):
        pass
    with holding(lock, refusal):
        pass


def test_holding_where_no_folder_can_be_made_names_the_lock(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match=r"file/\.lock"), holding(tmp_path / "file" / ".lock", KeyInUse("")):
        pass


def test_holding_lets_a_failure_of_what_is_done_under_it_pass(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), holding(tmp_path / ".lock", KeyInUse("")):
        (tmp_path / "missing").read_bytes()
    with holding(tmp_path / ".lock", KeyInUse("")):
        pass
