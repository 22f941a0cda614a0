"""Statistics block by block are those of all blocks at once, integer for integer, on real and on drawn transactions."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from anomalyhive.errors import BadTable, Failure
from anomalyhive.metrics.chunks import find_chunks
from anomalyhive.metrics.engines import Engine, engine_named
from anomalyhive.metrics.features import rows
from anomalyhive.metrics.partial import Partial, merge, partials
from anomalyhive.monitor.packing import pack, unpack
from anomalyhive.monitor.statistics import Statistics, advanced, touched_by

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "ethereum-transactions"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_named("polars")


@pytest.fixture(scope="module")
def real() -> pa.Table:
    """Events of the sample, in the order of their blocks."""
    events = pa.concat_tables(chunk.events() for chunk in find_chunks(SAMPLE))
    return events.sort_by("block_number")


def followed(events: pa.Table, cuts: list[int]) -> Statistics:
    """What following events in the blocks between cuts gives, each step through the bytes of the book."""
    book: dict[str, bytes] = {}
    numbers = events.column("block_number").to_numpy()
    for start, stop in pairwise(cuts):
        low, high = np.searchsorted(numbers, [start, stop])
        part = events.slice(low, high - low)
        names = touched_by(part)
        after = advanced(unpack(names, [book.get(name) for name in names]), part)
        book.update(zip(names, pack(after), strict=True))
    names = sorted(book)
    return unpack(names, [book[name] for name in names])


def assert_same(found: Statistics, part: Partial) -> None:
    due = Statistics.of_compact(part.compact)
    assert found.addresses == due.addresses
    assert (found.values == due.values).all()
    assert (found.ranks == due.ranks).all()
    assert (found.features() == rows(part).features).all()


def test_following_real_blocks_in_any_cut_gives_the_rows_of_all_at_once(real: pa.Table, engine: Engine) -> None:
    draw = random.Random(1)
    numbers = real.column("block_number").to_numpy()
    whole = partials(engine, real, 0, int(numbers[-1]) + 1)
    for count in (1, 7, 300):
        cuts = sorted(
            {0, int(numbers[-1]) + 1, *(int(numbers[draw.randrange(len(numbers))]) for _ in range(count - 1))}
        )
        assert_same(followed(real, cuts), whole)


def test_following_real_blocks_one_by_one_gives_the_rows_of_all_at_once(real: pa.Table, engine: Engine) -> None:
    some = real.slice(9000, 4000)
    numbers = np.unique(some.column("block_number").to_numpy()).tolist()
    whole = partials(engine, some, numbers[0], numbers[-1] + 1)
    assert_same(followed(some, [*numbers, numbers[-1] + 1]), whole)


def test_beginning_with_chunks_and_following_gives_the_rows_of_all_at_once(real: pa.Table, engine: Engine) -> None:
    numbers = real.column("block_number").to_numpy()
    middle = int(numbers[len(numbers) // 2])
    early, late = (
        real.filter(pc.less(real["block_number"], middle)),
        real.filter(pc.greater_equal(real["block_number"], middle)),
    )
    before = partials(engine, early, 0, middle)
    names = sorted(set(early["address"].to_pylist()) | set(late["address"].to_pylist()))
    known = Statistics.of_compact(before.compact)
    states = dict(zip(known.addresses, pack(known), strict=True))
    found = advanced(unpack(names, [states.get(name) for name in names]), late)
    assert_same(found, merge([before, partials(engine, late, middle, int(numbers[-1]) + 1)]))


def drawn(seed: int, blocks: int) -> pa.Table:
    """Transactions and token transfers as strange as columns allow, among few addresses."""
    from anomalyhive.metrics.events import event_table

    draw = random.Random(seed)
    who = [f"0x{number:040x}" for number in range(1, 7)]
    transactions, tokens, time = [], [], 1_500_000_000
    for block in range(100, 100 + blocks):
        time += draw.choice([0, 1, 13, 600, 3600, 86_400, 40 * 86_400])
        for index in range(draw.randrange(6)):
            created = draw.random() < 0.1
            transactions.append(
                {
                    "block_number": block,
                    "block_timestamp": time,
                    "transaction_index": index,
                    "from_address": draw.choice(who),
                    "to_address": None if created else draw.choice(who),
                    "value_gwei": draw.choice([0, 1, 10**6, 10**9, 10**12, 1 << 61]),
                    "value_wei_rest": draw.choice([0, 1, 999_999_999]),
                    "gas": draw.choice([21_000, 15, 0, 8_000_000]),
                    "receipt_gas_used": draw.choice([21_000, 0, None]),
                    "input_selector": draw.choice(["0x", "0x095ea7b3", "0xa9059cbb", "0x23b872dd", "0xdeadbeef"]),
                    "input_length": draw.choice([0, 4, 68, 100_000]),
                    "receipt_status": draw.choice([0, 1, None]),
                    "receipt_contract_address": draw.choice(who) if created else None,
                }
            )
        for _ in range(draw.randrange(4)):
            tokens.append(
                {
                    "block_number": block,
                    "from_address": draw.choice(who),
                    "to_address": draw.choice(who),
                    "token_address": draw.choice(who),
                    "value": draw.choice(["0", "1", str(1 << 255)]),
                }
            )
    made = []
    for given in (transactions, tokens):
        names = given[0].keys()
        made.append(pa.table({name: [one[name] for one in given] for name in names}))
    return event_table(*made).sort_by("block_number")


@pytest.mark.parametrize("seed", range(6))
def test_following_drawn_blocks_one_by_one_gives_the_rows_of_all_at_once(engine: Engine, seed: int) -> None:
    events = drawn(seed, 25)
    assert_same(followed(events, list(range(100, 126))), partials(engine, events, 100, 125))


def test_order_of_events_in_a_block_does_not_matter() -> None:
    events = drawn(9, 30)
    order = np.random.default_rng(1).permutation(len(events))
    names = touched_by(events)
    one, other = (advanced(Statistics.neutral(names), some) for some in (events, events.take(pa.array(order))))
    assert (one.values == other.values).all()
    assert (one.ranks == other.ranks).all()


def test_block_without_events_changes_nothing() -> None:
    events = drawn(1, 20)
    names = touched_by(events)
    before = advanced(Statistics.neutral(names), events)
    after = advanced(before, events.slice(0, 0))
    assert (after.values == before.values).all()
    assert (after.ranks == before.ranks).all()
    assert touched_by(events.slice(0, 0)) == []


def test_time_that_runs_backwards_is_refused() -> None:
    events = drawn(1, 20)
    late, early = (
        events,
        events.set_column(events.column_names.index("time"), "time", pa.array(np.full(len(events), 5))).set_column(
            events.column_names.index("place"), "place", pc.add(events["place"], 1 << 50)
        ),
    )
    with pytest.raises(BadTable, match="time runs backwards"):
        advanced(advanced(Statistics.neutral(touched_by(late)), late), early)


def test_advanced_leaves_what_it_was_given() -> None:
    events = drawn(2, 20)
    before = Statistics.neutral(touched_by(events))
    advanced(before, events)
    due = Statistics.neutral(before.addresses)
    assert (before.values == due.values).all()
    assert (before.ranks == due.ranks).all()


def test_unpack_of_bytes_cut_or_changed_is_a_failure_or_other_numbers() -> None:
    events = drawn(3, 20)
    names = touched_by(events)
    whole = advanced(Statistics.neutral(names), events)
    states = pack(whole)
    assert pack(unpack(names, states)) == states
    for at in range(len(states[0])):
        with pytest.raises(Failure, match="damaged"):
            unpack(names, [states[0][:at], *states[1:]])
    with pytest.raises(Failure, match=names[2]):
        unpack(names, [*states[:2], states[2] + b"\0", *states[3:]])
    draw = random.Random(4)
    for _ in range(300):
        bent = bytearray(states[0])
        bent[draw.randrange(len(bent))] ^= 1 << draw.randrange(8)
        try:
            read = unpack(names[:1], [bytes(bent)])
        except Failure:
            continue
        assert pack(read) == [bytes(bent)]
