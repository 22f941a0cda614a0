"""What a receiver checks: a vector of Standard Webhooks, and that nothing else passes."""

from __future__ import annotations

import base64

import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.monitor.webhooks.signing import NotSigned, headers_of, read_secret, signature, verify

SECRET = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "a test")
ID, TIME, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'


def given(**changed: str) -> dict[str, str]:
    """The headers of a genuine message as a receiver has them, with some changed."""
    return {**{name.lower(): value for name, value in headers_of(SECRET, ID, TIME, BODY).items()}, **changed}


def test_signature_is_that_of_the_published_vector() -> None:
    assert signature(SECRET, ID, TIME, BODY) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("now", [TIME - 300, TIME, TIME + 300])
def test_genuine_message_of_now_is_known_by_its_id(now: int) -> None:
    assert verify(SECRET, given(), BODY, now) == ID


def test_one_right_signature_among_several_is_enough() -> None:
    both = f"v1,AAAA v2,xyz {given()['webhook-signature']}"
    assert verify(SECRET, given(**{"webhook-signature": both}), BODY, TIME) == ID


@pytest.mark.parametrize("now", [TIME - 301, TIME + 301])
def test_message_of_another_time_is_refused(now: int) -> None:
    with pytest.raises(NotSigned, match="replay"):
        verify(SECRET, given(), BODY, now)


@pytest.mark.parametrize(
    ("changed", "body"),
    [
        ({}, BODY + b" "),
        ({"webhook-id": ID + "x"}, BODY),
        ({"webhook-timestamp": str(TIME + 1)}, BODY),
        ({"webhook-signature": ""}, BODY),
        ({"webhook-signature": "v1,"}, BODY),
        ({"webhook-signature": "v1,é"}, BODY),
        ({"webhook-signature": signature(b"x" * 24, ID, TIME, BODY)}, BODY),
    ],
)
def test_message_with_anything_changed_is_refused(changed: dict[str, str], body: bytes) -> None:
    with pytest.raises(NotSigned, match="signature"):
        verify(SECRET, given(**changed), body, TIME)


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "٣", "9" * 5000])
def test_timestamp_that_is_none_is_refused(timestamp: str) -> None:
    with pytest.raises(NotSigned, match="missing"):
        verify(SECRET, given(**{"webhook-timestamp": timestamp}), BODY, TIME)


@pytest.mark.parametrize("size", [24, 64])
def test_secret_of_a_size_that_may_be_is_read(size: int) -> None:
    assert read_secret("whsec_" + base64.b64encode(b"s" * size).decode() + "\n", "it") == b"s" * size


@pytest.mark.parametrize(
    "text",
    ["", "hunter2", "whsec_", "whsec_é", "whsec_!!!", base64.b64encode(b"s" * 32).decode(),
     "whsec_" + base64.b64encode(b"s" * 23).decode(), "whsec_" + base64.b64encode(b"s" * 65).decode()],
)  # fmt: skip
def test_what_is_no_secret_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(BadSetting, match="the file F has no secret") as refused:
        read_secret(text, "the file F")
    assert not text or text == "whsec_" or text not in str(refused.value)
