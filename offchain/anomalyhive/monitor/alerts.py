"""The alerts in a watch's file, and the queue of what is to be told of them. All of it runs within a transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from anomalyhive.monitor.alert import Alert, Withdrawal
from anomalyhive.monitor.entries import RENEWED, BlockRow, Ended

MOST_HELD = 100_000
"""Messages that stay for a consumer that does not take them, such as a webhook that is named no more: some 200 MB."""

_FIRST_KEPT = (
    "SELECT seq FROM outgoing WHERE seq > ?1 "
    "OR coalesce(json_extract(body, '$.raised_at'), json_extract(body, '$.at')) >= ?2 ORDER BY seq LIMIT 1"
)
"""An alert that is told again says a time before that, but follows on what was told of the block that had ended it."""


def put(database: sqlite3.Connection, alert: Alert) -> None:
    """Keep an alert as live and send it out; one whose block is there again takes the place of what it was."""
    database.execute(
        "INSERT OR REPLACE INTO alerts (id, address, block_number, category, model, expires_at, body, state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, 'live')",
        (
            alert.id,
            alert.address,
            alert.block_number,
            alert.category,
            alert.model,
            alert.expires_at,
            alert.to_json(),
        ),
    )
    _send(database, alert)


def end(database: sqlite3.Connection, ended: Sequence[Ended], block: BlockRow) -> list[Withdrawal]:
    """Alerts that are live no more since a block; return what is told of it, which is nothing of renewed ones."""
    withdrawals = []
    for one in ended:
        into = "expired" if one.why in ("expired", RENEWED) else "withdrawn"
        database.execute(
            "UPDATE alerts SET state = ?, ended_at = ?, ended_block = ?, ended_why = ? WHERE id = ? AND state = 'live'",
            (into, block.time, block.number, one.why, one.alert_id),
        )
        if one.why != RENEWED:
            withdrawals.append(Withdrawal(one.alert_id, block.time, one.why))
            _send(database, withdrawals[-1])
    return withdrawals


def take_back(database: sqlite3.Connection, number: int, at: int) -> tuple[list[Withdrawal], list[Alert]]:
    """Withdraw the alerts of blocks above ``number``, and give those their life back that such a block has ended."""
    orphaned = those(database, "block_number > ? AND state = 'live' ORDER BY place", number)
    revived = those(database, "ended_block > ? AND block_number <= ? ORDER BY place", number, number)
    database.execute(
        "UPDATE alerts SET state = 'withdrawn', ended_at = ?, ended_block = NULL, ended_why = 'orphaned' "
        "WHERE block_number > ? AND ended_why IS NOT 'orphaned'",
        (at, number),
    )
    database.execute(
        "UPDATE alerts SET state = 'live', ended_at = NULL, ended_block = NULL, ended_why = NULL WHERE ended_block > ?",
        (number,),
    )
    withdrawals = [Withdrawal(one.id, at, "orphaned") for one in orphaned]
    for gone in withdrawals:
        _send(database, gone)
    for again in revived:
        _send(database, again)
    return withdrawals, revived


def forget(database: sqlite3.Connection, time: int) -> None:
    """Let go of what was told of blocks before ``time`` (unix seconds) and is done with.

    That is what every consumer with a cursor has had, all of it where there is no consumer, and whatever MOST_HELD
    messages came after. The queue's first messages go, and none from between others.
    """
    (last,) = database.execute("SELECT coalesce(max(seq), 0) FROM outgoing").fetchone()
    (had,) = database.execute("SELECT min(seq) FROM cursors").fetchone()
    done = last if had is None else max(had, last - MOST_HELD)
    database.execute(
        f"DELETE FROM outgoing WHERE seq < coalesce(({_FIRST_KEPT}), ?1 + 1)",  # noqa: S608
        (done, time),
    )


def those(database: sqlite3.Connection, condition: str, *values: int | str) -> list[Alert]:
    """The alerts for which a condition holds."""
    rows = database.execute(f"SELECT body FROM alerts WHERE {condition}", values).fetchall()  # noqa: S608
    return [Alert.from_json(body) for (body,) in rows]


def _send(database: sqlite3.Connection, told: Alert | Withdrawal) -> None:
    kind = "alert" if isinstance(told, Alert) else "withdrawal"
    database.execute("INSERT INTO outgoing (id, kind, body) VALUES (?, ?, ?)", (told.id, kind, told.to_json()))
