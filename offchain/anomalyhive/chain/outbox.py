"""The transactions of one key, in a file: each is written here before anybody else hears of it.

Several attempts may have the same nonce: the chain takes one of them, whichever it is, and the others have been
replaced by it. States:

    open       may be on its way, or never have left this machine
    mined      in a block, which a reorganisation may still take away: then it is open again
    confirmed  in a block for good
    failed     in a block, and refused by the contract there
    replaced   another attempt with its nonce is in a block
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from anomalyhive.chain.fees import Offer
from anomalyhive.errors import Failure


class State(str, Enum):
    """Where an attempt stands."""

    OPEN = "open"
    MINED = "mined"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    REPLACED = "replaced"


@dataclass(frozen=True)
class Attempt:
    """A signed transaction.

    ``body`` is what it does: to, data, value and the limit of gas. ``made`` is in unix seconds, ``block`` where it was
    mined, None before.
    """

    number: int
    purpose: str
    function: str
    nonce: int
    hash: bytes
    raw: bytes
    body: Mapping[str, Any]
    offer: Offer
    state: State
    block: int | None
    made: float

    def does(self, body: Mapping[str, Any]) -> bool:
        """Whether it does the same, whatever gas that may take."""
        return all(self.body[name] == body[name] for name in ("to", "data", "value"))


_SCHEMA = """
CREATE TABLE IF NOT EXISTS attempts (
    number INTEGER PRIMARY KEY AUTOINCREMENT, chain INTEGER NOT NULL, sender TEXT NOT NULL,
    purpose TEXT NOT NULL, function TEXT NOT NULL, nonce INTEGER NOT NULL, hash BLOB NOT NULL UNIQUE,
    raw BLOB NOT NULL, body TEXT NOT NULL, fee TEXT NOT NULL, tip TEXT, state TEXT NOT NULL, block INTEGER,
    made REAL NOT NULL);
CREATE INDEX IF NOT EXISTS attempts_by_nonce ON attempts (chain, sender, nonce);
CREATE INDEX IF NOT EXISTS attempts_by_purpose ON attempts (chain, sender, purpose);
CREATE INDEX IF NOT EXISTS attempts_by_state ON attempts (chain, sender, state);
CREATE TABLE IF NOT EXISTS accounted (
    chain INTEGER, sender TEXT, nonce INTEGER NOT NULL, first INTEGER NOT NULL, PRIMARY KEY (chain, sender));
"""

_COLUMNS = "number, purpose, function, nonce, hash, raw, body, fee, tip, state, block, made"


class Outbox:
    """The attempts of one key on one chain; what a method has written survives a power cut."""

    def __init__(self, path: Path, chain_id: int, sender: str) -> None:
        """Open or make the file, which may hold other tables. Raises Failure where it is not usable."""
        self.path = path
        self._key = (chain_id, sender.lower())
        with self._usable("opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, isolation_level=None)
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.executescript(_SCHEMA)

    def add(self, attempt: Attempt) -> Attempt:
        """Write an attempt down; the one returned has its number."""
        offer = attempt.offer
        values = (
            *self._key, attempt.purpose, attempt.function, attempt.nonce, attempt.hash, attempt.raw,
            json.dumps(dict(attempt.body)), str(offer.fee), None if offer.tip is None else str(offer.tip),
            State.OPEN.value, None, attempt.made,
        )  # fmt: skip
        with self._usable("written"):
            # The same bytes again, after all that they had been thought replaced: the row is there already.
            self._database.execute(
                "INSERT INTO attempts (chain, sender, purpose, function, nonce, hash, raw, body, fee, tip, state, "
                "block, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) "
                "ON CONFLICT (hash) DO UPDATE SET state = excluded.state, block = NULL, made = excluded.made",
                values,
            )
        return next(one for one in self.at(attempt.nonce) if one.hash == attempt.hash)

    def settle(self, winner: Attempt, state: State, block: int) -> None:
        """One attempt was mined, so the others with its nonce were replaced."""
        with self._usable("written"):
            self._database.execute(
                "UPDATE attempts SET state = CASE number WHEN ? THEN ? ELSE ? END, "
                "block = CASE number WHEN ? THEN ? END WHERE chain = ? AND sender = ? AND nonce = ?",
                (
                    winner.number, state.value, State.REPLACED.value, winner.number, block, *self._key, winner.nonce,
                ),
            )  # fmt: skip

    def reopen(self, nonce: int) -> None:
        """The block with this nonce has vanished: every attempt may be mined again."""
        with self._usable("written"):
            self._database.execute(
                "UPDATE attempts SET state = ?, block = NULL WHERE chain = ? AND sender = ? AND nonce = ?",
                (State.OPEN.value, *self._key, nonce),
            )

    def at(self, nonce: int) -> list[Attempt]:
        """All attempts with a nonce, the oldest first."""
        return self._find("nonce = ?", nonce)

    def of(self, purpose: str) -> list[Attempt]:
        """All attempts for a purpose, the oldest first."""
        return self._find("purpose = ?", purpose)

    def unsettled(self) -> list[Attempt]:
        """Attempts whose end is not known for good, the oldest first."""
        return self._find("state IN (?, ?)", State.OPEN.value, State.MINED.value)

    @property
    def accounted(self) -> int | None:
        """The nonce below which every one is known to be of this file, or older than it; None in a new one.

        It never falls below what it was at first: a reorganisation may take away what is older than the file.
        """
        with self._usable("read"):
            row = self._database.execute(
                "SELECT nonce FROM accounted WHERE chain = ? AND sender = ?", self._key
            ).fetchone()
        return None if row is None else int(row[0])

    @accounted.setter
    def accounted(self, nonce: int) -> None:
        with self._usable("written"):
            self._database.execute(
                "INSERT INTO accounted VALUES (?, ?, ?, ?) "
                "ON CONFLICT (chain, sender) DO UPDATE SET nonce = max(excluded.nonce, first)",
                (*self._key, nonce, nonce),
            )

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _find(self, condition: str, *values: Any) -> list[Attempt]:
        query = f"SELECT {_COLUMNS} FROM attempts WHERE chain = ? AND sender = ? AND {condition} ORDER BY number"  # noqa: S608 - the conditions are those above
        with self._usable("read"):
            return [_attempt(row) for row in self._database.execute(query, (*self._key, *values))]

    @contextlib.contextmanager
    def _usable(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
            raise Failure(f"the journal {self.path} cannot be {what} ({error}): restore it or make room") from error


def latest_attempts(path: Path, most: int) -> list[Attempt]:
    """The latest attempts in a file, whosever, the newest first; none where there is no file. Nothing is written.

    Raises Failure where the file is not usable.
    """
    if not path.is_file():
        return []
    query = f"SELECT {_COLUMNS} FROM attempts ORDER BY number DESC LIMIT ?"  # noqa: S608 - the columns are those above
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = 'attempts'").fetchone() is None:
                return []  # a file of the node's that no transaction was written to yet
            return [_attempt(row) for row in database.execute(query, (most,))]
    except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
        raise Failure(f"the journal {path} cannot be read ({error}): restore it") from error


def _attempt(row: tuple[Any, ...]) -> Attempt:
    number, purpose, function, nonce, hash_, raw, body, fee, tip, state, block, made = row
    offer = Offer(int(fee), None if tip is None else int(tip))
    return Attempt(
        number, purpose, function, nonce, bytes(hash_), bytes(raw), json.loads(body), offer, State(state), block, made
    )
