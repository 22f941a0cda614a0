"""Commands of two words beside those of one."""

from __future__ import annotations

from pathlib import Path

import pytest
import typer
import typer.main

from anomalyhive import cli
from anomalyhive.cli import app
from anomalyhive.cli.words import TwoWords


def heard(arguments: list[str]) -> list[str]:
    """What a small program with "look" and "look closer" makes of its arguments."""
    said: list[str] = []
    small = typer.Typer(cls=TwoWords, add_completion=False)

    @small.command()
    def look(at: str, far: bool = False) -> None:
        said.append(f"look at {at} far {far}")

    @small.command(name="look closer")
    def look_closer(at: str) -> None:
        said.append(f"closer at {at}")

    small(arguments, standalone_mode=False)
    return said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["look", "moon"], "look at moon far False"),
        (["look", "--far", "moon"], "look at moon far True"),
        (["look", "closer", "moon"], "closer at moon"),
        (["look", "./closer"], "look at ./closer far False"),
        (["look", "--far", "closer"], "look at closer far True"),
    ],
)
def test_two_words_name_the_longer_command_and_one_word_the_shorter(arguments: list[str], said: str) -> None:
    assert heard(arguments) == [said]


def test_audit_and_verify_report_are_both_commands() -> None:
    names = typer.main.get_command(app).commands.keys()  # type: ignore[attr-defined]  # a group
    assert {"audit", "audit verify-report"} <= names


def test_audit_of_a_folder_as_before_is_not_taken_for_another_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["audit", str(tmp_path / "no run")]) == 2
    assert "no run" in capsys.readouterr().err


def test_verify_report_that_is_misused_points_to_its_own_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["audit", "verify-report"]) == 2
    assert "see anomalyhive audit verify-report --help" in capsys.readouterr().err
