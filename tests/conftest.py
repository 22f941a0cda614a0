"""What every run of the tests does: write down what it left out, for `scripts/left_out.py` to print at the very end."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from left_out import VARIABLE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Append [reason, tests] for each reason of a skip to the file that the environment names."""
    path = os.environ.get(VARIABLE)
    if path is None:
        return
    reasons: Counter[str] = Counter()
    for report in terminalreporter.stats.get("skipped", []):
        # Of a skip, pytest keeps (file, line, "Skipped: reason").
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[text.removeprefix("Skipped: ")] += 1
    with Path(path).open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(entry) + "\n" for entry in reasons.items())
