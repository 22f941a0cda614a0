"""A founded hive, copied for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from .settling import founded

ROUNDS = 2


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a hive with a task of two rounds, on which nobody has worked yet."""
    folder = tmp_path_factory.mktemp("ground")
    founded(folder, ROUNDS)
    return folder
