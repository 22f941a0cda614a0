"""A run on the screen, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from anomalyhive.cli.progress import Screen
from anomalyhive.cli.summary import show_audit, show_next
from anomalyhive.federation.counting import Step
from anomalyhive.federation.settings import Settings

RECORD: dict[str, Any] = {
    "round": 7,
    "weights": "ab" * 32,
    "model": "cd" * 32,
    "updates": 3,
    "accepted": 2,
    "average_precision": None,
    "roc_auc": 0.5,
    "gas": 1234567,
    "seconds": 1.25,
    "rejected": [{"shard": 1, "node": "trainer-1", "reason": "malformed: [/oops] \x1b[2J"}],
    "unpaid": [{"seat": 0, "node": "validator-0", "reason": "[bold]"}],
}


def test_round_done_prints_a_line_and_every_reason_as_it_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    with Screen(20) as screen:
        screen.round_done(RECORD)
        screen.round_done({**RECORD, "round": 8, "rejected": [], "unpaid": []})
        screen.round_cancelled({"round": 9, "updates": 1, "rejected": []})
    header, first, rejected, unpaid, second, cancelled = capsys.readouterr().out.splitlines()
    assert header.split() == ["round", "weights", "accepted", "avg", "precision", "ROC-AUC", "gas", "seconds"]
    assert first.split() == ["7", "abababababab", "2/3", "-", "0.5000", "1,234,567", "1.2"]
    assert rejected == r"round 7: trainer-1 rejected: malformed: [/oops] \x1b[2J"
    assert unpaid == "round 7: validator-0 unpaid: [bold]"
    assert second.split()[0] == "8"
    assert cancelled.startswith("round 9 was cancelled with 1 updates")


def test_counting_is_one_line_where_nobody_looks_and_a_bar_where_somebody_does(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = [Step(1, 2, 0, 5000), Step(1, 2, 3000, 5000), Step(2, 2, 5000, 5000)]
    with Screen(20) as screen:
        for step in steps:
            screen.counting(step)
        screen.stage("joining")
    assert capsys.readouterr().out.splitlines() == ["· counting 5,000 transactions in 2 chunks", "· joining"]
    terminal = Console(force_terminal=True, width=100, highlight=False)
    for module in ("counting_progress", "progress", "console"):
        monkeypatch.setattr(f"anomalyhive.cli.{module}.out", terminal)
    with Screen(20) as screen:
        for step in steps:
            screen.counting(step)
        screen.stage("joining")
    said = capsys.readouterr().out
    assert "chunk 2 of 2" in said
    assert "5000/5000" in said


def test_show_audit_of_failures_names_them_and_their_number(capsys: pytest.CaptureFixture[str]) -> None:
    failures = [f"block [{i}/]" for i in range(12)]
    checks = [
        {"name": "blocks", "title": "blocks are there", "count": 1234, "failures": failures},
        {"name": "sums", "title": "sums are right", "count": 5, "failures": []},
    ]
    show_audit({"holds": False, "checks": checks})
    said = capsys.readouterr().out
    assert "blocks: block [9/]" in said
    assert "block [10/]" not in said
    assert "and 2 more" in said
    assert said.rstrip().endswith("The lineage does not hold.")
    show_audit({"holds": True, "checks": checks[1:]})
    assert capsys.readouterr().out.rstrip().endswith("The lineage holds.")


def test_show_audit_of_check_with_nothing_to_look_at_does_not_say_yes(capsys: pytest.CaptureFixture[str]) -> None:
    checks = [
        {"name": "sums", "title": "sums are right", "count": 5, "failures": []},
        {"name": "state", "title": "values are held", "count": 0, "failures": []},
    ]
    show_audit({"holds": True, "checks": checks})
    rows = {line.split()[1]: line.split()[0] for line in capsys.readouterr().out.splitlines() if " are " in line}
    assert rows == {"sums": "yes", "values": "-"}


def test_show_next_gives_commands_that_a_shell_takes_as_they_are(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(data=str(tmp_path / "my [/b] data.csv"), label="FLAG", nodes=2, rounds=2, missing=0)
    show_next(tmp_path / "a run", settings)
    said = capsys.readouterr().out
    assert "Everything of this run is in a run\n" in said
    assert "audit 'a run'\n" in said
    assert "score --run 'a run' --data 'my [/b] data.csv' --missing 0 --out scores.csv\n" in said
