"""When a message that was not taken is sent again: after twice as long each time, with chance in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Pace:
    """Seconds, and how often a message is tried before it is a dead letter.

    Pauses begin with ``first`` and double up to ``longest``. Of each a share of up to ``jitter`` (0 to 1) is taken off
    by chance, so that many senders do not come at once. What a receiver asks for with Retry-After is waited, but no
    longer than ``patience``. An attempt takes ``timeout`` at most, from its first byte to its last. The defaults are 12
    tries over about an hour.
    """

    first: float = 2.0
    longest: float = 900.0
    jitter: float = 0.5
    tries: int = 12
    patience: float = 3600.0
    timeout: float = 10.0

    def pause(self, tries: int, draw: Callable[[], float], asked: float | None = None) -> float:
        """Seconds until the next try, after so many; ``draw`` gives a number from 0 to 1."""
        # 2^60 s is longer than any pause, and no float overflows.
        pause = min(self.longest, self.first * float(1 << min(tries - 1, 60))) * (1.0 - self.jitter * draw())
        return pause if asked is None else max(pause, min(asked, self.patience))
