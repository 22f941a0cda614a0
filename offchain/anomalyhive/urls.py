"""URLs of nodes: which can be used, and how they are shown without the secrets that they hold."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit, urlunsplit


def is_http(url: str) -> bool:
    """Whether it is an http(s) URL with a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or half of an IPv6 address
        return False


def redact(url: str) -> str:
    """The URL without user, password, path and query, where providers put their API keys; other text as it is."""
    try:
        parts = urlsplit(url)
        host = f"{parts.hostname or ''}:{parts.port}" if parts.port else parts.hostname or ""
    except ValueError:  # no telling what in it is the secret
        return f"{url.partition('://')[0]}://…"
    return urlunsplit((parts.scheme, host, "", "", "")) if parts.scheme else url


def mistaken(text: str) -> str:
    """What was given for a URL or a folder and is neither: a URL that lacks its scheme keeps its secrets too.

    >>> mistaken("user:password@node.example:8545/key")
    '…@node.example:8545'
    """
    if "@" in text:
        return f"…@{re.split('[/?#]', text.rpartition('@')[2])[0]}"
    cut = re.match("(https?:/*[^/?#]*).", text, re.IGNORECASE)
    return f"{cut[1]}…" if cut else text


def conceal(text: str, url: str) -> str:
    """A text of another program without what `redact` leaves out of a URL."""
    parts = urlsplit(url)
    text = text.replace(url, redact(url))
    for secret in (f"{parts.path}?{parts.query}", parts.path, parts.query, parts.password, parts.username):
        for written in (secret or "", unquote(secret or "")):
            if written.strip("/?"):
                text = text.replace(written, "…")
    return text
