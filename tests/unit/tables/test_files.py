"""write_text: all or nothing."""

from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting, StoreUnusable
from anomalyhive.tables.files import write_text


def test_text_replaces_a_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    write_text(path, "a\r\nü")
    assert path.read_bytes() == "a\r\nü".encode()
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_text(tmp_path / "out.csv", "x")
    assert (tmp_path / "out.csv").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_missing_folder_and_folder_itself_are_bad_settings(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="no does not exist: create it"):
        write_text(tmp_path / "no" / "out.csv", "x")
    with pytest.raises(BadSetting, match="is a directory: name a file"):
        write_text(tmp_path, "x")


def test_disk_that_refuses_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that the write fails instead of the process
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        with pytest.raises(StoreUnusable, match=r"out\.csv cannot be written: File too large"):
            write_text(path, "x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert path.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
