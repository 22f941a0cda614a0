"""From snapshots to events: what the reading thread publishes, told to the streams."""

from __future__ import annotations

import asyncio
from typing import Any

from anomalyhive.dashboard.api.board import Board
from anomalyhive.dashboard.api.shaping.alerts import alert_of
from anomalyhive.dashboard.api.shaping.hive import head_of
from anomalyhive.dashboard.api.shaping.rounds import detail_of
from anomalyhive.dashboard.live.hub import Told, wire_of
from anomalyhive.dashboard.live.snapshot import Snapshot
from anomalyhive.dashboard.live.watching import withdrawal_id
from anomalyhive.monitor.reading import AlertEntry

MOST_ROUNDS = 8
"""Rounds told after one look: a first reading finds hundreds, and whoever begins to listen asks for them."""


class Telling:
    """A listener of the poller; what it hears in the poller's thread it publishes in the loop of the streams."""

    def __init__(self, board: Board, loop: asyncio.AbstractEventLoop) -> None:
        self._board, self._loop = board, loop
        self._before = board.latest

    def __call__(self, snapshot: Snapshot, changed: frozenset[int]) -> None:
        """Tell what is new."""
        before, self._before = self._before, snapshot
        if (before.connected, before.problem) != (snapshot.connected, snapshot.problem):
            self.tell("connection", connection_of(snapshot))
        head = snapshot.head
        if head is not None and (before.head is None or before.head.hash != head.hash):
            self.tell("block", {"number": head.number, "time": head.time})
        book, now = snapshot.book, snapshot.now(self._board.clock())
        known = _phases(before)
        # A deadline that passed changes a round without an event.
        moved = set(changed) | {number for number, phase in _phases(snapshot).items() if known.get(number) != phase}
        for number in sorted(moved)[-MOST_ROUNDS:]:
            if book is not None and number in book.rounds:
                detail = detail_of(snapshot, self._board.content, book.rounds[number], now)
                self.tell("round", detail.model_dump_json())

    def heard(self, entry: AlertEntry, new: bool) -> None:
        """Tell an alert, or how one ended."""
        if new:
            self.tell("alert", alert_of(entry).model_dump_json())
            return
        ended = {"id": withdrawal_id(entry), "alert_id": entry.alert.id, "at": entry.ended_at, "why": entry.ended_why}
        self.tell("withdrawal", ended)

    def tell(self, kind: str, data: Any) -> None:
        """Publish an event; harmless when the loop has ended."""
        try:
            self._loop.call_soon_threadsafe(self._board.hub.publish, kind, data)
        except RuntimeError:  # the server has stopped while the thread had not yet heard of it
            return


def _phases(snapshot: Snapshot) -> dict[int, str]:
    """The latest round, if it is not over -> its phase when the snapshot was taken."""
    book = snapshot.book
    if book is None or not book.latest or book.rounds[book.latest].over:
        return {}
    there = book.rounds[book.latest].at(snapshot.now(snapshot.looked_at))
    return {book.latest: there.progress.phase.name}


def connection_of(snapshot: Snapshot) -> dict[str, Any]:
    """What the event `connection` says."""
    return {"connected": snapshot.connected, "problem": snapshot.problem}


def hello_of(board: Board, resumed: bool) -> Told:
    """The first event of a stream; its id is that of the last event before it."""
    snapshot, head = board.latest, head_of(board.latest, board.clock())
    data = {
        "resumed": resumed,
        "head": None if head is None else {"block": head.block, "time": head.time},
        "latest_round": snapshot.book.latest if snapshot.book else 0,
        **connection_of(snapshot),
    }
    return Told(0, wire_of("hello", data, board.hub.here()))
