"""Texts as they are shown. Those of strangers: nothing in them is obeyed by a terminal, a log's reader or a browser.
Our own: a number agrees with its word.
"""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with codes for what is no character: controls, bidirectional marks, halves of a surrogate pair."""
    return "".join(one if one.isprintable() or one == "\n" else repr(one)[1:-1] for one in text)


def one_line(text: str, most: int = 1000) -> str:
    """The text on one line of at most ``most`` characters, with codes for what is no character."""
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text[:most])
    return shown if len(text) <= most and len(shown) <= most else f"{shown[: most - 1]}…"


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its word, "1 block" or "1,200 blocks"; ``many`` where that is more than ``one`` with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
