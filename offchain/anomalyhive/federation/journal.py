"""A node's journal in a file: SQLite, so that what was put survives a kill and a power cut."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from anomalyhive.errors import Failure


class FileJournal:
    """Values by key in a SQLite file; see `anomalyhive.roles.journal.Journal`."""

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises Failure where it is not usable."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute("CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL)")
        except (sqlite3.Error, OSError) as error:
            raise Failure(f"the journal {path} cannot be used ({error}): restore it or make room") from error

    def get(self, key: str) -> bytes | None:
        """The value, or None where nothing was put."""
        try:
            row = self._database.execute("SELECT value FROM entries WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error as error:
            raise Failure(f"the journal {self.path} cannot be read: {error}") from error
        return None if row is None else bytes(row[0])

    def put(self, key: str, value: bytes) -> None:
        """Keep a value; a later one replaces it."""
        try:
            self._database.execute("INSERT OR REPLACE INTO entries VALUES (?, ?)", (key, value))
        except sqlite3.Error as error:
            raise Failure(f"the journal {self.path} cannot be written ({error}): make room") from error

    def close(self) -> None:
        """Close the file."""
        self._database.close()
