"""The registry refuses what tells the era, and no statistic reads more than it says."""

from __future__ import annotations

import narwhals as nw
import numpy as np
import pyarrow as pa
import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.metrics.engines import Engine
from anomalyhive.metrics.events import EVENT_COLUMNS
from anomalyhive.metrics.statistics import (
    COLUMNS,
    GAP_BOUNDS,
    MERGES,
    NEUTRAL,
    STATISTICS,
    SUCCESSIONS,
    UNITS,
    Statistic,
    Succession,
    TellsEra,
)

ERA = [name for name, (_, tells) in EVENT_COLUMNS.items() if tells]


def test_there_are_forty_statistics_or_more_each_with_a_unit_and_a_merge_that_has_a_neutral_element() -> None:
    assert len(COLUMNS) >= 40
    assert all(UNITS[name] and MERGES[name] in NEUTRAL for name in COLUMNS)


@pytest.mark.parametrize("column", ERA)
def test_statistic_that_reads_the_era_is_refused(column: str) -> None:
    with pytest.raises(TellsEra, match=f"reads {column}, which tells the era"):
        Statistic("when", "", "max", (column,), nw.col(column))


@pytest.mark.parametrize("column", ["nonce", "gas_price", "gas_price_wei"])
def test_statistic_of_nonce_or_gas_price_is_refused(column: str) -> None:
    with pytest.raises(BadSetting, match=f"reads '{column}', which no event has"):
        Statistic("level", "wei", "max", (column,), nw.col(column))


def test_statistic_with_another_merge_is_refused() -> None:
    with pytest.raises(BadSetting, match="merge 'mean' is none of sum, min, max"):
        Statistic("mean", "gwei", "mean", ("micro",), nw.col("micro"))


@pytest.mark.parametrize("statistic", STATISTICS, ids=lambda one: one.name)
def test_statistic_reads_only_what_it_declares(
    statistic: Statistic, sample_events: pa.Table, polars_engine: Engine
) -> None:
    frame = polars_engine.load(sample_events.slice(0, 50).select(list(statistic.reads)))
    assert len(frame.select(statistic.of.alias("found")).collect()) == 50


@pytest.mark.parametrize("statistic", SUCCESSIONS, ids=lambda one: one.name)
def test_succession_of_nothing_before_is_neutral(statistic: Succession, polars_engine: Engine) -> None:
    frame = polars_engine.load(pa.table({"gap": [-1], "turn": [0]}))
    found = frame.select(statistic.of.alias("found")).collect().to_dict(as_series=False)
    assert found["found"] == [NEUTRAL[statistic.merge]]


@pytest.mark.parametrize("statistic", SUCCESSIONS, ids=lambda one: one.name)
def test_succession_of_arrays_is_that_of_the_expression(statistic: Succession, polars_engine: Engine) -> None:
    edges = sorted({bound + step for bound in (0, *GAP_BOUNDS) for step in (-1, 0, 1)} | {1 << 40})
    gap, turn = (np.array(some) for some in zip(*((gap, turn) for gap in edges for turn in range(4)), strict=True))
    frame = polars_engine.load(pa.table({"gap": gap, "turn": turn}))
    found = frame.select(statistic.of.alias("found")).collect().to_dict(as_series=False)
    assert statistic.of_arrays(gap, turn).tolist() == found["found"]
