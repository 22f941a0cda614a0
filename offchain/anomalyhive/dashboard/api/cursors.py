"""Where a list goes on: opaque to whoever holds it, and refused unless this interface made it."""

from __future__ import annotations

import base64
import binascii

from anomalyhive.dashboard.api.problems import Refused

LONGEST = 256
"""Characters of a cursor."""


def cursor_of(kind: str, *place: int) -> str:
    """The cursor of a place in a list of that kind."""
    text = ":".join([kind, *(str(one) for one in place)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_in(cursor: str | None, kind: str, parts: int = 1) -> tuple[int, ...] | None:
    """The place that a cursor names, None for none. Raises Refused for one that is not of that kind."""
    if cursor is None:
        return None
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        name, *numbers = text.split(":")
        place = tuple(int(one) for one in numbers if one.isdigit() and len(one) <= 20)
    except (ValueError, binascii.Error):
        name, place = "", ()
    # Written back it must be the same text: there is one cursor for a place.
    if name != kind or len(place) != parts or cursor_of(kind, *place) != cursor:
        raise Refused(422, "bad-cursor", f"after={cursor[:40]!r} is no cursor of this list: take `next` of an answer")
    return place
