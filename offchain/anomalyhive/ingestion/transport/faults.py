"""Why an endpoint's answer is of no use, and what that means for the next attempt."""

from __future__ import annotations


class Fault(Exception):
    """An attempt failed; another endpoint, or this one later, may do better.

    ``wait`` is for how many seconds the endpoint asked not to be troubled (section 10.2.3 of RFC 9110); ``progress``
    is whether a part of what was asked was answered all the same.
    """

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait
        self.progress = False


class TooMuch(Fault):
    """The answer is cut, late, too large or not in order: asking for less at once may help."""


class Denied(Fault):
    """The endpoint answered with an error of its own that asking again will not change."""

    def __init__(self, code: int | None, words: str) -> None:
        super().__init__(f"{words} (code {code})")
        self.code = code
        self.words = words
