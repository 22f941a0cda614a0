"""The addresses in a watch's file: the statistics and the latest score of each, and what a block replaced of them.

All of it runs within a transaction of the book.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from anomalyhive.monitor.entries import Entry, Touched
from anomalyhive.monitor.rows import in_words, octets

SCORED = ("block_number", "block_hash", "time", "transaction_hash", "probability_bp", "category", "model")
COLUMNS = ("state", "alerted", "kept_bp", *SCORED)
"""Of `accounts`, beside the address."""

AT_ONCE = 500
"""Addresses that are asked for at once; SQLite takes 999 values at least."""

TOUCHED = (
    "CREATE TEMP TABLE touched (address BLOB PRIMARY KEY, state BLOB, alerted INTEGER, block_number INTEGER, "
    "block_hash BLOB, time INTEGER, transaction_hash BLOB, probability_bp INTEGER, category TEXT, model BLOB)"
)

_KEPT = "(t.alerted OR coalesce(a.alerted, 0) OR abs(t.probability_bp - coalesce(a.kept_bp, 0)) >= :step)"
"""Whether a score is kept; the first counts as moved from 0."""

_JOINED = "FROM touched t LEFT JOIN accounts a ON a.address = t.address"
_NEW = ", ".join(f"t.{name}" for name in SCORED)
_WORDS = {"block_hash": in_words("t.block_hash"), "transaction_hash": in_words("t.transaction_hash")}
_TEXTS = ", ".join({**_WORDS, "model": "lower(hex(t.model))"}.get(name, f"t.{name}") for name in SCORED)

SAVE = (
    f"INSERT OR IGNORE INTO undo (number, address, {', '.join(COLUMNS)}) "
    f"SELECT :number, t.address, {', '.join(f'a.{name}' for name in COLUMNS)} {_JOINED}"
)
KEEP = (
    f"INSERT INTO scores (address, {', '.join(SCORED)}) "
    f"SELECT {in_words('t.address')}, {_TEXTS} {_JOINED} WHERE {_KEPT} ORDER BY t.address"
)
REPLACE = (
    f"INSERT OR REPLACE INTO accounts (address, {', '.join(COLUMNS)}) "
    f"SELECT t.address, t.state, max(t.alerted, coalesce(a.alerted, 0)), "
    f"CASE WHEN {_KEPT} THEN t.probability_bp ELSE a.kept_bp END, {_NEW} {_JOINED}"
)
FORGET = "DELETE FROM accounts WHERE address IN (SELECT address FROM undo WHERE number = ? AND state IS NULL)"
RESTORE = (
    f"INSERT OR REPLACE INTO accounts (address, {', '.join(COLUMNS)}) "  # noqa: S608
    f"SELECT address, {', '.join(COLUMNS)} FROM undo WHERE number = ? AND state IS NOT NULL"
)


def put(database: sqlite3.Connection, entry: Entry, step: int) -> None:
    """Replace what the touched addresses have; keep what was there for an undo, and scores that moved by ``step``."""
    alerted = {one.address for one in entry.alerts}
    given = {"number": entry.block.number, "step": step}
    database.execute("DELETE FROM touched")
    database.executemany(
        "INSERT INTO touched VALUES (?,?,?,?,?,?,?,?,?,?)",
        (_values(one, one.score.address in alerted) for one in entry.touched),
    )
    for query in (SAVE, KEEP, REPLACE):
        database.execute(query, given)


def restore(database: sqlite3.Connection, number: int, head: int) -> None:
    """Give every address what it had after block ``number``, of blocks up to ``head``."""
    for block in range(head, number, -1):
        for query in (FORGET, RESTORE):
            database.execute(query, (block,))


def states(database: sqlite3.Connection, addresses: Sequence[str]) -> list[bytes | None]:
    """The statistics of each address, None of one that was never touched."""
    found: dict[bytes, bytes] = {}
    keys = [octets(one) for one in addresses]
    for at in range(0, len(keys), AT_ONCE):
        some = keys[at : at + AT_ONCE]
        marks = ",".join("?" * len(some))
        found.update(database.execute(f"SELECT address, state FROM accounts WHERE address IN ({marks})", some))  # noqa: S608
    return [found.get(key) for key in keys]


def load(database: sqlite3.Connection, accounts: Iterable[tuple[str, bytes]]) -> None:
    """The statistics of addresses before the first block."""
    database.executemany(
        "INSERT INTO accounts (address, state, alerted) VALUES (?, ?, 0)",
        ((octets(address), state) for address, state in accounts),
    )


def _values(one: Touched, alerted: bool) -> tuple[object, ...]:
    score = one.score
    return (
        octets(score.address),
        one.state,
        int(alerted),
        score.block_number,
        octets(score.block_hash),
        score.time,
        octets(score.transaction_hash),
        score.probability_bp,
        score.category,
        octets(score.model),
    )
