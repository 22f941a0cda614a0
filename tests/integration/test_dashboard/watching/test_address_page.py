"""The page of an address: what the watch thinks of it, and what the chain says."""

from __future__ import annotations

import pytest
from eth_utils.address import to_checksum_address
from playwright.sync_api import expect
from tests.outside import needs_browser

from anomalyhive.metrics.features import FEATURES
from anomalyhive.monitor.reading import WatchReader
from test_dashboard.dashboards import HOSTILE, Watched
from test_dashboard.looking import faint_texts, nameless

from .stage import FLAGGED, WITHDRAWN, Stage
from .watchbook import TAKEN_IN, address

pytestmark = needs_browser

UNKNOWN = "0x" + "12" * 20


@pytest.fixture(autouse=True)
def quiet(stage: Stage, watched: Watched) -> object:
    """Nothing may be complained of, and nobody else asked."""
    yield
    assert watched.complaints == []
    assert watched.violations() == []
    assert all(one.startswith(stage.dashboard.origin) for one in watched.asked)


def test_flagged_address_shows_score_reasons_history_flag_and_alerts(stage: Stage, watched: Watched) -> None:
    page = watched.page
    page.goto(stage.at("alerts"))
    page.locator("#lookup-address").fill(str(to_checksum_address(address(FLAGGED))))
    page.keyboard.press("Enter")
    expect(page.locator(".gauge-value")).to_have_text("66.00 %")
    risk, chain = page.locator(".address-grid > .card").all()
    expect(risk).to_contain_text("dangerous: at the threshold or above it")
    expect(risk).to_contain_text("Scored by this watch")
    expect(risk).to_contain_text("distinct_received_from_share: 1, higher than 66 % of accounts")
    expect(risk.locator(f"a[href='#/lineage/{stage.book.model}']")).to_be_visible()
    expect(chain.get_by_text("Flagged", exact=True)).to_be_visible()
    expect(chain).to_contain_text("1 live alert")
    expect(chain).to_contain_text("93.00 %, the lower median of theirs")
    page.get_by_text("Figures as a table").click()
    expect(page.get_by_role("cell", name="66.00 %")).to_be_visible()
    expect(page.locator(".alert-card")).to_have_count(1)


def test_address_whose_alert_was_withdrawn_is_not_flagged_on_chain(stage: Stage, watched: Watched) -> None:
    watched.page.goto(stage.at(f"address/{address(WITHDRAWN)}"))
    expect(watched.page.get_by_text("Not flagged")).to_be_visible()
    expect(watched.page.locator(".alert-card .tag")).to_have_text("withdrawn")


def test_unknown_address_says_that_nothing_is_known(stage: Stage, watched: Watched) -> None:
    watched.page.goto(stage.at(f"address/{UNKNOWN}"))
    expect(watched.page.get_by_text("Nothing is known of this address.")).to_be_visible()
    expect(watched.page.get_by_text("No alert was raised about this address.")).to_be_visible()
    expect(watched.page.get_by_text("There is no history of it.")).to_be_visible()


def test_statistics_of_an_address_are_exact_with_units_and_chosen_by_name(stage: Stage, watched: Watched) -> None:
    page = watched.page
    page.goto(stage.at(f"address/{address(FLAGGED)}"))
    part = page.get_by_label("Statistics", exact=True)
    expect(part.locator("summary")).to_contain_text(f"{len(FEATURES)} numbers that the model looks at")
    part.locator("summary").click()
    with WatchReader(stage.folder / "watch") as reader:
        row = reader.statistics(address(FLAGGED)) or []
    expect(part.locator("tbody tr")).to_have_text([f"{name}{value:,}{unit}" for name, value, unit in row])
    expect(part.get_by_role("row", name="received_micro 9")).to_contain_text(f"{TAKEN_IN:,}microether")
    part.get_by_label("Filter by name").fill("token SENT")
    expect(part.locator("tbody tr:visible")).to_have_text(
        ["token_sent0token transfers", "token_sent_zero0token transfers"]
    )
    expect(part.get_by_role("status")).to_have_text(f"2 of {len(FEATURES)}")
    assert faint_texts(page) == []
    assert nameless(page) == []


def test_statistics_that_are_open_stay_so_while_blocks_change_them(stage: Stage, watched: Watched) -> None:
    page, who = watched.page, 700
    stage.book.write([stage.book.alert(who, 6_100)])
    page.goto(stage.at(f"address/{address(who)}"))
    part = page.get_by_label("Statistics", exact=True)
    part.locator("summary").click()
    part.get_by_label("Filter by name").fill("sent")
    row = part.get_by_role("row").filter(has=page.get_by_role("rowheader", name="sent", exact=True))
    expect(row).to_have_text(f"sent{stage.book.last:,}transactions")
    stage.book.write([stage.book.alert(who, 6_200)])
    expect(row).to_have_text(f"sent{stage.book.last:,}transactions")
    expect(part.get_by_label("Filter by name")).to_have_value("sent")
    expect(part.locator("details")).to_have_attribute("open", "")


def test_address_that_was_never_seen_has_no_statistics(stage: Stage, watched: Watched) -> None:
    watched.page.goto(stage.at(f"address/{UNKNOWN}"))
    expect(watched.page.get_by_text("There is no history of it.")).to_be_visible()
    expect(watched.page.locator("details")).to_be_hidden()


@pytest.mark.parametrize(
    ("path", "words"),
    [("0x12zz", '"z" is no hexadecimal digit'), ("%3Cscript%3E", "begins with 0x"), ("0x12", "these are 2")],
)
def test_path_that_is_no_address_says_what_is_wrong(stage: Stage, watched: Watched, path: str, words: str) -> None:
    watched.page.goto(stage.at(f"address/{path}"))
    expect(watched.page.get_by_role("heading", name="Address")).to_be_visible()
    expect(watched.page.get_by_role("alert").filter(has_text="This is no address.")).to_contain_text(words)


def test_alert_about_the_address_arrives_on_its_page(stage: Stage, watched: Watched) -> None:
    who, markup = 100 + stage.book.last, HOSTILE[:-2]
    watched.page.goto(stage.at(f"address/{address(who)}"))
    expect(watched.page.get_by_text("No alert was raised about this address.")).to_be_visible()
    stage.book.write([stage.book.alert(who, 9_400, markup, reasons=(markup,))])
    expect(watched.page.locator(".alert-card .category")).to_have_text(markup)
    expect(watched.page.locator(".gauge-value")).to_have_text("94.00 %")
    assert watched.page.locator("main img, main script").count() == 0
    assert "obeyed" not in watched.page.title()
