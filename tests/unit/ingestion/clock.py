"""A clock that moves only when somebody sleeps: back-off is tested without waiting for it."""

from __future__ import annotations

import threading
from typing import Any

from anomalyhive.ingestion.transport import Patience


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self.now += seconds

    def patience(self, **settings: Any) -> Patience:
        return Patience(sleep=self.sleep, clock=lambda: self.now, **settings)
