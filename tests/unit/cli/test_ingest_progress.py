"""An ingestion on a screen, and in a log."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from anomalyhive.cli import ingest_progress
from anomalyhive.cli.ingest_progress import Bar


def shown(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> str:
    """What is written while blocks 10 to 19 are read: the first three there before, 14 again after a reorganisation."""
    written = io.StringIO()
    console = Console(file=written, force_terminal=terminal, width=100, color_system=None, legacy_windows=False)
    monkeypatch.setattr(ingest_progress, "out", console)
    with Bar(range(10, 20)) as bar:
        bar.resumed(13)
        for number in (13, 14):
            bar.read(number)
        bar.rolled_back(13)
        for number in range(14, 20):
            bar.read(number)
        bar.quarantined(19, ("header hash: \x1b[31mred", "value: none"))
    return written.getvalue()


def test_bar_on_a_terminal_ends_with_all_blocks_read(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(monkeypatch, terminal=True)
    assert re.findall("([0-9]+)/10", said)[-1] == "10"
    assert "going on at block 13" in said


def test_bar_in_a_log_is_none_and_what_is_out_of_the_ordinary_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    said = shown(monkeypatch, terminal=False)
    assert "10/10" not in said
    assert [line.strip() for line in said.splitlines() if line.strip()] == [
        "going on at block 13",
        "the chain was reorganised above block 13: reading on from there",
        "block 19 is quarantined: header hash: \\x1b[31mred; value: none",
    ]
