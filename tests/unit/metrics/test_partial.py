"""Any cut of a chain, merged in any order, gives the same bits."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anomalyhive.errors import BadTable
from anomalyhive.metrics.chunks import Chunk
from anomalyhive.metrics.encoding import encode
from anomalyhive.metrics.engines import Engine, engine_named
from anomalyhive.metrics.events import EVENT_COLUMNS
from anomalyhive.metrics.features import rows
from anomalyhive.metrics.partial import NOTHING, Partial, merge, partials
from anomalyhive.metrics.sketching import bucket_of
from anomalyhive.metrics.statistics import COLUMNS, MERGES

ADDRESSES = [f"0x{digit * 40}" for digit in "1af"]
LAST = 40


def cut(events: pa.Table, edges: list[int], engine: Engine) -> list[Partial]:
    """Partials of the ranges between the edges, of events in a shuffled order."""
    found = []
    for start, stop in pairwise(edges):
        block = events.column("block_number")
        inside = events.filter(pc.and_(pc.greater_equal(block, start), pc.less(block, stop)))
        order = np.random.default_rng(start).permutation(len(inside))
        found.append(partials(engine, inside.take(pa.array(order)), start, stop))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_rows_of_any_cut_in_any_order_are_the_same_bits(
    seed: int, sample: list[Chunk], sample_events: pa.Table, polars_engine: Engine
) -> None:
    start, stop = sample[0].start, sample[-1].stop
    whole = partials(polars_engine, sample_events, start, stop)
    draw = random.Random(seed)
    blocks = sample_events.column("block_number").to_pylist()
    edges = sorted({start, stop, *(draw.choice(blocks) for _ in range(2 + 12 * seed))})
    parts = cut(sample_events, edges, polars_engine)
    draw.shuffle(parts)
    half = len(parts) // 2
    merged = merge([merge(parts[:half]), merge([*parts[half:], NOTHING])])
    assert encode(merged) == encode(whole)
    assert np.array_equal(rows(merged).features, rows(whole).features)


def test_rows_of_the_ten_chunks_and_of_their_spans_alone_are_the_same_bits(
    sample: list[Chunk], sample_events: pa.Table, polars_engine: Engine
) -> None:
    # Chunks that cover only the blocks from their first event to their last leave holes between them.
    parts = []
    for chunk in sample:
        events = chunk.events()
        block = events.column("block_number")
        parts.append(partials(polars_engine, events, pc.min(block).as_py(), pc.max(block).as_py() + 1))
    apart = merge(parts)
    assert len(apart.cover) > 1
    whole = partials(polars_engine, sample_events, sample[0].start, sample[-1].stop)
    assert np.array_equal(rows(apart).features, rows(whole).features)


def test_rows_of_buckets_together_are_those_of_the_whole(sample: list[Chunk], polars_engine: Engine) -> None:
    part = partials(polars_engine, sample[3].events(), sample[3].start, sample[3].stop)
    whole = rows(part)
    by_address = dict(zip(whole.addresses, whole.features.tolist(), strict=True))
    found = {}
    for number in range(3):
        held = rows(part.bucket(number, 3))
        assert all(bucket_of(address, 3) == number for address in held.addresses)
        found.update(zip(held.addresses, held.features.tolist(), strict=True))
    assert found == by_address


@st.composite
def drawn_events(draw: st.DrawFn) -> pa.Table:
    """Events of three addresses in blocks below LAST, times rising with the block; several may share a block."""
    count = draw(st.integers(0, 12))
    columns: dict[str, list[object]] = {name: [] for name in EVENT_COLUMNS}
    step = draw(st.integers(1, 4_000_000))
    for at in range(count):
        block, sent = draw(st.integers(0, LAST - 1)), draw(st.integers(0, 1))
        token = int(draw(st.integers(0, 9)) == 0)
        size = draw(st.integers(0, 7))
        own = {
            "address": draw(st.sampled_from(ADDRESSES)),
            "block_number": block,
            "place": (block << 21) + (at << 1) + sent,
            "time": 1_500_000_000 + block * step,
            "track": token,
            "sent": sent * (1 - token),
            "received": (1 - sent) * (1 - token),
            "token_sent": sent * token,
            "token_received": (1 - sent) * token,
            "micro": draw(st.integers(0, 1 << 43)) if size else 0,
            "size": size,
            "hour": draw(st.integers(0, 23)),
            "other": draw(st.integers(0, 255)) * 64 + draw(st.integers(1, 57)),
            "token": draw(st.integers(0, 255)) * 64 + 1 if token else -1,
            "amount": draw(st.integers(0, 255)) * 64 + 2,
        }
        for name in EVENT_COLUMNS:
            columns[name].append(own.get(name, draw(st.integers(0, 1))))
    return pa.table(
        {name: pa.array(values, pa.string() if name == "address" else pa.int64()) for name, values in columns.items()}
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(events=drawn_events(), inner=st.lists(st.integers(1, LAST - 1), min_size=2, max_size=4), seed=st.integers(0, 99))
def test_merge_is_commutative_associative_and_has_a_neutral_element(
    events: pa.Table, inner: list[int], seed: int
) -> None:
    engine = engine_named("polars")
    parts = cut(events, sorted({0, LAST, *inner}), engine)
    random.Random(seed).shuffle(parts)
    first, second, rest = parts[0], parts[1], parts[2:]
    assert merge([first, second]) == merge([second, first])
    assert merge([first, NOTHING]) == first == merge([NOTHING, first])
    left = merge([merge([first, second]), *rest])
    right = merge([first, merge([second, *rest])])
    whole = partials(engine, events, 0, LAST)
    for name in COLUMNS:  # column by column, so that a failure names the statistic
        assert left.totals[name] == right.totals[name] == whole.totals[name], name
    assert left == right == whole


@pytest.mark.parametrize("name", COLUMNS)
def test_statistic_takes_more_than_one_value_on_real_data(
    name: str, sample: list[Chunk], sample_events: pa.Table, polars_engine: Engine
) -> None:
    found = _whole(sample, sample_events, polars_engine).totals.column(name)
    assert len(pc.unique(found)) > 1, f"{name} ({MERGES[name]}) says nothing"


_CACHE: dict[str, Partial] = {}


def _whole(sample: list[Chunk], events: pa.Table, engine: Engine) -> Partial:
    if "whole" not in _CACHE:
        _CACHE["whole"] = partials(engine, events, sample[0].start, sample[-1].stop)
    return _CACHE["whole"]


def test_merge_of_ranges_that_overlap_is_refused(sample: list[Chunk], polars_engine: Engine) -> None:
    part = partials(polars_engine, sample[0].events(), sample[0].start, sample[0].stop)
    with pytest.raises(BadTable, match="in two of the tables"):
        merge([part, part])


def test_partials_of_events_outside_the_range_are_refused(sample: list[Chunk], polars_engine: Engine) -> None:
    with pytest.raises(BadTable, match="there are events of blocks"):
        partials(polars_engine, sample[1].events(), sample[1].start + 10_000, sample[1].stop)


def test_partials_of_times_that_run_backwards_are_refused(sample: list[Chunk], polars_engine: Engine) -> None:
    events = sample[1].events()
    time = pc.subtract(2_000_000_000, events.column("time"))
    backwards = events.set_column(events.schema.get_field_index("time"), "time", time)
    with pytest.raises(BadTable, match="time runs backwards"):
        partials(polars_engine, backwards, sample[1].start, sample[1].stop)
