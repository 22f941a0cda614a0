"""What a watch wants said: its live alerts, and whether it has taken back what it said of an address."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from anomalyhive.chain.feed import address_of
from anomalyhive.errors import Failure
from anomalyhive.monitor.reading import MOST, AlertEntry, WatchReader
from anomalyhive.monitor.schema import connect


class Wishes:
    """The alerts in the folder of a watch, as who posts them needs them."""

    def __init__(self, folder: Path) -> None:
        """Raises BadInput for a folder without a watch."""
        self._folder = folder
        self._reader = WatchReader(folder)

    def close(self) -> None:
        """Close the file."""
        self._reader.close()

    def live(self) -> Mapping[str, AlertEntry]:
        """Address (with checksum) -> its newest live alert."""
        found: dict[str, AlertEntry] = {}
        before = None
        while page := self._reader.alerts(MOST, before=before, state="live"):
            for one in page:
                # Tokens are made and burned at the zero address, and no feed takes an alert about it.
                if int(one.alert.address, 16):
                    found.setdefault(address_of(one.alert.address), one)
            before = page[-1].place
        return found

    def taken_back(self, address: str) -> bool:
        """Whether the newest alert about an address was withdrawn; not for one that expired or was never there."""
        newest = self._reader.alerts(1, address=address.lower())
        return bool(newest) and newest[0].state == "withdrawn"

    def note_posted(self, transactions: Mapping[str, str]) -> None:
        """Note by which transaction (hex) each alert stands on the feed. Raises Failure."""
        try:
            with closing(connect(self._folder, writing=True)) as database:
                database.executemany(
                    "UPDATE alerts SET posted_tx = ? WHERE id = ?",
                    [(transaction, alert) for alert, transaction in transactions.items()],
                )
        except sqlite3.Error as error:
            raise Failure(f"{self._folder} cannot be written ({error}): make room") from error
