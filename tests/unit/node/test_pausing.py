"""Which roles of a node rest: the file that says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.chain.views import Role
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.node.pausing import PAUSED, paused_roles, set_paused


def test_paused_roles_of_a_home_without_the_file_are_none(tmp_path: Path) -> None:
    assert paused_roles(tmp_path) == frozenset()


def test_set_paused_is_found_again_and_resuming_takes_it_back(tmp_path: Path) -> None:
    assert set_paused(tmp_path, Role.TRAIN, True) == {Role.TRAIN}
    assert set_paused(tmp_path, Role.VALIDATE, True) == {Role.TRAIN, Role.VALIDATE}
    assert paused_roles(tmp_path) == {Role.TRAIN, Role.VALIDATE}
    assert (tmp_path / PAUSED).stat().st_mode & 0o077 == 0
    assert set_paused(tmp_path, Role.TRAIN, False) == {Role.VALIDATE}
    assert set_paused(tmp_path, Role.TRAIN, False) == {Role.VALIDATE}
    assert paused_roles(tmp_path) == {Role.VALIDATE}


@pytest.mark.parametrize(
    "text", ["", "{}", '["fly"]', "[1]", "[[]]", '"train"', "[" * 2000, '["train"' + " " * 1024 + "]"]
)
def test_paused_roles_of_a_file_that_says_something_else_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / PAUSED).write_text(text)
    with pytest.raises(BadSetting, match="which roles rest"):
        paused_roles(tmp_path)
    with pytest.raises(BadSetting, match="which roles rest"):
        set_paused(tmp_path, Role.TRAIN, True)
    assert (tmp_path / PAUSED).read_text() == text


def test_set_paused_where_nothing_can_be_written_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / PAUSED).mkdir()
    with pytest.raises((BadSetting, Failure), match=PAUSED):
        set_paused(tmp_path, Role.TRAIN, True)
