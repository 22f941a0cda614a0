"""The dashboard as its user has it: the command in a process of its own, and its page in a real browser."""

from __future__ import annotations

import contextlib
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request, expect

HOSTILE = "<img src=x onerror=\"document.title='obeyed'\"><script>document.title='obeyed'</script>\u202e\u200b"
"""A stranger's text: markup that acts where it is taken for such, and characters that hide or turn others."""


PATIENCE = 30_000
"""Milliseconds for what is to come to a page: machines that test may be busy."""

expect.set_options(timeout=PATIENCE)

Scheme: TypeAlias = Literal["light", "dark"]


@dataclass
class Dashboard:
    """A command that serves; ``url`` has the token in its fragment."""

    url: str
    process: subprocess.Popen[str]

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def port(self) -> int:
        """Where it listens."""
        port = urlsplit(self.url).port
        assert port is not None
        return port


@contextlib.contextmanager
def served(*options: str | Path, port: int = 0) -> Iterator[Dashboard]:
    """`anomalyhive dashboard` with these options, until the end of the block."""
    command = [
        sys.executable,
        "-c",
        "from anomalyhive.cli import main; main()",
        "dashboard",
        *map(str, options),
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield Dashboard(_printed_url(process), process)
        finally:
            process.send_signal(signal.SIGTERM)
            # A test may have killed it.
            assert process.wait(20) in (0, -signal.SIGKILL)


def _printed_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        found = re.search(r"http://\S+#token=\S+", line)
        if found:
            return found[0]
    raise AssertionError(f"the command ended without an address: {''.join(said)}")


@dataclass
class Watched:
    """A page and what it did that a browser notices: ``complaints`` of the console, hosts that it asked, violations."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def violations(self) -> list[str]:
        """What the content security policy forbade."""
        found: list[str] = self.page.evaluate("window.violations ?? []")
        return found


@contextlib.contextmanager
def opened_page(browser: Browser, width: int = 1200, height: int = 900, scheme: Scheme = "light") -> Iterator[Watched]:
    """A fresh page, its complaints and requests written down."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    watched = Watched(page)

    def note(request: Request) -> None:
        watched.asked.append(request.url)

    page.on("console", lambda one: watched.complaints.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on("request", note)
    page.add_init_script(
        "window.violations = [];"
        "addEventListener('securitypolicyviolation', (e) => violations.push(e.violatedDirective + ' ' + e.blockedURI));"
    )
    try:
        yield watched
    finally:
        context.close()


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    found: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found
