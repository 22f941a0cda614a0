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
        assert "Traceback" not in self.out + self.err
        assert "unforeseen" not in self.err
        assert self.code == code, self.out + self.err
        assert ONE_MESSAGE.match(self.err), self.err
        assert all(word in self.err for word in words), self.err

    def succeeded(self) -> Done:
        """Assert that it did."""
        assert self.code == 0, self.out + self.err
        assert "Traceback" not in self.out + self.err
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
    """A process that has imported everything; see warm.py."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("warm.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __call__(self, *arguments: object, **environment: str) -> Done:
        """Run a command to its end; assert that it leaves no process behind."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        mark = uuid.uuid4().hex
        out, err = self._folder / "out", self._folder / "err"
        order = {
            "arguments": [str(one) for one in arguments],
            "environment": {MARK: mark, **environment},
            "stdout": str(out),
            "stderr": str(err),
        }
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        assert left_running(mark) == []
        return Done(code, out.read_text(), err.read_text())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


class Running:
    """A command that runs; leaving the context ends it and all that it started."""

    def __init__(self, folder: Path, *arguments: object, **environment: str) -> None:
        self.mark = uuid.uuid4().hex
        self._out = folder / f"{self.mark}.out"
        self._err = folder / f"{self.mark}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [str(EXECUTABLE), *(str(one) for one in arguments)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**os.environ, MARK: self.mark, **environment},
            )

    def until(self, happened: Callable[[], Any], seconds: float = SECONDS) -> None:
        """Wait until something has happened. The command must not end before."""
        deadline = time.monotonic() + seconds
        while not happened():
            assert self.process.poll() is None, f"ended before it happened: {self.said()}"
            assert time.monotonic() < deadline, f"did not happen: {self.said()}"
            time.sleep(0.005)

    def kill(self) -> None:
        """What a power cut does to it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(SECONDS)

    def done(self) -> Done:
        """Wait for its end."""
        code = self.process.wait(SECONDS)
        return Done(code, self._out.read_text(), self._err.read_text())

    def said(self) -> str:
        """All that it has said so far."""
        return self._out.read_text() + self._err.read_text()

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.kill()


def anomalyhive(folder: Path, *arguments: object, **environment: str) -> Done:
    """Run a command to its end in a process of its own; assert that it leaves no process behind."""
    with Running(folder, *arguments, **environment) as running:
        done = running.done()
    assert left_running(running.mark) == []
    return done


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
