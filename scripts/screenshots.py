"""The README's pictures of the dashboard, taken of a federation at work: `python scripts/screenshots.py`.

Five trainers and three validators learn from the bundled transactions on a chain of their own. In the middle of a round
the hive is taken, on a wide screen and on a phone, and at the end the lineage with an audit that was run from it. Then
the model that they made watches another chain, and the alerts are taken, and an address.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from anomalyhive.chain.views import Phase
from anomalyhive.cli.console import note
from anomalyhive.federation.counting import Step
from anomalyhive.federation.session import learn, opened
from anomalyhive.federation.settings import Settings
from anomalyhive.roles.steps import Taken
from watched_chain import watched

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
CHUNKS = ROOT / "data" / "ethereum-transactions"

ROUNDS, SHOWN = 12, 9
"""Rounds of the federation, and the one in the middle of which the hive is taken."""

THRESHOLD = 9_000
"""Basis points from which the watch calls an address."""

LARGEST = 200_000
"""Bytes of a picture."""

PATIENCE = 120_000
"""Milliseconds for the page to show what is wanted."""

WIDE, PHONE = (1200, 1080), (390, 844)

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass
class Photographer:
    """Hears what the federation does, and takes its pictures at the right moment."""

    browser: Browser
    url: str
    taken: bool = False

    def stage(self, text: str) -> None:
        """A stage begins."""
        note(text)

    def counting(self, step: Step) -> None:
        """Transactions of the chunks were counted."""

    def step(self, round_: int, taken: Taken) -> None:
        """When the contract has counted and the new model is not attested yet, the hive is taken."""
        if round_ == SHOWN and taken.phase is Phase.TALLY and not self.taken:
            self.taken = True
            for name, size, scheme in (("hive", WIDE, "light"), ("phone", PHONE, "dark")):
                with page_of(self.browser, size, "dark" if scheme == "dark" else "light") as page:
                    page.goto(self.url)
                    expect(page.get_by_text("validators are confirming the model")).to_be_visible()
                    take(page, name)

    def round_done(self, record: Mapping[str, Any]) -> None:
        """A round is final."""
        note(f"round {record['round']} is final")

    def round_cancelled(self, record: Mapping[str, Any]) -> None:
        """A round was cancelled."""
        note(f"round {record['round']} was cancelled")

    def lineage(self) -> None:
        """The newest model, with an audit of it."""
        with page_of(self.browser, WIDE, "dark") as page:
            page.goto(self.url)
            page.get_by_role("link", name="Lineage").click()
            page.get_by_role("button", name="Run an audit").click()
            expect(page.get_by_text("✓ The lineage holds")).to_be_visible()
            page.evaluate("scrollTo(0, 0)")
            take(page, "lineage")

    def alerts(self, url: str) -> None:
        """Anomaly over time with the alerts below, and the address that the newest of them is about."""
        for name, size, scheme in (("alerts", WIDE, "light"), ("alerts-phone", PHONE, "dark")):
            with page_of(self.browser, size, "dark" if scheme == "dark" else "light") as page:
                page.goto(f"{url.partition('#')[0]}#/alerts")
                expect(page.locator(".watch-peaks li").first).to_be_attached()
                expect(page.locator(".alert-card").first).to_be_visible()
                take(page, name)
        with page_of(self.browser, WIDE, "dark") as page:
            page.goto(f"{url.partition('#')[0]}#/alerts")
            page.locator(".alert-card a.address").first.click()
            expect(page.locator(".gauge-value")).to_be_visible()
            expect(page.get_by_text("Figures as a table")).to_be_visible()
            take(page, "address")


@contextlib.contextmanager
def page_of(browser: Browser, size: tuple[int, int], scheme: Literal["light", "dark"]) -> Iterator[Page]:
    """A page of that size in pixels."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    context.set_default_timeout(PATIENCE)
    try:
        yield context.new_page()
    finally:
        context.close()


def take(page: Page, name: str) -> None:
    """Write a picture; one that is too large for the README ends the script."""
    path = IMAGES / f"dashboard-{name}.png"
    page.wait_for_timeout(500)  # colours fade from one state to the next
    page.screenshot(path=path)
    size = path.stat().st_size
    note(f"{path.relative_to(ROOT)}: {size:,} bytes")
    if size > LARGEST:
        raise SystemExit(f"error: {path} has {size:,} bytes, more than {LARGEST:,}: take less of the page")


@contextlib.contextmanager
def dashboard(run: Path, *options: str | Path) -> Iterator[str]:
    """The address of `anomalyhive dashboard` on a run, until the end of the block."""
    command = [sys.executable, "-c", "from anomalyhive.cli import main; main()", "dashboard", "--run", str(run)]
    with subprocess.Popen([*command, *map(str, options), "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = next(filter(None, (re.search(r"http://\S+#token=\S+", line) for line in process.stdout)), None)
        if found is None:
            raise SystemExit(f"error: the dashboard ended with exit code {process.wait()} before it told its address")
        try:
            yield found[0]
        finally:
            process.send_signal(signal.SIGINT)


def main() -> int:
    """Take all pictures; return the exit code."""
    expect.set_options(timeout=PATIENCE)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.stderr.write("error: there is no Chromium on PATH: install one\n")
        return 2
    settings = Settings(
        data="", label="flag", nodes=5, rounds=ROUNDS, shards=str(CHUNKS), labels=str(CHUNKS / "labels.csv")
    )
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        contextlib.ExitStack() as stack,
    ):
        browser = stack.enter_context(playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS)))
        run = Path(folder) / "run"
        photographer = Photographer(browser, "")
        session = stack.enter_context(opened(settings, run, photographer))
        photographer.url = stack.enter_context(dashboard(run))
        learn(session, photographer)
        photographer.lineage()
        watch = Path(folder) / "watch"
        with watched(run, watch, THRESHOLD), dashboard(run, "--watch", watch) as url:
            photographer.alerts(url)
    return 0


if __name__ == "__main__":
    sys.exit(main())
