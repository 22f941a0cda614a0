"""Books of a watch for tests: filled through the writer itself, with blocks, scores and alerts made by numbers."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from anomalyhive.monitor.alert import Alert
from anomalyhive.monitor.book import Book
from anomalyhive.monitor.entries import BlockRow, Ended, Entry, Score, Touched
from anomalyhive.monitor.lifting import AT
from anomalyhive.monitor.packing import pack
from anomalyhive.monitor.schema import FILE
from anomalyhive.monitor.statistics import Statistics

CHAIN_ID = 1
START = 100
GENESIS_TIME = 1_600_000_000
BLOCK_SECONDS = 12
LIFE = 3600
MODEL = hashlib.sha256(b"model").hexdigest()
TABLES = ("blocks", "scores", "alerts", "accounts")


def hash_of(number: int, fork: int = 0) -> str:
    """The hash of a block of a fork."""
    return "0x" + hashlib.sha256(f"block {number} {fork}".encode()).hexdigest()


def address(number: int) -> str:
    """An address by its number."""
    return "0x" + hashlib.sha256(f"address {number}".encode()).hexdigest()[:40]


def transaction(block: int, number: int) -> str:
    """The hash of a transaction of a block."""
    return "0x" + hashlib.sha256(f"transaction {block} {number}".encode()).hexdigest()


def time_of(number: int) -> int:
    """When a block was made."""
    return GENESIS_TIME + (number - START) * BLOCK_SECONDS


def packed(**columns: int) -> bytes:
    """The statistics of an address, as the book has them, of which some columns are set."""
    made = Statistics.neutral(("",))
    for name, value in columns.items():
        made.values[0, AT[name]] = value
    return pack(made)[0]


def state_of(number: int, fork: int = 0) -> bytes:
    """Statistics that tell a block and its fork: as many transactions sent, and received."""
    return packed(sent=number, received=fork)


def alert(block: int, who: int, fork: int = 0, **changed: Any) -> Alert:
    """An alert about an address at a block."""
    made = Alert(
        chain_id=CHAIN_ID,
        address=address(who),
        block_number=block,
        block_hash=hash_of(block, fork),
        transactions=(transaction(block, who),),
        probability_bp=9000 + who,
        category="phishing",
        category_index=1,
        reasons=("received_plain_mean: 0.666, higher than 66 % of accounts (+0.72)",),
        model=MODEL,
        round=3,
        raised_at=time_of(block),
        expires_at=time_of(block) + LIFE,
    )
    return replace(made, **changed)


def entry(
    number: int,
    scores: Sequence[tuple[int, int]] = (),
    alerts: Sequence[Alert] = (),
    ended: Sequence[Ended] = (),
    fork: int = 0,
) -> Entry:
    """A block with scores as (number of the address, basis points); the statistics of each tell block and fork."""
    points = [bp for _, bp in scores]
    row = BlockRow(
        number=number,
        hash=hash_of(number, fork),
        parent=hash_of(number - 1, fork),
        time=time_of(number),
        transactions=len(points),
        addresses=len(points),
        scored=len(points),
        highest_bp=max(points, default=0),
        mean_bp=sum(points) // max(len(points), 1),
        alerts=len(alerts),
    )
    touched = [
        Touched(
            Score(address(who), number, row.hash, row.time, transaction(number, who), bp, "phishing", MODEL),
            state_of(number, fork),
        )
        for who, bp in scores
    ]
    return Entry(row, touched, alerts, ended)


def begun(folder: Path, **limits: int) -> Book:
    """A new book that is open and has begun at START."""
    book = Book.open(folder, CHAIN_ID, **limits)
    book.begin(START, hash_of(START - 1))
    book.note({"chain": "ethereum", "threshold_bp": 8000, "model": MODEL, "round": 3})
    return book


def filled(folder: Path, blocks: int = 40, every: int = 5) -> list[Alert]:
    """Fill the book in a folder and close it; return the alerts, which stand in every so many blocks.

    Each block scores three addresses; the first alert has been cleared, the second has expired.
    """
    raised: list[Alert] = []
    with begun(folder) as book:
        for number in range(START, START + blocks):
            alerts = [alert(number, number)] if number % every == 0 else []
            scores = [
                (number, 9000 + number if alerts else 40 * (number % 7)),
                (number % 3, 200),
                (7, 10 * (number % 9)),
            ]
            place = number - START
            ends = {2 * every: "cleared", 3 * every: "expired"}
            ended = [Ended(raised[len(raised) - 2].id, ends[place])] if place in ends else []
            book.write(entry(number, scores, alerts, ended))
            raised += alerts
    return raised


def content(folder: Path, *tables: str) -> dict[str, list[tuple[object, ...]]]:
    """All rows, without the places, which say in which order they were written."""
    database = sqlite3.connect(folder / FILE)
    found = {}
    for table in tables or TABLES:
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})") if row[1] != "place"]
        rows = database.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()  # noqa: S608
        found[table] = sorted(rows, key=repr)
    database.close()
    return found
