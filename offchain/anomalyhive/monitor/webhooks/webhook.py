"""A webhook as its operator names it: where messages go, and the secret that signs them.

URLs come from the operator's own settings and from nobody else, so who can write them can reach whatever the process
can, this machine's own services too: a receiver beside the node is a good one. No answer is shown to anybody, and no
redirect is followed, so a receiver cannot make the node ask others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from anomalyhive.errors import BadSetting
from anomalyhive.urls import is_http, redact

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
"""Of a webhook: it names a file."""

MOST_URL = 2048
"""Characters of a URL."""

MOST_WEBHOOKS = 16
"""Each has a thread of its own."""


@dataclass(frozen=True)
class Webhook:
    """Where messages go. The URL may hold keys, so neither it nor the secret is shown."""

    name: str
    url: str = field(repr=False)
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Raise BadSetting for a name or a URL that cannot be used."""
        if NAME.fullmatch(self.name) is None:
            raise BadSetting(
                f"a webhook is named {self.name[:60]!r}: write 1 to 32 letters of a-z, digits and hyphens, such as ops"
            )
        check_url(self.url, f"the webhook {self.name}")

    @property
    def where(self) -> str:
        """The URL as it may be shown."""
        return redact(self.url)


def check_url(url: str, where: str) -> None:
    """Raise BadSetting for what is no URL of a webhook."""
    shown = redact(url)[:100] if "://" in url else "what is no URL"
    if not is_http(url) or len(url) > MOST_URL or any(not "!" <= one <= "~" for one in url):
        raise BadSetting(f"{where} has {shown}: write an http(s) URL, such as https://example.org/alerts")
    parts = urlsplit(url)
    if parts.username is not None or parts.password is not None:
        raise BadSetting(f"{where} has a user in its URL {shown}: the signature says who sends, so leave it out")
    if parts.fragment:
        raise BadSetting(f"{where} has a fragment in its URL {shown}, which is never sent: leave it out")
