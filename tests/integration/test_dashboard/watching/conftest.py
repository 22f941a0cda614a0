"""One stage for all tests of the watch's pages: it is dear to make, and what a test does to it is told to the others."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.outside import find_browser, required

from .stage import Stage, played


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The stage."""
    assert find_browser() is not None or required("browser")
    with played(tmp_path_factory.mktemp("stage")) as made:
        yield made
