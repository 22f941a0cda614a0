"""How each kind of setting is read, from a TOML value or from the text of an environment variable.

A reading gives the value that the program uses, or raises `Unusable`: which says what to write instead, and which
element of a list is meant.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from anomalyhive.chain.views import Role
from anomalyhive.urls import is_http, redact

WHOLE = re.compile(r"[+-]?[0-9](?:_?[0-9])*")
DAEMON = re.compile(r"/(?:ip4|ip6|dns|dns4|dns6)/[^/\s]+/tcp/([0-9]{1,5})(?:/https?)?")
"""Multiaddr of a daemon's RPC API."""

ROLES = {role.name.lower(): role for role in Role}
SHOWN = 60
"""Characters of a wrong value that a message shows."""

MOST_TASKS = 1000
MOST_ENDPOINTS = 16


class Unusable(Exception):
    """A value cannot be used: what to write instead, the value as it may be shown, and its place in a list."""

    def __init__(self, instead: str, shown: str, element: int | None = None) -> None:
        self.instead, self.shown, self.element = instead, shown, element
        super().__init__(instead)


@dataclass(frozen=True)
class Reading:
    """``of_value`` reads what TOML has, ``of_text`` turns the text of a variable into what TOML would have."""

    of_value: Callable[[Any], Any]
    of_text: Callable[[str], Any] = str


def shown(value: object) -> str:
    """A value as a message may show it: short, on one line."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more digits than Python writes out
        return "a number too long to be shown"
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def whole(low: int, high: int, instead: str, nothing: bool = False) -> Reading:
    """An integer from ``low`` to ``high``; with ``nothing``, an empty variable means that there is none."""

    def of_value(value: Any) -> int | None:
        if nothing and value is None:
            return None
        if type(value) is not int or not low <= value <= high:
            raise Unusable(instead, shown(value))
        return value

    return Reading(of_value, lambda text: None if nothing and not text else whole_of_text(text))


def whole_of_text(text: str) -> int | str:
    """The integer that a text is, else the text, for the reading to refuse."""
    try:
        return int(text) if WHOLE.fullmatch(text.strip()) else text
    except ValueError:  # more digits than Python reads
        return text


def decimal(low: float, high: float, instead: str) -> Reading:
    """A number with decimals, from ``low`` to ``high``."""

    def of_value(value: Any) -> float:
        if type(value) not in (int, float) or not (low <= value <= high and math.isfinite(value)):
            raise Unusable(instead, shown(value))
        return float(value)

    def of_text(text: str) -> Any:
        try:
            return float(text)
        except ValueError:
            return text

    return Reading(of_value, of_text)


def choice(known: tuple[str, ...], instead: str) -> Reading:
    """One of a few words."""

    def of_value(value: Any) -> str:
        if type(value) is not str or value not in known:
            raise Unusable(instead, shown(value))
        return value

    return Reading(of_value)


def yes_or_no(instead: str) -> Reading:
    """A truth value."""

    def of_value(value: Any) -> bool:
        if type(value) is not bool:
            raise Unusable(instead, shown(value))
        return value

    return Reading(of_value, lambda text: {"true": True, "false": False}.get(text.strip().lower(), text))


def path(instead: str, nothing: bool = False) -> Reading:
    """A path as it was written; with ``nothing``, an empty variable means that there is none."""

    def of_value(value: Any) -> str | None:
        if nothing and value is None:
            return None
        if type(value) is not str or not value.strip() or "\0" in value:
            raise Unusable(instead, shown(value))
        return value

    return Reading(of_value, lambda text: None if nothing and not text else text)


def store(instead: str) -> Reading:
    """``directory:PATH`` or the multiaddr of a daemon."""

    def of_value(value: Any) -> str:
        if type(value) is str:
            if value.startswith("directory:") and value.removeprefix("directory:").strip() and "\0" not in value:
                return value
            daemon = DAEMON.fullmatch(value)
            if daemon is not None and 0 < int(daemon.group(1)) < 1 << 16:
                return value
        raise Unusable(instead, shown(value))

    return Reading(of_value)


def address(instead: str) -> Reading:
    """Host and port to listen at, or none where it is empty."""

    def of_value(value: Any) -> tuple[str, int] | None:
        if value is None or value == "":
            return None
        if type(value) is str:
            host, colon, port = value.rpartition(":")
            if colon and host.strip("[]") and not re.search(r"[\s/]", host) and re.fullmatch(r"[0-9]{1,5}", port):
                number = int(port)
                if number < 1 << 16:
                    return host.strip("[]"), number
        raise Unusable(instead, shown(value))

    return Reading(of_value)


def endpoints(instead: str) -> Reading:
    """One or more http(s) URLs, shown without what may be a secret in them."""

    def of_value(value: Any) -> tuple[str, ...]:
        if type(value) is not list or not 0 < len(value) <= MOST_ENDPOINTS:
            raise Unusable(instead, "a list of so many" if type(value) is list else "no list")
        for place, url in enumerate(value):
            if type(url) is not str or not is_http(url):
                written = redact(url)[:SHOWN] if type(url) is str and "://" in url else "what is no URL"
                raise Unusable(instead, written, place)
            if url in value[:place]:
                raise Unusable("name each endpoint once", f"{redact(url)} twice", place)
        return tuple(value)

    return Reading(of_value, parts_of_text)


def roles(instead: str) -> Reading:
    """One or more of the four roles."""

    def of_value(value: Any) -> frozenset[Role]:
        if type(value) is not list or not value:
            raise Unusable(instead, shown(value))
        for place, name in enumerate(value):
            if type(name) is not str or name not in ROLES:
                raise Unusable(instead, shown(name), place)
        return frozenset(ROLES[name] for name in value)

    return Reading(of_value, parts_of_text)


def tasks(instead: str) -> Reading:
    """Numbers of tasks, each once; there may be none."""

    def of_value(value: Any) -> tuple[int, ...]:
        if type(value) is not list or len(value) > MOST_TASKS:
            raise Unusable(instead, shown(value))
        for place, number in enumerate(value):
            if type(number) is not int or not 0 < number < 1 << 64 or number in value[:place]:
                raise Unusable(instead, shown(number), place)
        return tuple(value)

    return Reading(of_value, lambda text: [whole_of_text(part) for part in parts_of_text(text)])


def parts_of_text(text: str) -> list[str]:
    """The parts of a variable that holds several values, cut at commas."""
    return [part.strip() for part in text.split(",") if part.strip()]
