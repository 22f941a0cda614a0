"""What a watch has to say: read from its folder, and told when it changes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from anomalyhive.errors import AnomalyHiveError
from anomalyhive.monitor.alert import WHY, Withdrawal
from anomalyhive.monitor.reading import AlertEntry, WatchReader

RECENT = 200
"""Newest alerts whose states are followed."""

MOST_NEW = 1000
"""New alerts told after one look; whoever missed more of them asks for the list."""

Listener: TypeAlias = Callable[[AlertEntry, bool], None]
"""Hears of an alert, and whether it is new; else it has ended."""


@dataclass
class Watching:
    """The folder of a watch; ``problem`` says why it cannot be read now, None if it can."""

    folder: Path
    seconds: float = 1.0
    listeners: list[Listener] = field(default_factory=list)
    problem: str | None = None
    _states: dict[str, str] | None = None
    _place: int = 0

    @contextmanager
    def reader(self) -> Iterator[WatchReader]:
        """A reader for one thread, for as long as the block. Raises BadInput, Failure."""
        with WatchReader(self.folder) as reader:
            yield reader

    def look(self) -> float:
        """Tell what is new since the last look; the seconds until the next one."""
        try:
            with self.reader() as reader:
                entries = self._read(reader)
        except AnomalyHiveError:
            # Its words name the folder, which is for who is on the machine.
            self.problem = "the watch cannot be read now"
            return self.seconds
        self.problem = None
        self._tell(entries)
        return self.seconds

    def _read(self, reader: WatchReader) -> list[AlertEntry]:
        """The newest alerts, newest first: all that are new and as many as are followed."""
        found = reader.alerts(limit=RECENT)
        while self._states is not None and found and found[-1].place > self._place and len(found) < MOST_NEW:
            more = reader.alerts(limit=RECENT, before=found[-1].place)
            if not more:
                break
            found += more
        return found

    def _tell(self, entries: list[AlertEntry]) -> None:
        known, self._states = self._states, {one.alert.id: one.state for one in entries[:RECENT]}
        begun, self._place = self._place, max([one.place for one in entries], default=self._place)
        if known is None:
            return
        for one in reversed(entries):
            if one.place > begun:
                self._heard(one, True)
            if one.state != "live" and known.get(one.alert.id, "live") == "live" and (
                one.place > begun or one.alert.id in known
            ):  # fmt: skip
                self._heard(one, False)

    def _heard(self, entry: AlertEntry, new: bool) -> None:
        for listener in self.listeners:
            listener(entry, new)


def withdrawal_id(entry: AlertEntry) -> str:
    """The id of what ended an alert: as consumers of the watch have it, where it is such a withdrawal."""
    at, why = entry.ended_at or 0, entry.ended_why or ""
    return Withdrawal(entry.alert.id, at, why).id if why in WHY else entry.alert.id
