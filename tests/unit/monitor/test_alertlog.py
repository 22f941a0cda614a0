"""The log: lines that hang together, none twice, none half; and every change of it that shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting, Failure
from anomalyhive.monitor.alertlog import CONSUMER, START, AlertLog, Verified, verify_log
from anomalyhive.monitor.outgoing import Outgoing

from .messages import alert, put, raised, withdrawn


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a watch that raised three alerts and withdrew one."""
    return put(tmp_path / "watch", raised(1), raised(2), withdrawn(3, 1), raised(4))


def follow(folder: Path, log: Path | None = None) -> int:
    """Let the log of a watch follow its queue; how many lines were added."""
    with closing(Outgoing(folder, CONSUMER)) as queue, AlertLog(log or folder / "alerts.jsonl") as writer:
        return writer.follow(queue)


def lines(folder: Path) -> list[bytes]:
    return (folder / "alerts.jsonl").read_bytes().splitlines(keepends=True)


def test_log_has_every_message_once_and_in_order(folder: Path) -> None:
    assert follow(folder) == 4
    said = [json.loads(line) for line in lines(folder)]
    assert [(one["seq"], one["kind"]) for one in said] == [
        (1, "alert"), (2, "alert"), (3, "withdrawal"), (4, "alert"),
    ]  # fmt: skip
    assert said[0]["said"] == json.loads(alert(1).to_json())
    assert said[0]["previous"] == START
    found = verify_log(folder / "alerts.jsonl")
    assert (found.lines, found.seq, found.id) == (4, 4, alert(4).id)


def test_log_goes_on_where_it_was(folder: Path) -> None:
    follow(folder)
    assert follow(folder) == 0
    put(folder, raised(5))
    assert follow(folder) == 1
    assert verify_log(folder / "alerts.jsonl").lines == 5


def test_empty_log_holds(folder: Path) -> None:
    with AlertLog(folder / "alerts.jsonl") as log:
        assert log.last == Verified()
    assert verify_log(folder / "alerts.jsonl") == Verified()


def test_line_that_was_written_and_not_noted_is_not_written_twice(folder: Path) -> None:
    follow(folder)
    with closing(Outgoing(folder, CONSUMER)) as queue:
        queue._database.execute("UPDATE cursors SET seq = 1")
    put(folder, raised(5))
    assert follow(folder) == 1
    assert verify_log(folder / "alerts.jsonl").seq == 5


KILLED = """
import os, signal, sys
from pathlib import Path
from anomalyhive.monitor import alertlog
from anomalyhive.monitor.outgoing import Outgoing

def half(handle, data):
    os.write(handle, data[: int(sys.argv[2])])
    os.kill(os.getpid(), signal.SIGKILL)

alertlog._write = half
folder = Path(sys.argv[1])
alertlog.AlertLog(folder / "alerts.jsonl").follow(Outgoing(folder, alertlog.CONSUMER))
"""
"""A writer that is killed after so many bytes."""


@pytest.mark.parametrize("written", [1, 1000, 100_000])
def test_kill_at_any_byte_leaves_a_log_that_holds_and_nothing_twice(folder: Path, written: int) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(folder), str(written)], check=False)
    assert done.returncode == -9
    follow(folder)
    assert [json.loads(line)["seq"] for line in lines(folder)] == [1, 2, 3, 4]
    assert verify_log(folder / "alerts.jsonl").lines == 4


def test_log_that_was_moved_away_begins_anew_with_what_waits(folder: Path) -> None:
    follow(folder)
    (folder / "alerts.jsonl").rename(folder / "old.jsonl")
    put(folder, raised(5))
    assert follow(folder) == 1
    assert (verify_log(folder / "old.jsonl").seq, verify_log(folder / "alerts.jsonl").lines) == (4, 1)


def test_log_of_another_watch_is_refused(folder: Path, tmp_path: Path) -> None:
    follow(folder)
    other = put(tmp_path / "other", raised(2), raised(3))
    with pytest.raises(BadSetting, match="another watch"):
        follow(other, folder / "alerts.jsonl")


def test_second_writer_is_refused(folder: Path) -> None:
    with AlertLog(folder / "alerts.jsonl"), pytest.raises(BadSetting, match="another process"):
        AlertLog(folder / "alerts.jsonl")


@pytest.mark.parametrize(
    "content", [b"nonsense\n", b"{}\n", b"[]\n", b"\n", b"[" * 5000 + b"\n", b"x" * (2 << 20) + b"\n"]
)
def test_file_that_is_no_log_is_refused_and_left_as_it_is(folder: Path, content: bytes) -> None:
    (folder / "alerts.jsonl").write_bytes(content)
    with pytest.raises(Failure, match="move the log away"):
        AlertLog(folder / "alerts.jsonl")
    assert (folder / "alerts.jsonl").read_bytes() == content


def test_disk_that_is_full_leaves_a_log_that_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write

    def full(handle: int, data: bytes) -> int:
        real(handle, data[:700])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("anomalyhive.monitor.alertlog.os.write", full)
        with pytest.raises(Failure, match="No space left"):
            follow(folder)
    follow(folder)
    assert [json.loads(line)["seq"] for line in lines(folder)] == [1, 2, 3, 4]
    verify_log(folder / "alerts.jsonl")


def change(folder: Path, at: int, old: bytes, new: bytes) -> None:
    kept = lines(folder)
    assert old in kept[at]
    kept[at] = kept[at].replace(old, new)
    (folder / "alerts.jsonl").write_bytes(b"".join(kept))


@pytest.mark.parametrize(
    ("at", "old", "new", "why"),
    [
        (0, b'"probability_bp":9000', b'"probability_bp":9001', "line 2: the line before it"),
        (0, b'"category":"phishing"', b'"category":"exchange"', "line 2: the line before it"),
        (1, b'"address":"0x0', b'"address":"0x1', "line 2: the id"),
        (1, b'"seq":2', b'"seq":1', "line 2: its seq is 1"),
        (1, b'"kind":"alert"', b'"kind":"withdrawal"', "line 2: "),
        (2, b'"kind":', b'"kind" :', "line 3: it is not written"),
        (3, b"}\n", b"}", "line 4: it has no end"),
    ],
)
def test_line_that_was_changed_is_named(folder: Path, at: int, old: bytes, new: bytes, why: str) -> None:
    follow(folder)
    change(folder, at, old, new)
    with pytest.raises(Failure, match=why):
        verify_log(folder / "alerts.jsonl")


@pytest.mark.parametrize("order", [(1, 2, 3), (0, 2, 3), (0, 2, 1, 3), (0, 1, 1, 2, 3)])
def test_line_that_is_missing_moved_or_doubled_shows(folder: Path, order: tuple[int, ...]) -> None:
    follow(folder)
    kept = lines(folder)
    (folder / "alerts.jsonl").write_bytes(b"".join(kept[at] for at in order))
    with pytest.raises(Failure, match="does not hold"):
        verify_log(folder / "alerts.jsonl")


def test_lines_cut_off_at_the_end_change_the_last_digest(folder: Path) -> None:
    follow(folder)
    before = verify_log(folder / "alerts.jsonl")
    (folder / "alerts.jsonl").write_bytes(b"".join(lines(folder)[:3]))
    assert verify_log(folder / "alerts.jsonl").digest != before.digest


def test_log_that_is_not_there_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be read"):
        verify_log(tmp_path / "none.jsonl")
