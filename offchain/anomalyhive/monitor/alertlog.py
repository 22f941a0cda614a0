"""The log of a watch's alerts and withdrawals: JSON lines that are only ever added to, each with the digest of the line
before, so that a line taken out or changed shows.

    seq       number in the watch's queue; rises, and none comes twice
    kind      alert or withdrawal
    said      the alert or withdrawal itself
    previous  SHA-256, as hex, of the line before without its end; zeros in the first line

The digests show what was changed in the middle. That lines were cut off at the end, or that all of it was written anew,
shows only to who has kept a digest: so keep the last one elsewhere now and then.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anomalyhive.content.locking import holding
from anomalyhive.errors import BadInput, BadSetting, Failure
from anomalyhive.jsontext import loads
from anomalyhive.monitor.alert import Alert, Withdrawal, canonical
from anomalyhive.monitor.outgoing import Message, Outgoing

CONSUMER = "alertlog"
"""Whose cursor it is."""

START = "0" * 64
"""In the place of the digest before the first line."""

LONGEST = 1 << 20
"""Bytes of a line; an alert has at most a tenth of it."""

TAIL = 1 << 16
"""Bytes that are read at once from the end, to find the last line."""


@dataclass(frozen=True)
class Verified:
    """What a log that holds has: lines, and of the last one seq, id and digest (0, empty and `START`: none)."""

    lines: int = 0
    seq: int = 0
    id: str = ""
    digest: str = START


class AlertLog:
    """The writer of a log; one at a time. A half-written last line, as a kill leaves it, is taken out."""

    def __init__(self, path: Path) -> None:
        """Open or make the log. Raises BadSetting while another process writes it, Failure for what is no log."""
        self.path = path
        refusal = BadSetting(f"{path} is written by another process: end it, or name another log")
        with ExitStack() as held:
            held.enter_context(holding(path.with_name(f".{path.name}.lock"), refusal))
            with self._usable():
                self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
                held.callback(os.close, self._handle)
                self._last = self._mended()
            self._held = held.pop_all()

    def close(self) -> None:
        """Close the file and let it go."""
        self._held.close()

    def __enter__(self) -> AlertLog:
        """Itself, closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @property
    def last(self) -> Verified:
        """The end of the log; lines from before it was opened are counted as one."""
        return self._last

    def follow(self, queue: Outgoing) -> int:
        """Write what waits in the queue and move its cursor; how many lines were added.

        What a kill kept from being noted is in the log already and is not written twice. A log that was moved away
        begins anew with what waits. Raises Failure, and BadSetting where log and queue are of different watches.
        """
        added = 0
        while waiting := queue.waiting():
            self._check_same(waiting)
            new = [one for one in waiting if one.seq > self._last.seq]
            self._append(new)
            added += len(new)
            queue.done(waiting[-1].seq)
        return added

    def _check_same(self, waiting: Sequence[Message]) -> None:
        """Where the log is ahead of the cursor, its last line must be one of those that wait."""
        last = self._last
        if waiting[0].seq <= last.seq and (last.seq, last.id) not in {(one.seq, one.id) for one in waiting}:
            raise BadSetting(f"{self.path} ends with {last.seq} of another watch: move it away, or name another log")

    def _append(self, messages: Sequence[Message]) -> None:
        """Add lines in one write, and have them on the disk."""
        if not messages:
            return
        lines, last = [], self._last
        for one in messages:
            said = json.loads(one.read().to_json())
            text = canonical({"seq": one.seq, "kind": one.kind, "said": said, "previous": last.digest}).encode()
            lines.append(text + b"\n")
            last = Verified(last.lines + 1, one.seq, one.id, _digest(text))
        try:
            with self._usable():
                _write(self._handle, b"".join(lines))
                os.fsync(self._handle)
        except Failure:
            # What of a line got there is taken out, or would stand before the next one.
            with self._usable():
                self._last = self._mended()
            raise
        self._last = last

    def _mended(self) -> Verified:
        """The end of the log, after a last line without end has been taken out."""
        size = os.fstat(self._handle).st_size
        end = _whole(self._handle, size)
        if end != size:
            os.ftruncate(self._handle, end)
            os.fsync(self._handle)
        if not end:
            return Verified()
        line = _last_line(self._handle, end)
        try:
            return _checked(Verified(), line)
        except ValueError as error:
            raise Failure(f"the last line of {self.path} is no alert ({error}): move the log away") from error

    @contextmanager
    def _usable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Failure(f"{self.path} cannot be used ({error.strerror}): make room, or see whose it is") from error


def verify_log(path: Path) -> Verified:
    """Check every line of a log and its digest of the one before. Raises Failure, which names the line."""
    found = Verified()
    for number, line in enumerate(_lines(path), 1):
        try:
            if not line.endswith(b"\n"):
                raise ValueError("it has no end")
            found = _checked(found, line[:-1], linked=True)
        except ValueError as error:
            raise Failure(f"{path} does not hold in line {number}: {error}") from error
    return found


def _checked(before: Verified, line: bytes, linked: bool = False) -> Verified:
    """The log's end after one more line; where it is ``linked``, to the line before. Raises ValueError."""
    entry = _entry(line)
    if linked and entry["previous"] != before.digest:
        raise ValueError("the line before it is another one than when it was written")
    if entry["seq"] <= before.seq:
        raise ValueError(f"its seq is {entry['seq']}, after {before.seq}")
    return Verified(before.lines + 1, entry["seq"], entry["said"]["id"], _digest(line))


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            while line := file.readline(LONGEST):
                yield line
    except OSError as error:
        raise Failure(f"{path} cannot be read ({error.strerror}): name a log of alerts") from error


def _entry(line: bytes) -> dict[str, Any]:
    """What a line says. Raises ValueError."""
    entry = loads(line)
    if not isinstance(entry, dict) or entry.keys() != {"seq", "kind", "said", "previous"}:
        raise ValueError("it is no line of a log")
    if type(entry["seq"]) is not int or entry["kind"] not in ("alert", "withdrawal"):
        raise ValueError("it is no line of a log")
    try:
        (Alert if entry["kind"] == "alert" else Withdrawal).from_json(canonical(entry["said"]))
    except BadInput as error:
        raise ValueError(str(error)) from error
    if canonical(entry).encode() != line:
        raise ValueError("it is not written as a log's lines are")
    return entry


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _write(handle: int, data: bytes) -> None:
    """Write all of it: a single write may take less (write(2))."""
    while data:
        data = data[os.write(handle, data) :]


def _whole(handle: int, size: int) -> int:
    """Where the last line that has an end, ends."""
    while size:
        begin = max(0, size - TAIL)
        found = os.pread(handle, size - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        size = begin
    return 0


def _last_line(handle: int, end: int) -> bytes:
    """The line that ends at ``end``, without its end. Raises Failure for one that is too long."""
    begin = _whole(handle, end - 1)
    if end - begin > LONGEST:
        raise Failure("the last line of the log is too long: move the log away")
    return os.pread(handle, end - 1 - begin, begin)
