"""What the page says while the dashboard's server, or the chain, is away, and that it finds back by itself."""

from __future__ import annotations

from pathlib import Path

import federations
import pytest
from playwright.sync_api import Browser, expect
from tests.outside import needs_browser

from anomalyhive.chain.localchain import LocalChain
from anomalyhive.federation.session import learn, opened
from test_dashboard.conftest import CAST, hostile_accounts
from test_dashboard.dashboards import Dashboard, opened_page, served
from test_dashboard.looking import faint_texts

pytestmark = needs_browser


@pytest.mark.parametrize("view", ["hive", "lineage"])
def test_a_server_that_goes_away_and_comes_back_is_said_and_found(
    browser: Browser, finished_run: Path, view: str
) -> None:
    heading = {"hive": "Round 3 of 3", "lineage": "Model of round 3"}[view]
    with opened_page(browser) as watched:
        page = watched.page
        with served("--run", finished_run) as first:
            page.goto(f"{first.origin}/#/{view}")
            expect(page.get_by_role("heading", name=heading)).to_be_visible()
            expect(page.locator("#link")).to_have_text("Live")
            first.process.kill()
        expect(page.locator("#link")).to_have_text("Disconnected")
        expect(page.get_by_text("The dashboard's server does not answer")).to_be_visible()
        assert faint_texts(page) == []
        # What was known stays, with the block that it is of.
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        expect(page.get_by_role("alert")).to_contain_text("What you see is as of block")
        with served("--run", finished_run, port=first.port):
            page.get_by_role("button", name="Try now").click()
            expect(page.locator("#link")).to_have_text("Live")
            expect(page.locator(".banner")).to_have_count(0)


def test_a_view_that_was_opened_while_the_server_was_away_loads_when_asked_again(
    browser: Browser, finished_run: Path
) -> None:
    with opened_page(browser) as watched:
        page = watched.page
        with served("--run", finished_run) as first:
            page.goto(f"{first.origin}/#/lineage")
            expect(page.get_by_role("heading", name="Model of round 3")).to_be_visible()
            page.evaluate("() => import('/assets/js/views/hive.js').then(() => null)")
            first.process.kill()
        page.get_by_role("link", name="Hive", exact=True).click()
        expect(page.get_by_text("The hive could not be read.")).to_be_visible()
        expect(page.get_by_text("The dashboard's server does not answer.").first).to_be_visible()
        with served("--run", finished_run, port=first.port):
            page.get_by_role("button", name="Try again").click()
            expect(page.get_by_role("heading", name="Round 3 of 3")).to_be_visible()


def test_a_page_out_of_sight_lets_its_stream_go_and_catches_up(browser: Browser, dashboard: Dashboard) -> None:
    turn = "(hidden) => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });"
    turn += "document.dispatchEvent(new Event('visibilitychange')); }"
    streams = "async () => (await (await fetch('/healthz', { cache: 'no-store' })).json()).streams"
    with opened_page(browser) as watched:
        page = watched.page
        page.clock.install()
        page.goto(f"{dashboard.origin}/#/hive")
        expect(page.locator("#link")).to_have_text("Live")
        page.wait_for_function(f"() => ({streams})().then((open) => open === 1)")
        page.evaluate(turn, True)
        page.clock.fast_forward(61_000)
        page.wait_for_function(f"() => ({streams})().then((open) => open === 0)")
        with page.expect_response("**/v1/rounds?*"):
            page.evaluate(turn, False)
        expect(page.locator("#link")).to_have_text("Live")
        page.wait_for_function(f"() => ({streams})().then((open) => open === 1)")


def test_a_chain_that_goes_away_and_comes_back_is_said_and_found(browser: Browser, tmp_path: Path) -> None:
    run = tmp_path / "run"
    with opened(hostile_accounts(tmp_path, rounds=1), run, federations.Quiet()) as session:
        learn(session, federations.Quiet(), CAST)
        assert session.local is not None
        url, hive, port = session.local.url, session.deployment.hive, session.local.port
        options = ("--rpc", url, "--hive", hive, "--store", f"directory:{run / 'store'}")
        with served(*options) as dashboard, opened_page(browser) as watched:
            page = watched.page
            page.goto(dashboard.url)
            expect(page.get_by_role("heading", name="Round 1 of 1")).to_be_visible()
            session.local.stop()
            expect(page.locator("#link")).to_have_text("Chain away")
            expect(page.get_by_role("alert")).to_contain_text("The chain cannot be read now")
            expect(page.get_by_role("heading", name="Round 1 of 1")).to_be_visible()
            with LocalChain("anvil", run / "chain", port):
                expect(page.locator("#link")).to_have_text("Live")
                expect(page.locator(".banner")).to_have_count(0)
            assert watched.complaints == []
