"""What a watch has to tell others, in its order; each who tells it keeps a cursor of its own.

What all have had goes with the blocks that it is of (`--keep-blocks`); who comes later begins with what is there.

An alert may come twice: after a reorganisation that gave its end up, or its block back. Its id is the same then, and
what comes later counts.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from anomalyhive.errors import BadInput, Failure
from anomalyhive.monitor.alert import Alert, Withdrawal
from anomalyhive.monitor.schema import FILE, connect

MOST = 200
"""Messages that are given at once."""


@dataclass(frozen=True)
class Message:
    """One entry of the queue: ``seq`` rises, ``kind`` is "alert" or "withdrawal", ``body`` the exact JSON of ``id``."""

    seq: int
    id: str
    kind: str
    body: str

    def read(self) -> Alert | Withdrawal:
        """What it says."""
        return Alert.from_json(self.body) if self.kind == "alert" else Withdrawal.from_json(self.body)


class Outgoing:
    """The queue as one consumer has it, such as "alertlog". Open it from any thread or process, one each."""

    def __init__(self, folder: Path, consumer: str) -> None:
        """Be known from now on: what waits is kept. Raises BadInput for a folder without a watch, and Failure."""
        self._database, self._place, self.consumer = connect(folder, writing=True), folder / FILE, consumer
        try:
            with self._understood():
                self._database.execute("INSERT OR IGNORE INTO cursors VALUES (?, 0)", (consumer,))
        except BaseException:
            self._database.close()
            raise

    @property
    def cursor(self) -> int:
        """The last message that is done with, 0 before the first."""
        with self._understood():
            row = self._database.execute("SELECT seq FROM cursors WHERE consumer = ?", (self.consumer,)).fetchone()
        return 0 if row is None else int(row[0])

    def waiting(self, most: int = MOST) -> list[Message]:
        """The messages after the cursor, the oldest first."""
        with self._understood():
            rows = self._database.execute(
                "SELECT seq, id, kind, body FROM outgoing WHERE seq > ? ORDER BY seq LIMIT ?", (self.cursor, most)
            ).fetchall()
        return [Message(*row) for row in rows]

    def done(self, seq: int) -> None:
        """Move the cursor up to a message; it survives a power cut. Raises BadInput for going back."""
        if seq < self.cursor:
            raise BadInput(f"the cursor of {self.consumer} is at {self.cursor}, and goes back to no {seq}")
        with self._understood():
            self._database.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?)", (self.consumer, seq))

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise Failure(f"{self._place} does not let the queue be used ({error}): see to its disk") from error
