"""One process for a home and for a key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting, KeyInUse
from anomalyhive.node.locks import STATE_VARIABLE, operators_folder, sole_process

OPERATOR = "0x" + "5A" * 20

OTHER = (
    "import sys; from pathlib import Path; from anomalyhive.node.locks import sole_process\n"
    "with sole_process(Path(sys.argv[1]), sys.argv[2]): print('got it', flush=True); sys.stdin.read()"
)


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))


@pytest.mark.parametrize(
    ("home", "operator", "words"), [("one", "0x" + "11" * 20, "the home"), ("two", OPERATOR.lower(), "for 0x5a")]
)
def test_sole_process_of_a_home_or_a_key_in_use_is_refused_until_the_other_is_killed(
    tmp_path: Path, home: str, operator: str, words: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER, str(tmp_path / "one"), OPERATOR],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "got it\n"
        with pytest.raises(KeyInUse, match=words), sole_process(tmp_path / home, operator):
            pass
        other.kill()
    with sole_process(tmp_path / home, operator):
        pass


def test_operators_folder_of_a_relative_variable_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STATE_VARIABLE, "here")
    assert operators_folder() == Path.home() / ".local" / "state" / "anomalyhive" / "operators"


def test_sole_process_where_no_lock_can_be_made_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(BadSetting, match=r"home/\.lock"), sole_process(tmp_path / "home", OPERATOR):
        pass
