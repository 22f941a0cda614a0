"""A watch's book for those who show it: read-only, in any process, while the watch writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anomalyhive.errors import BadSetting, Failure
from anomalyhive.metrics.features import FEATURES
from anomalyhive.monitor import accounts
from anomalyhive.monitor.alert import Alert
from anomalyhive.monitor.entries import BlockRow, Score
from anomalyhive.monitor.packing import unpack
from anomalyhive.monitor.rows import BLOCK_COLUMNS, SCORE_COLUMNS, block_of, in_words, octets, score_of
from anomalyhive.monitor.schema import FILE, connect

STATES = ("live", "expired", "withdrawn")

PLACES = 40
"""Bits of a block's number."""

MOST = 1000
"""Rows that one question gives."""

NO_END = 1 << 62
"""Above the number of every block."""

_ANOMALY = f"""
SELECT min(time), max(time), min(number), max(number), sum(highest_bp) / count(*), max(highest_bp),
    max(highest_bp << {PLACES} | number) & ((1 << {PLACES}) - 1), sum(alerts)
FROM blocks, (
    SELECT min(time) AS first, max(time) - min(time) + 1 AS seconds FROM blocks WHERE number >= ?1 AND number < ?2
)
WHERE number >= ?1 AND number < ?2 GROUP BY (time - first) * ?3 / seconds ORDER BY 3
"""  # noqa: S608

_LATEST = f"""
SELECT {in_words("address")}, block_number, {in_words("block_hash")}, time, {in_words("transaction_hash")},
    probability_bp, category, lower(hex(model))
FROM accounts WHERE address = ? AND probability_bp IS NOT NULL
"""  # noqa: S608


@dataclass(frozen=True)
class AlertEntry:
    """An alert and what has become of it.

    ``place`` is the cursor for those before it. ``state`` is one of STATES; ``ended_at`` is unix seconds and
    ``ended_why`` one of alert.WHY or "renewed", both None while it is live. ``posted_tx`` is None unless it was posted.
    """

    place: int
    alert: Alert
    state: str
    ended_at: int | None
    ended_why: str | None
    posted_tx: str | None


@dataclass(frozen=True)
class Bucket:
    """Blocks in a stretch of time: both ends of time (unix seconds) and number are those of blocks in it.

    ``mean_bp`` is the mean of their highest scores, floored, ``highest_bp`` the highest; ``highest_block`` had it.
    """

    from_time: int
    to_time: int
    from_block: int
    to_block: int
    mean_bp: int
    highest_bp: int
    highest_block: int
    alerts: int


@dataclass(frozen=True)
class About:
    """The watch itself: ``threshold_bp``, ``model`` and ``round`` are None before there is a model."""

    chain_id: int
    chain: str | None
    start: int | None
    threshold_bp: int | None
    model: str | None
    round: int | None


class WatchReader:
    """Reads the book of a watch. One thread at a time; open one for each."""

    def __init__(self, folder: Path) -> None:
        """Raises BadInput for a folder without a watch."""
        self._database, self._place = connect(folder), folder / FILE

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> WatchReader:
        """Itself, closed at the end."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def about(self) -> About:
        """What the watch is of."""
        facts = dict(self._rows("SELECT key, value FROM meta"))
        return About(
            facts["chain_id"], *(facts.get(name) for name in ("chain", "start", "threshold_bp", "model", "round"))
        )

    def head(self) -> BlockRow | None:
        """The last block that was followed, None before the first."""
        found = self.blocks(0, limit=1, newest=True)
        return found[0] if found else None

    def blocks(self, since: int, until: int | None = None, limit: int = MOST, newest: bool = False) -> list[BlockRow]:
        """The blocks numbered ``since`` up to and without ``until``, ascending; with ``newest``, from the last down."""
        order = "DESC" if newest else "ASC"
        rows = self._rows(
            f"SELECT {BLOCK_COLUMNS} FROM blocks WHERE number >= ? AND number < ? ORDER BY number {order} LIMIT ?",  # noqa: S608
            since,
            NO_END if until is None else until,
            _limit(limit),
        )
        return [block_of(row) for row in rows]

    def anomaly(self, buckets: int, since: int = 0, until: int | None = None) -> list[Bucket]:
        """The kept blocks in at most so many stretches of equal time, the oldest first; none without a block.

        Of those numbered ``since`` up to and without ``until``.
        """
        rows = self._rows(_ANOMALY, since, NO_END if until is None else until, _limit(buckets))
        return [Bucket(*row) for row in rows]

    def alerts(
        self,
        limit: int = 100,
        before: int | None = None,
        address: str | None = None,
        category: str | None = None,
        state: str | None = None,
        text: str | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> list[AlertEntry]:
        """Alerts, the newest first, of those before a ``place``; each wish that is given must hold.

        ``text`` is looked for in all that the alert says, as it is written, whatever the case. They were raised in the
        blocks numbered ``since`` up to and without ``until``.
        """
        if state is not None and state not in STATES:
            raise BadSetting(f"state {state[:40]!r} is unknown: choose one of {', '.join(STATES)}")
        wishes: dict[str, Any] = {"address = ?": address, "category = ?": category, "state = ?": state}
        wishes |= {"block_number >= ?": since, "block_number < ?": until}
        wishes |= {"place < ?": before, "body LIKE ? ESCAPE '\\'": None if text is None else _like(text)}
        chosen = {condition: value for condition, value in wishes.items() if value is not None}
        return self._entries(" AND ".join(chosen) or "1", *chosen.values(), _limit(limit))

    def alert(self, alert_id: str) -> AlertEntry | None:
        """The alert with that id, None where there is none."""
        found = self._entries("id = ?", alert_id, 1)
        return found[0] if found else None

    def history(self, address: str) -> list[Score]:
        """The scores of an address (lower case) that were kept, the oldest first, the newest MOST of them."""
        rows = self._rows(
            f"SELECT {SCORE_COLUMNS} FROM scores WHERE address = ? ORDER BY block_number DESC, place DESC LIMIT ?",  # noqa: S608
            address,
            MOST,
        )
        return [score_of(row) for row in reversed(rows)]

    def latest(self, address: str) -> Score | None:
        """The last score of an address (lower case), None where there is none."""
        try:
            key = octets(address)
        except ValueError:
            return None
        rows = self._rows(_LATEST, key)
        return score_of(rows[0]) if rows else None

    def statistics(self, address: str) -> list[tuple[str, int, str]] | None:
        """Name, value and unit of each feature of an address (lower case), None of one that was never touched.

        They are what the model is given of it after the last block, integer for integer what `metrics` makes of the
        blocks that were counted. Raises Failure where the book is damaged.
        """
        try:
            with self._understood():
                states = accounts.states(self._database, (address,))
        except ValueError:
            return None
        if states == [None]:
            return None
        (values,) = unpack((address,), states).features().tolist()
        return [(one.name, value, one.unit) for one, value in zip(FEATURES, values, strict=True)]

    def _entries(self, condition: str, *values: Any) -> list[AlertEntry]:
        rows = self._rows(
            "SELECT place, body, state, ended_at, ended_why, posted_tx FROM alerts "  # noqa: S608
            f"WHERE {condition} ORDER BY place DESC LIMIT ?",
            *values,
        )
        return [AlertEntry(place, Alert.from_json(body), *rest) for place, body, *rest in rows]

    def _rows(self, query: str, *values: Any) -> list[Any]:
        with self._understood():
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _understood(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OverflowError) as error:
            raise Failure(f"{self._place} cannot be read ({error}): restore it, or begin a new watch") from error


def _limit(limit: int) -> int:
    if not 1 <= limit <= MOST:
        raise BadSetting(f"limit {limit}: give a number from 1 to {MOST}")
    return limit


def _like(text: str) -> str:
    for sign in ("\\", "%", "_"):
        text = text.replace(sign, f"\\{sign}")
    return f"%{text}%"
