"""What an answer to a message means: taken, to be tried again, or never to be taken."""

from __future__ import annotations

import math
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum

PASSING = frozenset({401, 403, 404, 407, 408, 409, 421, 423, 425, 429})
"""Statuses of 4xx that are about the receiver's state and not about the message: its deployment, its load, its keys."""


class Meaning(Enum):
    """What to do after an answer."""

    TAKEN = "taken"
    AGAIN = "again"
    NEVER = "never"


@dataclass(frozen=True)
class Answer:
    """What came of an attempt: an HTTP status, 0 where there was none; in words why; seconds of its Retry-After."""

    status: int
    why: str = ""
    wait: float | None = None

    @property
    def meaning(self) -> Meaning:
        """What to do.

        A status of 2xx is a message taken, whatever comes of the answer's body. Redirects are not followed: they are
        tried again, since who set them may set them right.
        """
        if 200 <= self.status < 300:
            return Meaning.TAKEN
        return Meaning.NEVER if 400 <= self.status < 500 and self.status not in PASSING else Meaning.AGAIN


def asked_wait(text: str | None, now: float) -> float | None:
    """Seconds that a Retry-After asks for, a number or a date (RFC 9110, section 10.2.3); None for what is neither."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        seconds = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
