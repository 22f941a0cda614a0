"""What tests leave out is said at the end: from the hook of tests/conftest.py to the lines of scripts/left_out.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import left_out

ROOT = Path(__file__).parents[2]

SOME = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.skipif(True, reason="no daemon here")
def test_of_a_daemon(number): ...

def test_that_looks_itself():
    pytest.skip("no chain here")

def test_that_runs(): ...
"""


def run(folder: Path, tests: str, said: Path) -> None:
    """A run of pytest over one file, with the hook."""
    (folder / "test_some.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:pytest-brownie", "-p", "tests.conftest", "test_some.py"]
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "scripts", ROOT / "offchain")))
    environment = {**os.environ, left_out.VARIABLE: str(said), "PYTHONPATH": paths}
    subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True)


def test_left_out_names_each_reason_of_several_runs_with_its_number_of_tests(tmp_path: Path) -> None:
    said = tmp_path / "left-out"
    for _ in range(2):
        run(tmp_path, SOME, said)
    assert left_out.said(said) == [
        "left out, 6 in all:",
        "  2 tests: no chain here",
        "  4 tests: no daemon here",
    ]


def test_left_out_of_a_run_that_skipped_nothing_says_so(tmp_path: Path) -> None:
    run(tmp_path, "def test_that_runs(): ...", tmp_path / "left-out")
    assert left_out.said(tmp_path / "left-out") == ["nothing was left out"]


def test_left_out_without_a_file_named_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(left_out.VARIABLE, raising=False)
    assert left_out.main() == 2
    assert left_out.VARIABLE in capsys.readouterr().err
