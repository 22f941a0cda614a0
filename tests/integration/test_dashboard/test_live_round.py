"""The page beside a hive at work: it follows every act of a round, and says when it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import federations
from playwright.sync_api import Browser, Locator, Page, expect
from tests.outside import needs_browser

from anomalyhive.chain.views import Phase
from anomalyhive.federation.session import Session, learn, opened
from anomalyhive.roles.steps import Taken
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import Validator
from test_dashboard.conftest import CAST, hostile_accounts
from test_dashboard.dashboards import opened_page, overflow, served
from test_dashboard.looking import shifts

pytestmark = needs_browser

ROUNDS = 2

NEXT = {Phase.TRAIN: "Judge", Phase.JUDGE: "Reveal", Phase.REVEAL: "Tally", Phase.ATTEST: "Attest"}
"""Phase -> the step that is done or at work once all of its acts are there."""


@dataclass
class Onlooker(federations.Quiet):
    """Is told of every act of a round by the federation itself, and looks whether the page shows it."""

    page: Page
    names: Mapping[int, str]
    seen: list[str] = field(default_factory=list)
    acts: dict[tuple[int, Phase], int] = field(default_factory=dict)

    def step(self, round_: int, taken: Taken) -> None:
        """After the act of an actor, its cell says so."""
        self.seen.append(taken.phase.name)
        if not isinstance(taken.actor, Trainer | Validator):
            return
        expect(self.page.locator(".now-title")).to_have_text(f"Round {round_} of {ROUNDS}")
        done = self.acts[round_, taken.phase] = self.acts.get((round_, taken.phase), 0) + 1
        cell = self._cell(self.names[taken.actor.node])
        if taken.phase is Phase.TRAIN:
            expect(cell).to_contain_text("update sent")
            expect(self._step("Train")).to_contain_text(f"{done} of 3")
        elif taken.phase is Phase.REVEAL and isinstance(taken.actor, Validator):
            expect(cell).to_contain_text("verdict revealed")
        elif taken.phase is Phase.JUDGE and isinstance(taken.actor, Validator):
            expect(cell).to_contain_text("verdict committed")
        elif taken.phase is Phase.ATTEST and isinstance(taken.actor, Validator):
            expect(cell).to_contain_text("model attested")

    def round_done(self, record: Mapping[str, Any]) -> None:
        """The page has the round's end, its rewards and its figures, in the order in which they come to be known."""
        finals = record["round"]
        expect(self.page.locator(".timer")).to_contain_text("Final")
        expect(self.page.locator(".step[data-state=done]")).to_have_count(5)
        expect(self._cell("trainer-2")).to_contain_text("rejected")
        expect(self._cell("trainer-0")).to_contain_text("accepted")
        expect(self.page.get_by_role("row", name=f"Round {finals} final")).to_contain_text(f"{record['accepted']} of 3")
        expect(self.page.locator(".tile").first).to_contain_text(f"{record['average_precision']:.4f}")

    def _cell(self, name: str) -> Locator:
        return self.page.locator(".cell-tile").filter(has_text=name)

    def _step(self, name: str) -> Locator:
        return self.page.locator(".step").filter(has_text=name)


def test_whole_rounds_are_watched_without_a_reload(browser: Browser, tmp_path: Path) -> None:
    settings = hostile_accounts(tmp_path, rounds=ROUNDS)
    with (
        opened(settings, tmp_path / "run", federations.Quiet()) as session,
        served("--run", tmp_path / "run") as dashboard,
        opened_page(browser) as watched,
    ):
        page = watched.page
        page.goto(dashboard.url)
        expect(page.get_by_text("No round was opened yet", exact=True)).to_be_visible()
        page.evaluate("window.neverReloaded = true")
        onlooker = Onlooker(page, session.names)
        learn(session, onlooker, CAST)
        assert {"TRAIN", "JUDGE", "REVEAL", "TALLY", "ATTEST"} <= set(onlooker.seen)
        expect(page.get_by_text(f"All {ROUNDS} rounds are done.")).to_be_visible()
        assert page.evaluate("window.neverReloaded") is True
        assert [one for one in watched.complaints + watched.violations()] == []


def test_the_lineage_grows_while_it_is_looked_at_and_nothing_moves(browser: Browser, tmp_path: Path) -> None:
    settings = hostile_accounts(tmp_path, rounds=ROUNDS)
    with (
        opened(settings, tmp_path / "run", federations.Quiet()) as session,
        served("--run", tmp_path / "run") as dashboard,
        opened_page(browser, 360, 740) as watched,
    ):
        page = watched.page
        page.goto(f"{dashboard.origin}/#/lineage")
        expect(page.get_by_text("There is no model yet")).to_be_visible()
        _one_more(session, page)
        expect(page.get_by_role("heading", name="Model of round 1")).to_be_visible()
        page.evaluate("location.hash = document.querySelector('.links [aria-current]').hash")
        page.evaluate(shifts.START)
        _one_more(session, page)
        # Whoever has chosen a model keeps it; the new one joins the chain.
        expect(page.get_by_role("link", name="Model of round 2, 2 of 3 updates accepted")).to_be_attached()
        expect(page.get_by_role("heading", name="Model of round 1")).to_be_visible()
        assert page.evaluate(shifts.SUM) < 0.01
        assert overflow(page) <= 0
        assert watched.complaints == []


def _one_more(session: Session, page: Page) -> None:
    """Let one more round become final."""

    class Enough(Exception):
        pass

    class Once(federations.Quiet):
        def round_done(self, record: Mapping[str, Any]) -> None:
            raise Enough

    try:
        learn(session, Once(), CAST)
    except Enough:
        page.wait_for_timeout(0)
