"""The page beside a hive at work: it follows every act of a round, and says when it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import federations
from playwright.sync_api import Browser, Locator, Page, expect
from tests.outside import needs_browser

from anomalyhive.chain.views import Phase, RoundView
from anomalyhive.federation.casting import Cast
from anomalyhive.federation.session import Session, learn, opened
from anomalyhive.roles.trainer import Trainer
from anomalyhive.roles.validator import Validator
from test_dashboard.conftest import CAST, hostile_accounts
from test_dashboard.dashboards import opened_page, overflow, served
from test_dashboard.looking import shifts

pytestmark = needs_browser

ROUNDS = 2

PHASES = {"train": Phase.TRAIN, "judge": Phase.JUDGE, "reveal": Phase.REVEAL, "attest": Phase.ATTEST}
"""Step of an actor -> the phase in which it takes it."""

SAID = {Phase.TRAIN: "update sent", Phase.JUDGE: "committed", Phase.REVEAL: "revealed", Phase.ATTEST: "model attested"}
"""What the cell of a node says after its act in a phase."""


@dataclass
class Onlooker(federations.Quiet):
    """Looks after every act whether the page shows it, and at the end of a round whether all of it is there."""

    page: Page
    names: Mapping[int, str]
    acts: dict[tuple[int, Phase], int] = field(default_factory=dict)

    def acted(self, actor: Trainer | Validator, phase: Phase, round_: int) -> None:
        """The cell of the node says what it did, and the phase counts it."""
        done = self.acts[round_, phase] = self.acts.get((round_, phase), 0) + 1
        expect(self.page.locator(".now-title")).to_have_text(f"Round {round_} of {ROUNDS}")
        expect(self._cell(self.names[actor.node])).to_contain_text(SAID[phase])
        step = self.page.locator(".step").filter(has_text=phase.name.capitalize())
        expect(step.locator(".counted")).to_have_text(f"{done} of {2 if phase is Phase.ATTEST else 3}")

    def round_done(self, record: Mapping[str, Any]) -> None:
        """How it ended, who is paid, and the figures that are known only then."""
        expect(self.page.locator(".timer")).to_contain_text("Final")
        expect(self.page.locator(".step[data-state=done]")).to_have_count(5)
        expect(self._cell("trainer-2")).to_contain_text("rejected")
        expect(self._cell("trainer-0")).to_contain_text("accepted")
        row = self.page.get_by_role("row", name=f"Round {record['round']} final")
        expect(row).to_contain_text(f"{record['accepted']} of 3")
        expect(self.page.locator(".tile").first).to_contain_text(f"{record['average_precision']:.4f}")
        if record["round"] == 1:
            self.page.evaluate(shifts.START)

    def _cell(self, name: str) -> Locator:
        return self.page.locator(".cell-tile").filter(has_text=name)


def telling(kind: type, onlooker: Onlooker) -> type:
    """An actor of this kind that has the onlooker look after each of its acts."""

    def told(name: str) -> Any:
        def act(self: Any, view: RoundView) -> bool:
            acted: bool = getattr(kind, name)(self, view)
            if acted:
                onlooker.acted(self, PHASES[name], view.round)
            return acted

        return act

    return type(f"Telling{kind.__name__}", (kind,), {name: told(name) for name in PHASES if hasattr(kind, name)})


def seen_by(onlooker: Onlooker) -> Cast:
    """The cast, each member of it told of."""
    names = onlooker.names.values()
    return Cast(
        {name: telling(CAST.trainers.get(name, Trainer), onlooker) for name in names if name.startswith("trainer")},
        {name: telling(CAST.validators[name], onlooker) for name in names if name.startswith("validator")},
    )


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
        learn(session, onlooker, seen_by(onlooker))
        assert {phase for _, phase in onlooker.acts} == set(SAID)
        expect(page.get_by_text(f"All {ROUNDS} rounds are done.")).to_be_visible()
        assert page.evaluate("window.neverReloaded") is True
        assert page.evaluate(shifts.SUM) < 0.01
        assert watched.complaints + watched.violations() == []


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
        def round_done(self, _: Mapping[str, Any]) -> None:
            raise Enough

    try:
        learn(session, Once(), CAST)
    except Enough:
        page.wait_for_timeout(0)
