"""Real transactions of the sample, and events drawn at random."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from anomalyhive.metrics.chunks import Chunk, find_chunks
from anomalyhive.metrics.engines import Engine, engine_named

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "ethereum-transactions"


@pytest.fixture(scope="session")
def sample() -> list[Chunk]:
    """The ten chunks of the bundled accounts."""
    return list(find_chunks(SAMPLE))


@pytest.fixture(scope="session")
def sample_events(sample: list[Chunk]) -> pa.Table:
    """All events of the sample."""
    return pa.concat_tables(chunk.events() for chunk in sample)


@pytest.fixture(scope="session")
def polars_engine() -> Engine:
    """The quickest to start."""
    return engine_named("polars")
