"""The same code on DuckDB, Polars, Spark and Dask gives the same integers, on real data."""

from __future__ import annotations

import pyarrow as pa
import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.metrics.chunks import Chunk
from anomalyhive.metrics.encoding import encode
from anomalyhive.metrics.engines import ENGINES, Engine, engine_named
from anomalyhive.metrics.features import rows
from anomalyhive.metrics.partial import merge, partials


@pytest.fixture(scope="module")
def expected(sample: list[Chunk], polars_engine: Engine) -> tuple[bytes, bytes]:
    return computed(polars_engine, sample)


def computed(engine: Engine, sample: list[Chunk]) -> tuple[bytes, bytes]:
    """Partial of the whole, from three chunks with a hole closed last, and its rows."""
    ranges = [sample[0:3], sample[6:10], sample[3:6]]
    parts = [
        partials(engine, pa.concat_tables(chunk.events() for chunk in some), some[0].start, some[-1].stop)
        for some in ranges
    ]
    apart = merge(parts[:2])
    whole = merge([apart, parts[2]])
    return encode(whole), rows(apart).features.tobytes() + rows(whole).features.tobytes()


@pytest.mark.parametrize("name", sorted(set(ENGINES) - {"polars"}))
def test_engine_gives_the_bits_of_polars(name: str, sample: list[Chunk], expected: tuple[bytes, bytes]) -> None:
    assert computed(engine_named(name), sample) == expected


def test_engine_named_otherwise_is_refused() -> None:
    with pytest.raises(BadSetting, match="'pandas' is unknown: choose one of duckdb, polars, spark, dask"):
        engine_named("pandas")
