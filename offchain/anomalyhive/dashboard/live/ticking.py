"""A thread that does one thing again and again until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

STOP_SECONDS = 3.0
"""How long a last turn is waited for, unless more is asked: the thread ends with the process all the same."""


@dataclass
class Ticker:
    """Calls ``turn``, which gives the seconds until its next time and lets no exception through."""

    name: str
    turn: Callable[[], float]
    _stop: threading.Event = field(default_factory=threading.Event)
    _first: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self, patience: float = 0.0) -> None:
        """Begin, and wait so many seconds for the first turn to end."""
        self._thread = threading.Thread(target=self._run, name=self.name, daemon=True)
        self._thread.start()
        self._first.wait(patience)

    def told(self) -> None:
        """Tell it to end after the turn at hand."""
        self._stop.set()

    def stop(self, patience: float = STOP_SECONDS) -> None:
        """Tell it to end, and wait for that, though not for ever."""
        self.told()
        if self._thread is not None:
            self._thread.join(patience)

    def _run(self) -> None:
        while not self._stop.is_set():
            pause = self.turn()
            self._first.set()
            self._stop.wait(pause)
