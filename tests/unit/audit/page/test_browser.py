"""The page in a real browser, where there is one: its script runs, a stranger's does not."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from pathlib import Path

from tests.outside import browser_program, needs_browser

from anomalyhive.audit.page import render

from .documents import HOSTILE, document

pytestmark = needs_browser


def opened(page: str, folder: Path) -> tuple[str, str]:
    """The document after its scripts have run, and what the browser complained of."""
    file = folder / "page.html"
    file.write_text(page, encoding="utf-8")
    command = [
        browser_program(),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        "--dump-dom",
    ]
    # A profile of its own: a browser that somebody has open is left alone.
    command += [f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=2000", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True)
    complaints = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    return done.stdout, "\n".join(complaints)


def test_page_in_a_browser_dresses_its_digests_and_obeys_no_stranger(tmp_path: Path) -> None:
    everything = "".join(HOSTILE)
    dom, complaints = opened(render(document(tmp_path, everything, fault=everything)), tmp_path)
    assert complaints == ""
    title = re.search("<title>(.*?)</title>", dom)
    assert title is not None
    assert unescape(title[1]).startswith("The lineage does not hold")
    assert 'class="scripted"' in dom
    assert dom.count('class="copy"') > 5
    assert 'aria-label="Copy 0x' in dom


def test_page_in_a_browser_would_not_run_what_slipped_through(tmp_path: Path) -> None:
    page = render(document(tmp_path))
    evil = "<script>document.title = 'obeyed'</script><img src='x' onerror='document.title = \"obeyed\"'>"
    dom, complaints = opened(page.replace("<main>", f"<main>{evil}"), tmp_path)
    assert "<title>The lineage holds" in dom
    assert "Content Security Policy" in complaints
