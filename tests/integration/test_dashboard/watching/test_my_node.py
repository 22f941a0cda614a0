"""My node: what it is, what the doctor says, its journal, and its roles, which rest for who has the token."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from eth_utils.address import to_checksum_address
from playwright.sync_api import Page, expect
from tests.outside import needs_browser

from anomalyhive.node.pausing import PAUSED
from test_dashboard.dashboards import Watched, served

from .stage import Stage

pytestmark = needs_browser


@pytest.fixture
def page(stage: Stage, watched: Watched) -> Iterator[Page]:
    yield watched.page
    assert watched.violations() == []
    assert all(one.startswith(stage.dashboard.origin) for one in watched.asked)


def resting(stage: Stage) -> list[str]:
    """The roles that rest, as the node reads them."""
    path = stage.mine.home / PAUSED
    found: list[str] = json.loads(path.read_text()) if path.exists() else []
    return found


def test_node_shows_itself_its_rewards_its_journal_and_what_the_doctor_says(stage: Stage, page: Page) -> None:
    page.goto(stage.at("node"))
    expect(page.get_by_role("heading", name=f"Node {stage.mine.number}")).to_be_visible()
    who = page.locator("section[aria-labelledby=identity-title]")
    expect(who).to_contain_text("active, its process does not run")
    expect(who).to_contain_text("1,000.00")
    for address in (stage.mine.owner.address, stage.mine.operator.address):
        expect(who.get_by_text(str(to_checksum_address(address)))).to_be_visible()
    expect(page.locator(".amount")).to_contain_text("3.999999")
    expect(page.get_by_text("No wallet was found in this browser.")).to_be_visible()
    row = page.locator(".journal tbody tr")
    expect(row).to_have_count(1)
    expect(row.locator("th")).to_contain_text("transfer")
    doctor = page.locator("section[aria-labelledby=doctor-title]")
    expect(doctor.locator("li", has_text="the node does not run")).to_contain_text(
        "anomalyhive node run", timeout=60_000
    )
    expect(doctor).to_contain_text("to see to")


def test_roles_rest_and_go_on_for_who_has_the_token(stage: Stage, watched: Watched, page: Page) -> None:
    page.goto(stage.dashboard.url)
    page.get_by_role("link", name="My node").click()
    page.get_by_role("button", name="Pause the role train").click()
    go_on = page.get_by_role("button", name="Start the role train")
    expect(go_on).to_be_focused()
    assert resting(stage) == ["train"]
    page.reload()
    go_on.click()
    expect(page.get_by_role("button", name="Pause the role train")).to_be_focused()
    assert resting(stage) == []
    assert watched.complaints == []


def test_token_is_asked_for_where_there_is_none_and_a_wrong_one_is_told(stage: Stage, page: Page) -> None:
    page.goto(stage.at("node"))
    pause, field = page.get_by_role("button", name="Pause the role train"), page.get_by_label("Token")
    expect(pause).to_be_disabled()
    for typed, words in (("", "Paste the token first."), ("not a token", "This is no token")):
        field.fill(typed)
        page.get_by_role("button", name="Use it").click()
        expect(page.locator(".token-form .note")).to_contain_text(words)
    field.fill("wrong")
    field.press("Enter")
    pause.click()
    expect(page.get_by_role("alert").filter(has_text="needs the token")).to_be_visible()
    assert resting(stage) == []
    expect(pause).to_be_disabled()
    field.fill(stage.dashboard.url)  # the whole address is what one has to hand
    field.press("Enter")
    pause.click()
    page.get_by_role("button", name="Start the role train").click()
    expect(pause).to_be_enabled()
    assert resting(stage) == []


def test_dashboard_without_a_node_says_how_to_name_one(stage: Stage, watched: Watched) -> None:
    hive = stage.play.hive
    with served("--rpc", hive.chain.url, "--hive", hive.contracts.hive.address) as other:
        watched.page.goto(f"{other.origin}/#/node")
        expect(watched.page.get_by_text("at no node of yours")).to_be_visible()
        watched.page.goto(f"{other.origin}/#/alerts")
        expect(watched.page.get_by_text("This dashboard reads no watch.").first).to_be_visible()
        assert watched.complaints == []
