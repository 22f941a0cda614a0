"""Rows: what they say, and that they do not say when."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.metrics.chunks import Chunk
from anomalyhive.metrics.engines import Engine
from anomalyhive.metrics.features import BORDERS, FEATURES, Feature, Span, rows
from anomalyhive.metrics.partial import partials
from anomalyhive.metrics.statistics import TellsEra

A, B, C = (f"0x{digit * 40}" for digit in "abc")


def shifted(events: pa.Table, seconds: int, blocks: int) -> pa.Table:
    for name, by in (("time", seconds), ("block_number", blocks), ("place", blocks << 21)):
        moved = pc.add(events.column(name), by)
        events = events.set_column(events.schema.get_field_index(name), name, moved)
    return events


def test_there_are_forty_features_or_more_with_different_names() -> None:
    assert len({one.name for one in FEATURES}) == len(FEATURES) >= 40
    assert all(one.unit for one in FEATURES)


def test_rows_of_another_era_are_the_same_bits(sample: list[Chunk], polars_engine: Engine) -> None:
    events = sample[4].events()
    here = rows(partials(polars_engine, events, sample[4].start, sample[4].stop))
    years, blocks = 2000 * 86400, 9_000_000
    there = partials(polars_engine, shifted(events, years, blocks), sample[4].start + blocks, sample[4].stop + blocks)
    assert np.array_equal(here.features, rows(there).features)


@pytest.mark.parametrize("border", sorted(BORDERS))
def test_feature_of_a_border_is_refused(border: str) -> None:
    with pytest.raises(TellsEra, match=f"reads {border}, which tells the era"):
        Feature("age", "seconds", (border,), lambda one: one)


@pytest.mark.parametrize(
    ("first", "last"), [("sent", "last_time"), ("first_time", "last_place"), ("last_time", "first_time")]
)
def test_span_of_what_is_no_first_and_last_time_is_refused(first: str, last: str) -> None:
    with pytest.raises(TellsEra, match=f"takes {first} from {last}"):
        Span("age", first, last)


def test_feature_of_what_there_is_not_is_refused() -> None:
    with pytest.raises(BadSetting, match="'nonce', which no address has"):
        Feature("nonce", "transactions", ("nonce",), lambda one: one)


def test_span_is_cut_at_thirty_days() -> None:
    span = Span("life", "first_time", "last_time")
    first, last = np.array([1000, 1000, 1 << 62]), np.array([1500, 1000 + 10**9, -1])
    assert span.of(first, last).tolist() == [500, 30 * 86400, 0]


def transactions(*sent: tuple[int, int, str, str, int]) -> pa.Table:
    """Transactions (block, time, sender, receiver, finney)."""
    count = len(sent)
    return pa.table(
        {
            "block_number": [one[0] for one in sent],
            "block_timestamp": [one[1] for one in sent],
            "transaction_index": list(range(count)),
            "from_address": [one[2] for one in sent],
            "to_address": [one[3] for one in sent],
            "value": [str(one[4] * 10**15) for one in sent],
            "gas": [21000] * count,
            "receipt_gas_used": [21000] * count,
            "receipt_status": [1] * count,
            "receipt_contract_address": pa.array([None] * count, pa.string()),
            "input_selector": ["0x"] * count,
            "input_length": [0] * count,
        }
    )


def test_rows_of_three_transactions_are_as_counted_by_hand(polars_engine: Engine) -> None:
    from anomalyhive.metrics.events import event_table

    table = transactions((1, 100, A, B, 5000), (3, 160, B, C, 4000), (4, 7200, B, A, 1))
    made = rows(partials(polars_engine, event_table(table), 0, 10))
    row = dict(zip(made.names, made.features[made.addresses.index(B)].tolist(), strict=True))
    expected = {
        "sent": 2,
        "received": 1,
        "sent_micro": 4_001_000,
        "sent_most": 4_000_000,
        "sent_least": 1_000,
        "received_micro": 5_000_000,
        "sent_per_received_micro": 4_001_000 * 1024 // 5_000_000,
        "sent_plain_mean": 1024,
        "gap_10m_share": 512,
        "gap_6h_share": 512,
        "passed_on_10m_share": 512,
        "sent_twice_share": 512,
        "gap_least": 60,
        "gap_most": 7040,
        "life": 7100,
        "distinct_sent_to": 2,
        "distinct_received_from": 1,
        "distinct_counterparties": 2,
        "both_ways": 1,
        "sent_zeros_mean": (18 + 15) * 512,
    }
    assert {name: row[name] for name in expected} == expected
