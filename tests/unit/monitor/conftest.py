"""A chain on two forks as its node answered, and a model that learned from the sample."""

from __future__ import annotations

import pytest
from ingestion.evm.conftest import forks, live

from anomalyhive.monitor.models import Learned
from monitor.learnt import learnt

__all__ = ["forks", "live"]


@pytest.fixture(scope="session")
def model() -> Learned:
    """After one round."""
    return learnt(1)


@pytest.fixture(scope="session")
def newer() -> Learned:
    """After two rounds."""
    return learnt(2)
