"""A journal in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from anomalyhive.errors import Failure
from anomalyhive.node.journal import FileJournal


def test_journal_reopened_has_what_was_put(tmp_path: Path) -> None:
    journal = FileJournal(tmp_path / "journal.sqlite")
    journal.put("verdict/1/1", b"first")
    journal.put("verdict/1/1", b"second")
    # No close: a kill closes nothing either.
    again = FileJournal(tmp_path / "journal.sqlite")
    assert again.get("verdict/1/1") == b"second"
    assert again.get("verdict/1/2") is None


def test_journal_of_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"this is no database" * 100)
    with pytest.raises(Failure, match="journal"):
        FileJournal(tmp_path / "journal.sqlite")
