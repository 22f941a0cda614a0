"""Which names and URLs a webhook may have, and that nothing secret of it is shown."""

from __future__ import annotations

import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.monitor.webhooks import Webhook

SECRET = b"s" * 24


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/alerts", "https://example.org", "https://[::1]:8443/a/b?key=1", "http://localhost/"]
)
def test_http_url_is_taken(url: str) -> None:
    assert Webhook("ops", url, SECRET).url == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://example.org/a", "http\\(s\\) URL"),
        ("file:///etc/passwd", "http\\(s\\) URL"),
        ("example.org", "http\\(s\\) URL"),
        ("http://", "http\\(s\\) URL"),
        ("http://example.org:99999/", "http\\(s\\) URL"),
        ("https://example.org/a b", "http\\(s\\) URL"),
        ("https://example.org/\r\nX-Other: 1", "http\\(s\\) URL"),
        ("https://exämple.org/", "http\\(s\\) URL"),
        ("https://example.org/" + "a" * 3000, "http\\(s\\) URL"),
        ("https://user:hunter2@example.org/", "a user"),
        ("https://example.org/#hunter2", "a fragment"),
    ],
)
def test_other_url_is_refused_without_its_secrets(url: str, why: str) -> None:
    with pytest.raises(BadSetting, match=why) as refused:
        Webhook("ops", url, SECRET)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("name", ["", "Ops", "a/b", "..", "-a", "a" * 33, "a\n"])
def test_name_that_could_not_be_a_file_is_refused(name: str) -> None:
    with pytest.raises(BadSetting, match="is named"):
        Webhook(name, "http://127.0.0.1/", SECRET)


def test_neither_secret_nor_url_is_shown() -> None:
    shown = repr(Webhook("ops", "https://example.org/hush?key=hush", b"hush" * 6))
    assert "hush" not in shown
    assert "ops" in shown
    assert Webhook("ops", "https://example.org/hush?key=hush", b"hush" * 6).where == "https://example.org"
