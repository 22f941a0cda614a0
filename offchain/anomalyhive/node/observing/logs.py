"""The log of a node: one event a line, for programs as JSON or for people, with nothing in it that a reader obeys.

Texts of strangers are escaped; URLs lose what in them may be a secret. What libraries log goes the same way.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, Literal, TextIO

from anomalyhive.texts import one_line
from anomalyhive.urls import conceal, redact

LOGGER = "anomalyhive.node"

FROM_HOST = re.compile(r"://[^\s'\"<>]+")
"""What of a URL stands after its scheme. Nothing that can begin in many places: texts are strangers'."""

MOST_CHARACTERS = 2000
"""Of one value of an event."""

Hide = Callable[[str], str]
"""A text without secrets."""


def hiding(endpoints: tuple[str, ...]) -> Hide:
    """Hides what of these endpoints is secret wherever it stands, and of any other URL what may be."""

    def hide(text: str) -> str:
        for url in endpoints:
            text = conceal(text, url)
        return FROM_HOST.sub(lambda found: redact(f"x{found[0]}")[1:], text)

    return hide


def say(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Log an event of the node with its values."""
    logging.getLogger(LOGGER).log(level, event, extra={"fields": fields})


class EventFormatter(logging.Formatter):
    """What both forms have in common: the values of an event, safe to be shown."""

    def __init__(self, hide: Hide) -> None:
        super().__init__()
        self._hide = hide

    def values(self, record: logging.LogRecord) -> dict[str, Any]:
        """The values of an event of the node; of anything else its words and where they come from."""
        fields: Mapping[str, Any] | None = getattr(record, "fields", None)
        if fields is None:
            fields = {"text": record.getMessage(), "from": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            fields = {**fields, "error": f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}"}
        return {name: self._safe(value) for name, value in fields.items()}

    def event(self, record: logging.LogRecord) -> str:
        """The name of an event."""
        return record.getMessage() if hasattr(record, "fields") else "log"

    def _safe(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        return one_line(self._hide(str(value)), MOST_CHARACTERS)


class JsonLines(EventFormatter):
    """One JSON object a line: ``time``, ``level``, ``event``, then the event's values."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        head = {"time": utc(record.created), "level": record.levelname.lower(), "event": self.event(record)}
        # The head cannot be spoken over: it stands last where a value has its name.
        return json.dumps({**head, **self.values(record), **head}, allow_nan=False)


class ForPeople(EventFormatter):
    """Time, level, event, and the event's values as ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        # A port is a name and no amount: it stands without commas, so that it can be copied.
        told = {name: str(value) if name == "port" else value for name, value in self.values(record).items()}
        values = " ".join(f"{name}={_quoted(value)}" for name, value in told.items())
        return f"{utc(record.created)} {record.levelname:7} {self.event(record):9} {values}".rstrip()


def utc(seconds: float) -> str:
    """Unix seconds as ISO 8601 with milliseconds, such as 2026-01-02T03:04:05.678Z."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _quoted(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "-" if value is None else str(value).lower()
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or re.search(r'[\s"=]', text) else text


def start_log(stream: TextIO, form: Literal["text", "json"], hide: Hide) -> logging.Handler:
    """Let everything that is logged in this process go to the stream in one form; `stop_log` ends it."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(hide) if form == "json" else ForPeople(hide))
    root = logging.getLogger()
    root.addHandler(handler)
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    logging.captureWarnings(True)
    return handler


def stop_log(handler: logging.Handler) -> None:
    """Take a handler of `start_log` out again."""
    logging.captureWarnings(False)
    logging.getLogger().removeHandler(handler)
    handler.close()
