"""The page on a run that is over: what each view says, by pointer, by keyboard, by ear, and on a phone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.outside import needs_browser

from anomalyhive.content.cid import Codec
from anomalyhive.content.directory import DirectoryStore
from test_dashboard.dashboards import HOSTILE, Dashboard, Scheme, Watched, opened_page, overflow, served
from test_dashboard.looking import faint_texts, nameless, shifts

pytestmark = needs_browser

VIEWS = {"hive": "Round 3 of 3", "lineage": "Model of round 3"}
"""View -> a heading that it has when all of it is there."""


@pytest.fixture
def page(dashboard: Dashboard, watched: Watched) -> Iterator[Page]:
    """The page as the command's address opens it; nothing may have gone wrong in it by the end."""
    watched.page.goto(dashboard.url)
    expect(watched.page.get_by_role("heading", name=VIEWS["hive"])).to_be_visible()
    yield watched.page
    assert watched.complaints == []
    assert watched.violations() == []
    assert {urlsplit(url).netloc for url in watched.asked} == {urlsplit(dashboard.url).netloc}


def show(page: Page, view: str) -> None:
    """Go to a view by the menu, and wait until it is whole."""
    page.get_by_role("navigation", name="Views").get_by_role("link", name=view.capitalize()).click()
    expect(page.get_by_role("heading", name=VIEWS[view])).to_be_visible()


def model_links(page: Page) -> list[str]:
    """The names of the models in the chain, as they are read out."""
    links = page.get_by_role("navigation", name="Models, the oldest first").get_by_role("link")
    return [links.nth(index).get_attribute("aria-label") or "" for index in range(links.count())]


def test_hive_view_tells_what_came_of_the_last_round(page: Page) -> None:
    expect(page.get_by_role("heading", name="Round 3 of 3")).to_be_visible()
    expect(page.get_by_text("Its new model was made of 2 of 3 updates. All 3 rounds are done.")).to_be_visible()
    trainers = page.get_by_role("region", name="Trainers")
    expect(trainers.get_by_role("listitem")).to_have_count(3)
    expect(trainers.get_by_role("listitem").filter(has_text="accepted")).to_have_count(2)
    expect(trainers.get_by_role("listitem").filter(has_text="trainer-2")).to_contain_text("rejected")
    expect(page.get_by_role("region", name="Validators").get_by_role("listitem")).to_have_count(3)


def test_hive_view_counts_rewards_in_tokens(page: Page) -> None:
    rewards = page.get_by_role("region", name="Rewards by node").locator("tbody")
    expect(rewards.get_by_role("row")).to_have_count(6)
    expect(rewards.get_by_role("row", name=re.compile("trainer-2"))).to_contain_text("0 of 3")
    expect(rewards.get_by_role("row", name=re.compile("validator-0"))).to_contain_text("199.99")
    expect(page.get_by_text("Earned, to claim and stake in HIVE")).to_be_visible()


def test_texts_of_strangers_are_shown_as_texts(page: Page) -> None:
    label = page.locator(".lead .stranger").first
    expect(label).to_contain_text("<img src=x onerror=")
    show(page, "lineage")
    reason = page.get_by_role("row", name=re.compile("trainer-2")).locator(".stranger").last
    expect(reason).to_contain_text(HOSTILE[:-2])
    assert "\u202e" not in page.content()
    assert page.locator("main img, main script").count() == 0
    assert "obeyed" not in page.title()


def test_lineage_is_walked_with_the_arrow_keys(page: Page) -> None:
    show(page, "lineage")
    assert model_links(page) == [
        "Genesis, the model of the spec",
        *(f"Model of round {number}, 2 of 3 updates accepted" for number in (1, 2, 3)),
    ]
    page.keyboard.press("Tab")  # from the heading, where the change of view has put the focus
    for key, heading in [
        ("ArrowLeft", "Model of round 2"),
        ("ArrowLeft", "Model of round 1"),
        ("ArrowLeft", "Genesis"),
        ("ArrowLeft", "Genesis"),
        ("End", "Model of round 3"),
        ("Home", "Genesis"),
        ("ArrowRight", "Model of round 1"),
    ]:
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        assert page.evaluate("document.activeElement.getAttribute('aria-current')") == "true"
    expect(page).to_have_title("Model of round 1 · AnomalyHive")


def test_a_model_names_its_parent_and_its_parent_names_it(page: Page) -> None:
    show(page, "lineage")
    page.get_by_role("link", name="← round 2").click()
    expect(page.get_by_role("heading", name="Model of round 2")).to_be_visible()
    page.get_by_role("link", name="see it").click()
    expect(page.get_by_role("heading", name="Model of round 1")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Model of round 2")).to_be_visible()
    page.get_by_role("link", name="round 3 →").click()
    expect(page.get_by_role("heading", name="Model of round 3")).to_be_visible()


def test_an_audit_is_run_from_a_model_and_stays_when_one_walks_on(page: Page) -> None:
    show(page, "lineage")
    page.get_by_role("button", name="Run an audit").click()
    audit = page.get_by_role("region", name="Audit", exact=True)
    expect(audit.get_by_text("✓ The lineage holds")).to_be_visible()
    expect(audit.get_by_text("So does the model of round 3: it is, bit for bit")).to_be_visible()
    models = audit.get_by_role("row").filter(has_text="models are, bit for bit")
    expect(models).to_contain_text("✓ yes")
    page.get_by_role("link", name="← round 2").click()
    expect(audit.get_by_text("So does the model of round 2: it is, bit for bit")).to_be_visible()
    expect(audit.get_by_role("button", name="Run another audit")).to_be_enabled()


def test_an_audit_is_not_offered_without_the_token(dashboard: Dashboard, watched: Watched) -> None:
    watched.page.goto(f"{dashboard.origin}/#/lineage")
    expect(watched.page.get_by_text("it carries the token of this dashboard behind #token=")).to_be_visible()
    assert watched.page.get_by_role("button", name="audit").count() == 0


def test_a_digest_is_copied_whole(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    show(page, "lineage")
    page.get_by_role("button", name=re.compile("^Copy digest of the model")).click()
    expect(page.locator("#told")).to_contain_text("Copied digest of the model")
    copied = page.evaluate("navigator.clipboard.readText()")
    page.goto(f"{page.url.split('#')[0]}#/lineage/{copied}")
    assert re.fullmatch("[0-9a-f]{64}", copied)
    expect(page.get_by_role("heading", name="Model of round 3")).to_be_visible()


def test_a_chart_is_read_with_the_arrow_keys_and_as_a_table(page: Page) -> None:
    figure = page.get_by_role("figure", name="Quality of each round's model")
    figure.get_by_role("img").focus()
    page.keyboard.press("Home")
    expect(figure.get_by_role("status")).to_contain_text("Round 1: Average precision 0.")
    page.keyboard.press("ArrowRight")
    expect(figure.get_by_role("status")).to_contain_text("Round 2:")
    page.keyboard.press("Escape")
    expect(figure.locator(".tip")).to_be_hidden()
    figure.get_by_text("Figures as a table").click()
    expect(figure.get_by_role("row")).to_have_count(4)


def test_a_change_of_view_moves_focus_to_its_heading(page: Page) -> None:
    show(page, "lineage")
    assert page.evaluate("document.activeElement.textContent") == "Lineage"
    expect(page.get_by_role("link", name="Lineage")).to_have_attribute("aria-current", "page")


def test_the_first_stop_of_the_keyboard_skips_to_the_content(dashboard: Dashboard, watched: Watched) -> None:
    page = watched.page
    page.goto(f"{dashboard.origin}/#/hive")
    expect(page.get_by_role("heading", name=VIEWS["hive"])).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_an_unknown_address_says_so_and_leads_home(page: Page) -> None:
    page.evaluate("location.hash = '#/nowhere/at/all'")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()
    page.get_by_role("link", name="To the hive").click()
    expect(page.get_by_role("heading", name="Round 3 of 3")).to_be_visible()


def test_an_unknown_model_says_so_and_leaves_the_chain(dashboard: Dashboard, watched: Watched) -> None:
    watched.page.goto(f"{dashboard.origin}/#/lineage/{'0' * 64}")
    expect(watched.page.get_by_text("This model could not be read.")).to_be_visible()
    expect(watched.page.get_by_text(f"no final round made model {'0' * 64}")).to_be_visible()
    assert len(model_links(watched.page)) == 4
    assert [one for one in watched.complaints if "404" not in one] == []


def test_the_token_leaves_the_address_bar_and_is_sent_with_no_reading(
    dashboard: Dashboard, page: Page, watched: Watched
) -> None:
    token = urlsplit(dashboard.url).fragment.removeprefix("token=")
    expect(page.get_by_role("heading", name="Round 3 of 3")).to_be_visible()
    assert token not in page.url
    assert not any(token in url for url in watched.asked)
    page.reload()
    assert page.evaluate("sessionStorage.getItem('anomalyhive.token')") == token


def test_colours_are_switched_and_stay_switched(page: Page) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    switch = page.get_by_role("button", name=re.compile("^Colours"))
    before = page.evaluate(ground)
    switch.click()
    switch.click()
    expect(switch).to_have_accessible_name("Colours: dark. Switch to system")
    assert page.evaluate(ground) != before
    page.reload()
    expect(switch).to_have_accessible_name("Colours: dark. Switch to system")
    assert page.evaluate(ground) != before


@pytest.mark.parametrize("view", VIEWS)
def test_everything_that_acts_has_a_name(page: Page, view: str) -> None:
    show(page, view)
    assert nameless(page) == []
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_texts_stand_out_from_their_ground(browser: Browser, dashboard: Dashboard, view: str, scheme: Scheme) -> None:
    with opened_page(browser, scheme=scheme) as watched:
        watched.page.goto(f"{dashboard.origin}/#/{view}")
        expect(watched.page.get_by_role("heading", name=VIEWS[view])).to_be_visible()
        assert faint_texts(watched.page) == []


@pytest.mark.parametrize("view", VIEWS)
def test_nothing_is_wider_than_a_phone(browser: Browser, dashboard: Dashboard, view: str) -> None:
    with opened_page(browser, 360, 740, "dark") as watched:
        watched.page.goto(f"{dashboard.origin}/#/{view}")
        expect(watched.page.get_by_role("heading", name=VIEWS[view])).to_be_visible()
        assert overflow(watched.page) <= 0
        assert watched.complaints == []


def test_what_is_loaded_later_moves_nothing_that_was_there(browser: Browser, dashboard: Dashboard) -> None:
    with opened_page(browser) as watched:
        watched.page.goto(f"{dashboard.origin}/#/hive")
        expect(watched.page.get_by_role("heading", name="Round 3 of 3")).to_be_visible()
        watched.page.evaluate(shifts.START)
        watched.page.get_by_role("button", name=re.compile("^Colours")).click()
        watched.page.get_by_role("figure").first.get_by_role("img").hover()
        assert watched.page.evaluate(shifts.SUM) < 0.01


def test_an_audit_of_a_damaged_store_says_what_is_missing(browser: Browser, finished_run: Path, tmp_path: Path) -> None:
    run = shutil.copytree(finished_run, tmp_path / "run")
    with served("--run", run) as dashboard, opened_page(browser) as watched:
        page = watched.page
        page.goto(dashboard.url)
        show(page, "lineage")
        update = page.evaluate(
            "async () => { const { items } = await (await fetch('/v1/models')).json();"
            "const model = await (await fetch('/v1/models/' + items[0].digest)).json();"
            "return model.contributions[0].digest; }"
        )
        DirectoryStore(run / "store").file_of(bytes.fromhex(update), Codec.DAG_CBOR).unlink()
        page.get_by_role("button", name="Run an audit").click()
        audit = page.get_by_role("region", name="Audit", exact=True)
        expect(audit.get_by_text("✗ The lineage does not hold")).to_be_visible()
        expect(audit.get_by_role("listitem").filter(has_text=update).first).to_be_visible()
        expect(audit.get_by_text(re.compile("the model of round 3 or its round"))).to_be_visible()
        assert faint_texts(page) == []
        assert overflow(page) <= 0
