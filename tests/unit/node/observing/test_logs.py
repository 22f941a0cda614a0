"""The log: one event a line, whatever stands in it."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from anomalyhive.node.observing.logs import MOST_CHARACTERS, hiding, say, start_log, stop_log, utc

ENDPOINT = "https://user:pass@rpc.example.org/v3/0123456789abcdef?key=fedcba"
HOSTILE = 'a\nERROR b\r\x1b[31m\u2028\u202e"} {"level": "error"}\x00\ud800'


class Written:
    """What a log with one form has written."""

    def __init__(self, form: Literal["text", "json"]) -> None:
        self.stream = io.StringIO()
        self.handler = start_log(self.stream, form, hiding((ENDPOINT,)))

    @property
    def lines(self) -> list[str]:
        text = self.stream.getvalue()
        assert not text or text.endswith("\n")
        return text.split("\n")[:-1]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture(params=["text", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    log = Written(request.param)
    yield log
    stop_log(log.handler)


@pytest.fixture
def json_log() -> Iterator[Written]:
    log = Written("json")
    yield log
    stop_log(log.handler)


@pytest.fixture
def text_log() -> Iterator[Written]:
    log = Written("text")
    yield log
    stop_log(log.handler)


def test_event_as_json_has_time_level_name_and_values(json_log: Written) -> None:
    say("mined", gas=60_000, function="claim", role=None, well=True)
    (event,) = json_log.events
    assert event.pop("time").endswith("Z")
    assert event == {"level": "info", "event": "mined", "gas": 60_000, "function": "claim", "role": None, "well": True}


def test_event_for_people_has_the_same_on_a_line(text_log: Written) -> None:
    say("failed", logging.WARNING, where="claim of task 1", times=12_345, role=None, well=False, empty="")
    (line,) = text_log.lines
    time, rest = line.split(" ", 1)
    assert time.endswith("Z")
    assert rest == 'WARNING failed    where="claim of task 1" times=12,345 role=- well=false empty=""'


def test_port_for_people_has_no_commas(text_log: Written) -> None:
    say("serving", host="127.0.0.1", port=32_933)
    assert text_log.lines[0].endswith("serving   host=127.0.0.1 port=32933")


def test_time_is_utc_with_milliseconds() -> None:
    assert utc(1_767_323_045.678) == "2026-01-02T03:04:05.678Z"


def test_hostile_text_stays_on_its_line_and_moves_no_cursor(written: Written) -> None:
    say("failed", error=HOSTILE)
    (line,) = written.lines
    assert all(one.isprintable() for one in line)


def test_hostile_text_cannot_speak_as_another_event(json_log: Written) -> None:
    say("failed", error=HOSTILE, time="never")
    (event,) = json_log.events
    assert (event["event"], event["level"]) == ("failed", "info")
    assert event["time"].endswith("Z")
    assert "ERROR b" in event["error"]


def test_secrets_of_urls_are_in_no_line(written: Written) -> None:
    say("failed", error=f"{ENDPOINT} refused; so did wss://other.example.org/secret-path and /v3/0123456789abcdef")
    logging.getLogger("urllib3").warning("retry %s", ENDPOINT)
    text = "\n".join(written.lines)
    assert "rpc.example.org" in text
    assert "other.example.org" in text
    for secret in ("pass", "0123456789abcdef", "fedcba", "secret-path"):
        assert secret not in text


def test_what_libraries_log_and_warn_is_an_event_too(json_log: Written) -> None:
    logging.getLogger("urllib3").warning("retry\n%s", "now")
    logging.getLogger("urllib3").debug("nobody wants this")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    first, second = json_log.events
    assert (first["event"], first["text"], first["from"]) == ("log", r"retry\nnow", "urllib3")
    assert "old" in second["text"]


def test_error_of_a_record_is_its_class_and_words_without_traceback(written: Written) -> None:
    try:
        raise ValueError("of\nmany lines")
    except ValueError:
        logging.getLogger("x").exception("went wrong")
    (line,) = written.lines
    assert "ValueError: of" in line
    assert "Traceback" not in line


def test_long_text_is_cut(json_log: Written) -> None:
    say("failed", error="x" * 10**6)
    assert len(json_log.events[0]["error"]) == MOST_CHARACTERS


def test_stop_log_ends_it(json_log: Written) -> None:
    stop_log(json_log.handler)
    say("mined")
    assert json_log.lines == []
