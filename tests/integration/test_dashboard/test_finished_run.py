"""The page on a run that is over."""

from __future__ import annotations

from playwright.sync_api import expect
from tests.outside import needs_browser

from test_dashboard.dashboards import Dashboard, Watched

pytestmark = needs_browser


def test_hive_view_of_a_finished_run_says_what_came_of_it(dashboard: Dashboard, watched: Watched) -> None:
    page = watched.page
    page.goto(dashboard.url)
    expect(page.get_by_role("heading", name="Round 3 of 3")).to_be_visible()
