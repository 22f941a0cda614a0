"""What an answer means, and how long it asks to wait."""

from __future__ import annotations

import pytest

from anomalyhive.monitor.webhooks.answers import Answer, Meaning, asked_wait

NOW = 1_445_412_480.0
"""Wed, 21 Oct 2015 07:28:00 GMT."""


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success_is_taken(status: int) -> None:
    assert Answer(status).meaning is Meaning.TAKEN


@pytest.mark.parametrize("status", [0, 100, 301, 302, 307, 308, 401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int) -> None:
    assert Answer(status).meaning is Meaning.AGAIN


@pytest.mark.parametrize("status", [400, 405, 406, 410, 411, 413, 414, 415, 417, 422, 431, 451])
def test_refusal_of_the_message_is_final(status: int) -> None:
    assert Answer(status).meaning is Meaning.NEVER


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Wed, 21 Oct 2015 07:29:00 GMT", 60.0),
        ("Wed, 21 Oct 2015 07:27:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
        ("1e400", None),
        ("inf", None),
        ("٣", None),
        ("Wed, 99 Oct 99999 07:28:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_a_number_or_a_date(text: str | None, seconds: float | None) -> None:
    assert asked_wait(text, NOW) == seconds


def test_retry_after_of_many_digits_is_no_infinity() -> None:
    assert asked_wait("9" * 5000, NOW) == 999_999_999.0
