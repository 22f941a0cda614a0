"""Generators shared by the tests of commitments, derived once into a directory of their own."""

from __future__ import annotations

import pytest

from anomalyhive.commitments import Generators


@pytest.fixture(scope="session")
def generators(tmp_path_factory: pytest.TempPathFactory) -> Generators:
    return Generators(tmp_path_factory.mktemp("generators"))
