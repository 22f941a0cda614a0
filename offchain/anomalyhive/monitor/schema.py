"""The file of a watch: what is in it, and what is refused as none."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from anomalyhive.errors import BadInput, Failure

FILE = "watch.sqlite"
"""Name in the folder of a watch."""

APPLICATION = 0x41485742
"""SQLite's application id: "AHWB"."""

VERSION = 1
"""Of the tables below."""

BUSY_SECONDS = 30.0
"""How long one waits for another's transaction to end."""

TABLES = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE blocks (
    number INTEGER PRIMARY KEY, hash TEXT NOT NULL, parent TEXT NOT NULL, time INTEGER NOT NULL,
    transactions INTEGER NOT NULL, addresses INTEGER NOT NULL, scored INTEGER NOT NULL, highest_bp INTEGER NOT NULL,
    mean_bp INTEGER NOT NULL, alerts INTEGER NOT NULL, quarantined TEXT NOT NULL
);
CREATE TABLE scores (
    place INTEGER PRIMARY KEY, address TEXT NOT NULL, block_number INTEGER NOT NULL, block_hash TEXT NOT NULL,
    time INTEGER NOT NULL, transaction_hash TEXT NOT NULL, probability_bp INTEGER NOT NULL, category TEXT NOT NULL,
    model TEXT NOT NULL
);
CREATE INDEX scores_of ON scores (address, block_number);
CREATE INDEX scores_in ON scores (block_number);
CREATE TABLE alerts (
    place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, address TEXT NOT NULL,
    block_number INTEGER NOT NULL, category TEXT NOT NULL, model TEXT NOT NULL, expires_at INTEGER NOT NULL,
    body TEXT NOT NULL, state TEXT NOT NULL, ended_at INTEGER, ended_block INTEGER, ended_why TEXT, posted_tx TEXT
);
CREATE INDEX alerts_of ON alerts (address);
CREATE INDEX alerts_in ON alerts (block_number);
CREATE INDEX alerts_live ON alerts (expires_at) WHERE state = 'live';
CREATE INDEX alerts_ended ON alerts (ended_block) WHERE ended_block IS NOT NULL;
CREATE TABLE outgoing (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE cursors (consumer TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE accounts (
    address BLOB PRIMARY KEY, state BLOB NOT NULL, alerted INTEGER NOT NULL, kept_bp INTEGER,
    block_number INTEGER, block_hash BLOB, time INTEGER, transaction_hash BLOB, probability_bp INTEGER, category TEXT,
    model BLOB
);
CREATE TABLE undo (
    number INTEGER NOT NULL, address BLOB NOT NULL, state BLOB, alerted INTEGER, kept_bp INTEGER,
    block_number INTEGER, block_hash BLOB, time INTEGER, transaction_hash BLOB, probability_bp INTEGER, category TEXT,
    model BLOB, PRIMARY KEY (number, address)
);
"""
"""`accounts` is every address ever touched, with its latest score; `undo` is what each block replaced in it."""


def connect(folder: Path, writing: bool = False) -> sqlite3.Connection:
    """A connection to the file of a watch, autocommitting; a reader's is read-only, whatever is asked of it.

    Raises BadInput for a folder without one, and for a file of something else.
    """
    path = folder / FILE
    if not path.is_file():
        raise BadInput(f"{folder} is not the folder of a watch ({FILE} is missing): name the one given to --watch")
    mode = "rw" if writing else "ro"
    try:
        made = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=BUSY_SECONDS,
            check_same_thread=False,
        )  # fmt: skip
    except sqlite3.Error as error:
        raise Failure(f"{path} cannot be opened ({error}): see who may read it") from error
    try:
        check(made, path)
    except BaseException:
        made.close()
        raise
    return made


def check(database: sqlite3.Connection, path: Path) -> None:
    """Raise BadInput unless this is the file of a watch of this version."""
    try:
        application = _pragma(database, "application_id")
        version = _pragma(database, "user_version")
        known = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error as error:
        raise BadInput(f"{path} cannot be read as the file of a watch ({error}): restore it, or begin anew") from error
    if application != APPLICATION:
        raise BadInput(f"{path} is a file of another program: name another folder with --watch")
    if version != VERSION:
        raise BadInput(f"{path} is of version {version}, this is {VERSION}: begin anew in another folder")
    lacking = {"meta", "blocks", "scores", "alerts", "outgoing", "cursors", "accounts", "undo"} - known
    if lacking:
        raise BadInput(f"{path} lacks {', '.join(sorted(lacking))}: restore it, or begin anew in another folder")


def create(path: Path) -> None:
    """Make the file where there is none. What a kill leaves of it is made anew; Failure for a disk that refuses."""
    part = path.with_name(f".{path.name}.new")
    try:
        for old in (part, part.with_name(f"{part.name}-journal")):
            old.unlink(missing_ok=True)
        database = sqlite3.connect(part, isolation_level=None)
        try:
            database.executescript(
                f"PRAGMA page_size = 8192; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
                f"BEGIN;{TABLES}COMMIT;"
            )
        finally:
            database.close()
        part.replace(path)
    except (sqlite3.Error, OSError) as error:
        raise Failure(f"{path} cannot be made ({error}): make room, or name another folder with --watch") from error


def _pragma(database: sqlite3.Connection, name: str) -> int:
    return int(database.execute(f"PRAGMA {name}").fetchone()[0])
