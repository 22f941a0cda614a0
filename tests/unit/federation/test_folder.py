"""The folder of a run."""

from __future__ import annotations

import multiprocessing
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting, Failure
from anomalyhive.federation.crew import keep_key
from anomalyhive.federation.folder import LOCK, RunFolder, read_json, write_bytes, write_json
from anomalyhive.federation.journal import FileJournal


def test_locked_folder_refuses_a_second_process(tmp_path: Path) -> None:
    other = (
        "import sys; from pathlib import Path; from anomalyhive.federation.folder import RunFolder\n"
        "from anomalyhive.errors import BadSetting\n"
        "try:\n    with RunFolder(Path(sys.argv[1])).locked(): print('got it')\n"
        "except BadSetting as error: print(error)"
    )
    command = [sys.executable, "-c", other, str(tmp_path)]
    with RunFolder(tmp_path).locked():
        held = subprocess.run(command, capture_output=True, text=True, check=True)
    free = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "in use by another process" in held.stdout
    assert free.stdout == "got it\n"


def test_locked_in_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadSetting, match="cannot be used"), RunFolder(tmp_path / "file" / "run").locked():
        pass


def test_locked_leaves_no_trace_where_no_run_has_come_of_it(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("x")
    for folder, left in ((RunFolder(tmp_path / "new"), None), (RunFolder(tmp_path / "other"), ["file"])):
        with folder.locked():
            assert (folder.root / LOCK).is_file()
        assert ([one.name for one in folder.root.iterdir()] if folder.root.exists() else None) == left
    kept = RunFolder(tmp_path / "kept")
    with kept.locked():
        write_json(kept.settings, {})
    assert sorted(one.name for one in kept.root.iterdir()) == [LOCK, "run.json"]


def test_write_json_over_an_old_file_replaces_it_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.json"
    write_json(path, {"old": "x" * 1000})
    write_json(path, {"new": 1})
    assert read_json(path) == {"new": 1}
    assert [one.name for one in path.parent.iterdir()] == ["b.json"]


def _fill(path: Path) -> None:
    # The kernel refuses to let any file grow beyond this, as a full disk would (EFBIG).
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    try:
        write_bytes(path, b"y" * 5000)
    except Failure as error:
        Path(f"{path}.said").write_text(str(error))


def test_write_bytes_to_a_full_disk_keeps_the_old_file_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    process = multiprocessing.get_context("spawn").Process(target=_fill, args=(path,))
    process.start()
    process.join()
    assert path.read_bytes() == b"old"
    assert "make room" in Path(f"{path}.said").read_text()
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize("content", ["", "{", "[1,"])
def test_read_json_of_a_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(Failure, match="damaged"):
        read_json(tmp_path / "x.json")


def test_keep_key_gives_the_same_key_again_and_hides_it_from_others(tmp_path: Path) -> None:
    path = tmp_path / "node" / "owner.key"
    key = keep_key(path)
    assert len(key) == 32
    assert keep_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "zz", "00" * 31])
def test_keep_key_of_a_damaged_file_is_refused_without_showing_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "owner.key").write_text(content)
    with pytest.raises(Failure, match="restore it") as refused:
        keep_key(tmp_path / "owner.key")
    assert not content or content not in str(refused.value)


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
