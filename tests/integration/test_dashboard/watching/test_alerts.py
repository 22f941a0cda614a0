"""Alerts and analysis, on a watch whose book is written while one looks."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.outside import needs_browser

from anomalyhive.monitor.entries import Ended
from test_dashboard.dashboards import HOSTILE, Watched, opened_page, overflow

from .stage import EXPIRED, WITHDRAWN, Stage
from .watchbook import address, hashed

pytestmark = needs_browser

PAGE = 25
"""Alerts of one page of the list."""


@pytest.fixture
def alerts(stage: Stage, watched: Watched) -> Iterator[Page]:
    """The view, on which nothing may be complained of and nobody else be asked."""
    watched.page.goto(stage.at("alerts"))
    expect(cards(watched.page).first).to_be_visible()
    yield watched.page
    assert watched.complaints == []
    assert watched.violations() == []
    assert all(one.startswith(stage.dashboard.origin) for one in watched.asked)


def cards(page: Page) -> Locator:
    return page.locator(".alert-card")


def card_of(page: Page, number: int) -> Locator:
    return page.locator(f".alert-card:has(a[href='#/address/{address(number)}'])").first


def shown(page: Page) -> list[str]:
    """The addresses of the alerts that are listed."""
    found: list[str] = page.eval_on_selector_all(
        ".alert-card a.address", "all => all.map((one) => one.getAttribute('href').split('/').at(-1))"
    )
    return found


def raised(stage: Stage) -> list[str]:
    """The addresses of all alerts in the book, the newest first."""
    return [one.address for one in reversed(stage.book.raised)]


def test_list_pages_through_all_alerts_the_newest_first(stage: Stage, alerts: Page) -> None:
    assert shown(alerts) == raised(stage)[:PAGE]
    alerts.get_by_role("button", name="Show older alerts").click()
    expect(alerts.get_by_text("That is all")).to_be_visible()
    assert shown(alerts) == raised(stage)
    assert alerts.evaluate("document.activeElement.id") == f"alert-{list(reversed(stage.book.raised))[PAGE].id}"


def test_card_says_probability_category_reasons_block_and_model(stage: Stage, alerts: Page) -> None:
    said = next(one for one in stage.book.raised if one.address == address(28))
    card = card_of(alerts, 28)
    expect(card.locator(".probability")).to_have_text("89.00 %")
    expect(card.locator(".category")).to_have_text(said.category)
    card.get_by_text("1 more reason").click()
    text = " ".join(card.inner_text().split())
    for reason in said.reasons:
        words, _, size = reason.rpartition(" (")
        assert words in text
        assert size.rstrip(")").replace("-", "−") in text
    card.get_by_text("Block, transactions, model").click()
    expect(card.locator(f"code[title='{said.block_hash}']")).to_be_visible()
    expect(card.locator(f"code[title='{said.transactions[0]}']")).to_be_visible()
    expect(card.locator(f"a[href='#/lineage/{said.model}']")).to_be_visible()


def test_filter_by_category_and_state_lists_those_alone(stage: Stage, alerts: Page) -> None:
    alerts.get_by_label("Expired", exact=True).check(force=True)
    expect(cards(alerts)).to_have_count(1)
    assert shown(alerts) == [address(EXPIRED)]
    alerts.get_by_label("Withdrawn", exact=True).check(force=True)
    why = "the model no longer calls this address dangerous"
    expect(card_of(alerts, WITHDRAWN).locator(".ended")).to_have_text(why)
    alerts.get_by_label("All", exact=True).check(force=True)
    alerts.get_by_label("Category").select_option("exchange")
    wanted = [one.address for one in reversed(stage.book.raised) if one.category == "exchange"]
    expect(cards(alerts)).to_have_count(len(wanted))
    assert shown(alerts) == wanted
    assert "category=exchange" in alerts.url
    alerts.reload()
    expect(cards(alerts)).to_have_count(len(wanted))


def test_search_by_address_finds_its_alert_and_by_text_all_with_it(stage: Stage, alerts: Page) -> None:
    box = alerts.locator("#alert-search")
    box.fill(address(7).upper().replace("0X", "0x"))
    expect(cards(alerts)).to_have_count(1)
    assert shown(alerts) == [address(7)]
    box.fill(address(9)[5:20])
    expect(card_of(alerts, 9)).to_be_visible()
    assert shown(alerts) == [address(9)]
    box.fill("no alert says this")
    expect(alerts.get_by_text("No alert is like that.")).to_be_visible()
    box.fill("")
    expect(cards(alerts)).to_have_count(PAGE)


def test_search_for_a_mistyped_address_says_so(alerts: Page) -> None:
    alerts.locator("#alert-search").fill("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")
    expect(alerts.locator("#alert-search-note")).to_contain_text("EIP-55 does not hold")


def test_peaks_of_the_anomaly_lead_to_their_alerts(stage: Stage, alerts: Page) -> None:
    peaks = alerts.locator(".watch-peaks a")
    expect(peaks.first).to_be_visible()
    known = {one.id: one for one in stage.book.raised}
    found = [one.get_attribute("href") or "" for one in peaks.all()]
    assert 0 < len(found) <= len({one.block_number for one in stage.book.raised})
    assert {one.removeprefix("#/alerts/") for one in found} <= set(known)
    oldest = known[found[0].removeprefix("#/alerts/")]
    peaks.first.focus()
    alerts.keyboard.press("Enter")
    card = alerts.locator(f"#alert-{oldest.id}")
    expect(card).to_be_focused()
    expect(card.locator("details.more")).to_have_attribute("open", "")
    expect(card.locator(".probability")).to_have_text(f"{oldest.probability_bp / 100:.2f} %")


def test_range_chosen_by_keys_shows_its_blocks_and_alerts_alone(stage: Stage, alerts: Page) -> None:
    chart = alerts.get_by_role("slider")
    chart.press("Home")
    expect(chart).to_have_attribute("aria-valuetext", re.compile(rf"block {stage.book.first:,}: highest 4\.00 %"))
    chart.press("ArrowRight")
    expect(chart).to_have_attribute("aria-valuetext", re.compile(r"highest 62\.00 %, .*, 1 alert"))
    for _ in range(9):
        chart.press("Shift+ArrowRight")
    chart.press("Enter")
    first, last = stage.book.first + 1, stage.book.first + 10
    alerts.wait_for_url(f"**/#/alerts?from_block={first}&to_block={last}")
    wanted = [one.address for one in reversed(stage.book.raised) if first <= one.block_number <= last]
    expect(cards(alerts)).to_have_count(len(wanted))
    assert shown(alerts) == wanted
    expect(chart).to_have_attribute("aria-valuemax", "9")
    alerts.get_by_role("button", name="Show all of the time").click()
    expect(cards(alerts)).to_have_count(PAGE)
    assert alerts.url.endswith("#/alerts")


def test_range_chosen_by_dragging_shows_its_blocks(stage: Stage, alerts: Page) -> None:
    expect(alerts.locator(".watch-peaks a").first).to_be_visible()
    box = alerts.get_by_role("slider").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] - 60
    alerts.mouse.move(box["x"] + box["width"] / 3, middle)
    alerts.mouse.down()
    alerts.mouse.move(box["x"] + box["width"] / 2, middle, steps=5)
    expect(alerts.locator(".watch-band")).to_be_visible()
    alerts.mouse.up()
    alerts.wait_for_url("**/#/alerts?from_block=*&to_block=*")
    first, last = (int(one) for one in re.findall(r"\d{4}", alerts.url.rpartition("?")[2]))
    assert stage.book.first < first < last < stage.book.last
    expect(alerts.locator(".readout")).to_be_attached()
    wanted = [one.address for one in reversed(stage.book.raised) if first <= one.block_number <= last]
    expect(cards(alerts)).to_have_count(len(wanted))


def test_alert_that_arrives_waits_and_moves_nothing_until_it_is_asked_for(stage: Stage, alerts: Page) -> None:
    first = cards(alerts).first
    first.scroll_into_view_if_needed()
    before, place = first.get_attribute("id"), first.bounding_box()
    new = stage.book.alert(100 + stage.book.last, 9_700, reasons=("it arrived while one looked (+1.00)",))
    stage.book.write([new])
    button = alerts.get_by_role("button", name="1 new alert: show it")
    expect(button).to_be_visible()
    assert (first.get_attribute("id"), first.bounding_box()) == (before, place)
    button.click()
    expect(cards(alerts).first).to_have_id(f"alert-{new.id}")
    expect(cards(alerts).first).to_contain_text("it arrived while one looked")
    expect(button).to_be_hidden()
    expect(alerts.locator(f".watch-peaks a[href='#/alerts/{new.id}']")).to_be_attached()


def test_alert_that_arrives_is_added_at_once_if_wished_and_matching(stage: Stage, alerts: Page) -> None:
    alerts.get_by_label("Add new ones at once").check()
    alerts.get_by_label("Category").select_option("exchange")
    other = stage.book.alert(100 + stage.book.last, 9_000, "phishing")
    wanted = stage.book.alert(200 + stage.book.last, 9_100, "exchange")
    stage.book.write([other, wanted])
    expect(cards(alerts).first).to_have_id(f"alert-{wanted.id}")
    expect(alerts.locator(f"#alert-{other.id}")).to_have_count(0)


def test_alert_withdrawn_while_shown_stays_where_it_is_and_says_why(stage: Stage, alerts: Page) -> None:
    new = stage.book.alert(100 + stage.book.last, 8_800)
    stage.book.write([new])
    alerts.get_by_role("button", name="1 new alert: show it").click()
    card = alerts.locator(f"#alert-{new.id}")
    expect(card.locator(".tag")).to_have_text("live")
    next_ = cards(alerts).nth(1)
    before = next_.bounding_box()
    stage.book.write([], ended=[Ended(new.id, "retracted")])
    expect(card.locator(".tag")).to_have_text("withdrawn")
    expect(card.locator(".ended")).to_have_text("the monitor took it back")
    assert next_.bounding_box() == before


def test_alert_that_came_while_the_server_was_away_is_found_back(stage: Stage, watched: Watched) -> None:
    page = watched.page
    with stage.watching() as dashboard:
        page.goto(f"{dashboard.origin}/#/alerts")
        expect(page.locator("#link")).to_have_text("Live")
        first = cards(page).first.get_attribute("id")
    new = stage.book.alert(100 + stage.book.last, 9_500)
    stage.book.write([new], ended=[Ended(stage.book.raised[-1].id, "cleared")])
    expect(page.locator("#link")).not_to_have_text("Live")
    with stage.watching(dashboard.port):
        expect(page.locator(f"#{first} .tag")).to_have_text("withdrawn")
        assert cards(page).first.get_attribute("id") == first
        page.get_by_role("button", name="1 new alert: show it").click()
        expect(cards(page).first).to_have_id(f"alert-{new.id}")


def test_hostile_category_and_reasons_are_shown_and_obeyed_by_nobody(stage: Stage, alerts: Page) -> None:
    markup = HOSTILE[:-2]  # an alert has printable characters alone
    new = stage.book.alert(100 + stage.book.last, 9_900, markup, reasons=(markup, f"{markup} (+0.50)"))
    stage.book.write([new])
    alerts.get_by_role("button", name="1 new alert: show it").click()
    card = alerts.locator(f"#alert-{new.id}")
    expect(card.locator(".category")).to_have_text(markup)
    expect(card.locator(".reasons li").first).to_have_text(markup)
    assert alerts.locator("main img, main script").count() == 0
    assert alerts.title() == "Alerts · AnomalyHive"


def test_alert_by_its_address_bar_is_fetched_and_one_unknown_is_told(stage: Stage, watched: Watched) -> None:
    page, oldest = watched.page, stage.book.raised[0]
    page.goto(stage.at(f"alerts/{oldest.id}"))
    expect(page.locator(f"#alert-{oldest.id}")).to_be_focused()
    page.goto(stage.at(f"alerts/{hashed('none')}"))
    expect(page.locator("#told")).to_contain_text("raised no alert")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_views_on_a_phone_are_no_wider_than_it(stage: Stage, browser: Browser, scheme: str) -> None:
    with opened_page(browser, 360, 780, scheme) as watched:
        for path in ("alerts", f"address/{address(5)}", "address/0x12", "node"):
            watched.page.goto(stage.at(path))
            expect(watched.page.locator(".skeleton")).to_have_count(0)
            expect(watched.page.locator("h1")).to_be_visible()
            assert overflow(watched.page) <= 0, path
        assert watched.complaints == []
