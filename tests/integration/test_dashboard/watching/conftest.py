"""One stage for all tests of the watch's pages, since it is dear to make: tests add to it, and rely on no place."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.outside import find_browser, required

from .stage import Stage, played

expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage."""
    assert find_browser() is not None or required("browser")
    with played(tmp_path_factory.mktemp("stage")) as made:
        yield made
