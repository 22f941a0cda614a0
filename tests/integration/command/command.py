"""The command `anomalyhive` as a user starts it, and what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

EXECUTABLE = Path(sys.executable).with_name("anomalyhive")
ACCOUNTS = Path(__file__).parents[2] / "data" / "accounts-400.csv"
MARK = "ANOMALYHIVE_TEST_MARK"
SECONDS = 180.0
"""No command of these tests takes longer, on a machine however busy."""

ONE_MESSAGE = re.compile(r"\Aerror: [^\n]+\n\Z")


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    def refused(self, code: int, *words: str) -> None:
        """Assert that it failed with this code and one message with all these words in it."""
        assert "Traceback" not in self.out + self.err, self.out + self.err
        assert "unforeseen" not in self.err, self.err
        assert self.code == code, self.out + self.err
        assert ONE_MESSAGE.match(self.err), self.err
        assert all(word in self.err for word in words), self.err

    def succeeded(self) -> Done:
        """Assert that it did."""
        assert self.code == 0, self.out + self.err
        assert "Traceback" not in self.out + self.err, self.out + self.err
        return self


def left_running(mark: str) -> list[str]:
    """Command lines of the processes that descend from a command, found by the mark in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            marked = f"{MARK}={mark}".encode() in (process / "environ").read_bytes().split(b"\0")
            if marked and (process / "stat").read_text().rpartition(")")[2].split()[0] not in "ZX":
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


class Warm:
    """A process that has imported everything and starts commands in no time; see warm.py."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def start(self, *arguments: object, **environment: str) -> Running:
        """Start a command."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        mark = uuid.uuid4().hex
        files = {name: str(self._folder / f"{mark}.{name}") for name in ("stdout", "stderr", "code")}
        order = {"arguments": [str(one) for one in arguments], "environment": {MARK: mark, **environment}, **files}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        pid = int(self._process.stdout.readline())
        return Running(mark, pid, *(Path(files[name]) for name in ("stdout", "stderr", "code")))

    def __call__(self, *arguments: object, **environment: str) -> Done:
        """Run a command to its end; assert that it leaves no process behind."""
        with self.start(*arguments, **environment) as running:
            done = running.done()
        assert left_running(running.mark) == [], left_running(running.mark)
        return done

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


@dataclass(frozen=True)
class Running:
    """A command that runs; leaving the context kills it."""

    mark: str
    pid: int
    out: Path
    err: Path
    code: Path

    def until(self, happened: Callable[[], Any], pace: float = 0.002) -> None:
        """Look every ``pace`` seconds until something has happened. The command must not end before."""
        deadline = time.monotonic() + SECONDS
        while not happened():
            assert not self.code.exists(), f"ended before it happened: {self.said()}"
            assert time.monotonic() < deadline, f"did not happen: {self.said()}"
            time.sleep(pace)

    def kill(self) -> None:
        """What a power cut does to it."""
        os.kill(self.pid, signal.SIGKILL)
        self.done()

    def done(self) -> Done:
        """Wait for its end."""
        deadline = time.monotonic() + SECONDS
        while not self.code.exists():
            assert time.monotonic() < deadline, f"does not end: {self.said()}"
            time.sleep(0.005)
        return Done(int(self.code.read_text()), self.out.read_text(), self.err.read_text())

    def said(self) -> str:
        """All that it has said so far."""
        return "".join(path.read_text() for path in (self.out, self.err) if path.exists())

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.code.exists():
            self.kill()


def anomalyhive(*arguments: object, **environment: str) -> Done:
    """Run a command to its end just as a shell does; assert that it leaves no process behind."""
    mark = uuid.uuid4().hex
    done = subprocess.run(
        [str(EXECUTABLE), *(str(one) for one in arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, MARK: mark, **environment},
        check=False,
    )
    assert left_running(mark) == [], left_running(mark)
    return Done(done.returncode, done.stdout, done.stderr)


def federate(run: Path, *more: object, nodes: int = 2, validators: int = 2, rounds: int = 2) -> list[object]:
    """The arguments of a federation on 400 real accounts; ``more`` go last and so count."""
    chosen = ("--nodes", nodes, "--validators", validators, "--rounds", rounds)
    return ["federate", "--data", ACCOUNTS, "--label", "FLAG", "--id", "Address", *chosen, "--run", run, *more]


def report_of(run: Path) -> dict[str, Any]:
    """The report in a run folder."""
    report: dict[str, Any] = json.loads((run / "report.json").read_text())
    return report


def weights_of(report: dict[str, Any]) -> list[str]:
    """The digest of the learned state of every round."""
    return [one["weights"] for one in report["rounds"]]


@contextmanager
def small_file_system(folder: Path, size: str) -> Iterator[bool]:
    """A file system of this size at a folder; False where mounting is not allowed."""
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True)
    try:
        yield mounted.returncode == 0
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", str(folder)], check=True)
