"""Signatures of messages, as Standard Webhooks 1.0.0 has them (https://www.standardwebhooks.com), so that receivers can
use its libraries.

    webhook-id         the message's; the same whenever it is sent again
    webhook-timestamp  unix seconds of this attempt
    webhook-signature  "v1," and base64 of HMAC-SHA256(secret, id "." timestamp "." body); several with spaces between

A secret is written ``whsec_`` and base64 of 24 to 64 bytes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping

from anomalyhive.errors import BadSetting, Failure

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a secret."""

TOLERANCE_SECONDS = 300
"""Between a message's time and the receiver's clock: what is older may be a replay."""

_DIGITS = re.compile(r"[0-9]{1,12}")


class NotSigned(Failure):
    """A message is not from who has the secret, or not of now."""


def read_secret(text: str, where: str) -> bytes:
    """The bytes of a secret. Raises BadSetting, which names ``where`` it was given and never shows it."""
    text = text.strip()
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX).encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError, ValueError):
        secret = b""
    if not text.startswith(PREFIX) or not SHORTEST <= len(secret) <= LONGEST:
        raise BadSetting(
            f"{where} has no secret of a webhook: write {PREFIX} and base64 of {SHORTEST} to {LONGEST} bytes, as "
            f"`echo {PREFIX}$(openssl rand -base64 32)` makes it"
        )
    return secret


def signature(secret: bytes, message: str, timestamp: int, body: bytes) -> str:
    """What ``webhook-signature`` has for one secret."""
    content = f"{message}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, content, hashlib.sha256).digest()).decode("ascii")


def headers_of(secret: bytes, message: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers of an attempt to deliver a message."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(secret, message, timestamp, body),
        # The same again under the name that proxies and frameworks know (draft-ietf-httpapi-idempotency-key-header).
        "Idempotency-Key": f'"{message}"',
    }


def verify(secret: bytes, headers: Mapping[str, str], body: bytes, now: float) -> str:
    """The id of a message that is genuine and of now, as a receiver checks it. Raises NotSigned.

    ``headers`` have names in lower case, ``now`` is in unix seconds, ``body`` the bytes as they came. Signatures are
    compared in constant time, so that none can be guessed byte by byte.
    """
    message, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message or _DIGITS.fullmatch(timestamp) is None:
        raise NotSigned("webhook-id or webhook-timestamp is missing: this is no message of a watch")
    if abs(now - int(timestamp)) > TOLERANCE_SECONDS:
        raise NotSigned(f"webhook-timestamp is {timestamp}, not of now: it may be a replay, or your clock is wrong")
    expected = signature(secret, message, int(timestamp), body).encode()
    given = headers.get("webhook-signature", "").split(" ")
    # All are compared, whichever it is.
    if sum(hmac.compare_digest(expected, one.encode("utf-8", "replace")) for one in given) == 0:
        raise NotSigned("no webhook-signature is right: the secret is another one, or the body was changed")
    return message
