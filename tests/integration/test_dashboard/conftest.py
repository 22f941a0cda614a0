"""What the tests of the dashboard look at: one small run with a cheater in it, and a browser."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import federations
import pytest
from adversaries import Flipper
from playwright.sync_api import Browser, sync_playwright
from tests.outside import browser_program

from anomalyhive.chain.views import RoundView
from anomalyhive.content.kinds import Verdict
from anomalyhive.federation.casting import Cast
from anomalyhive.federation.settings import Settings
from anomalyhive.roles.validator import Absent, Validator
from test_dashboard.dashboards import HOSTILE, Dashboard, Watched, opened_page, served

COLUMNS = ("Sent tnx", "Received Tnx", "total Ether sent", "total ether received", "Unique Sent To Addresses")
"""Of the accounts, what is learned from: few, so that a round takes a second."""

LABEL = f"fraud {HOSTILE[:-2]}"
"""The name of the label, in which a sponsor may write what it likes; a header has no invisible characters."""


class Rude(Validator):
    """Judges as everybody does, and gives hostile texts for reasons."""

    def verdict(self, view: RoundView, absent: Absent | None = None) -> Verdict:
        honest = super().verdict(view, absent)
        reasons: Mapping[int, str] = dict.fromkeys(honest.reasons, f"{HOSTILE} {'x' * 300}")
        return replace(honest, reasons=reasons)


CAST = Cast({"trainer-2": Flipper}, {f"validator-{seat}": Rude for seat in range(3)})
"""Two honest trainers, and one that is rejected in every round."""


def hostile_accounts(folder: Path, **chosen: object) -> Settings:
    """Settings on 400 real accounts whose label has a hostile name."""
    table = folder / "accounts.csv"
    with federations.ACCOUNTS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["Address", *COLUMNS, LABEL])
        writer.writerows([row["Address"], *(row[name] for name in COLUMNS), row["FLAG"]] for row in rows)
    defaults: dict[str, object] = {"nodes": 3, "validators": 3, "rounds": 3}
    return Settings(data=str(table), label=LABEL, id="Address", **{**defaults, **chosen})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of three rounds."""
    folder = tmp_path_factory.mktemp("dashboard")
    return federations.run(hostile_accounts(folder), folder / "run", CAST).folder


@pytest.fixture(scope="session")
def dashboard(finished_run: Path) -> Iterator[Dashboard]:
    """A dashboard of the finished run."""
    with served("--run", finished_run) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium without what it would ask of its makers."""
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser_program(), args=[*options, "--disable-sync"])
        yield running
        running.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    """A fresh page of a wide screen."""
    with opened_page(browser) as one:
        yield one
