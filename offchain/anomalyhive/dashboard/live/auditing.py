"""Audits that are started from a dashboard: each in a process of its own, one at a time, told step by step.

The process (`live.audit_process`) is given its subject on its standard input, where no other user of the machine can
see a URL, and ends when that input does: it does not outlive the dashboard.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Literal

from anomalyhive.dashboard.live.places import Place
from anomalyhive.jsontext import loads
from anomalyhive.texts import one_line

STOP_SECONDS = 20.0
"""For the process to end the chain that it has copied, and to remove it."""

KEPT = 16
"""Audits whose results are kept."""

LONGEST_LINE = 4 << 20
"""Bytes that the process says at once: its result, with every failure in words."""

AuditState = Literal["running", "done", "failed"]


@dataclass(frozen=True)
class AuditStanding:
    """How an audit gets on: ``done`` of ``total`` of a ``stage``; ``checks`` are there once it is done."""

    id: str
    state: AuditState = "running"
    stage: str = "begin"
    done: int = 0
    total: int = 0
    holds: bool | None = None
    checks: tuple[dict[str, Any], ...] = ()
    problem: str | None = None


class Busy(Exception):
    """An audit is running already; ``id`` is which."""

    def __init__(self, running: str) -> None:
        self.id = running
        super().__init__(f"audit {running} is running")


@dataclass
class Audits:
    """The audits of one dashboard; ``subject`` is what `audit_process` is told of the hive."""

    place: Place
    subject: dict[str, Any] = field(repr=False)
    _known: OrderedDict[str, AuditStanding] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _process: subprocess.Popen[bytes] | None = None
    _running: str | None = None

    def begin(self) -> str:
        """Start an audit; its id. Raises Busy."""
        with self._lock:
            if self._running is not None:
                raise Busy(self._running)
            id_ = self._running = secrets.token_hex(8)
            self._known[id_] = AuditStanding(id_)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)
        threading.Thread(target=self._run, args=(id_,), name="audit", daemon=True).start()
        return id_

    def standing(self, id_: str) -> AuditStanding | None:
        """How an audit gets on; None for one that is not known."""
        with self._lock:
            return self._known.get(id_)

    def stop(self) -> None:
        """End what is running."""
        process = self._process
        if process is not None:
            _end(process)

    def _run(self, id_: str) -> None:
        last = AuditStanding(id_, "failed", problem="the audit could not be started")
        try:
            for last in self._told(id_):
                self._note(last)
        except OSError as error:
            last = AuditStanding(id_, "failed", problem=f"the audit could not be started: {error.strerror}")
        finally:
            if last.state == "running":
                last = AuditStanding(id_, "failed", problem="the audit ended before it was done")
            self._note(last)
            with self._lock:
                self._running, self._process = None, None

    def _told(self, id_: str) -> Any:
        """What the process says, as standings."""
        with subprocess.Popen(
            [sys.executable, "-m", "anomalyhive.dashboard.live.audit_process"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the dashboard, which then ends the audit itself.
            start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        ) as process:
            self._process = process
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(json.dumps(self.subject).encode() + b"\n")
                process.stdin.flush()
                while line := process.stdout.readline(LONGEST_LINE):
                    yield self._understood(id_, line)
            finally:
                _end(process)

    def _understood(self, id_: str, line: bytes) -> AuditStanding:
        try:
            said = loads(line)
            if "problem" in said:
                return AuditStanding(id_, "failed", problem=one_line(self.place.conceal(str(said["problem"]))))
            if "checks" in said:
                checks = tuple(said["checks"])
                return AuditStanding(id_, "done", "end", len(checks), len(checks), bool(said["holds"]), checks)
            return AuditStanding(id_, "running", str(said["stage"]), int(said["done"]), int(said["total"]))
        except (ValueError, KeyError, TypeError):
            return AuditStanding(id_, "failed", problem="the audit said something that cannot be read")

    def _note(self, standing: AuditStanding) -> None:
        with self._lock:
            if standing.id in self._known:
                self._known[standing.id] = standing


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process: by a word, and only if it does not listen by force, for its chain would stay."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
