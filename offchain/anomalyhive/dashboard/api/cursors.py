"""Where a list goes on: a text that whoever holds it need not understand; its form is checked before it is read."""

from __future__ import annotations

NUMBER = "(?:0|[1-9][0-9]{0,14})"
"""A part of a cursor: below 2**53, in one form only."""


def pattern_of(kind: str, parts: int = 1) -> str:
    """The form of a cursor of a list of that kind."""
    return f"^{kind}{f'-{NUMBER}' * parts}$"


def cursor_of(kind: str, *place: int) -> str:
    """The cursor of a place in a list of that kind."""
    return "-".join([kind, *(str(one) for one in place)])


def place_in(cursor: str | None) -> tuple[int, ...] | None:
    """The place that a cursor of the right form names, None for none."""
    return None if cursor is None else tuple(int(one) for one in cursor.split("-")[1:])
