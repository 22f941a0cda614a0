"""The form of a log: order, times, and the types of what its events say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from anomalyhive.audit import ChainRecord
from anomalyhive.audit.replay.shapes import plain
from anomalyhive.chain.events import Event
from anomalyhive.errors import AuditFailure
from audit.logs import Log, faults


@pytest.fixture
def record() -> ChainRecord:
    return Log().found().final_round().record()


def with_event(record: ChainRecord, at: int, **fields: Any) -> ChainRecord:
    events = list(record.events)
    events[at] = replace(events[at], **fields)
    return replace(record, events=events)


def test_replay_of_any_two_neighbours_exchanged_finds_it(record: ChainRecord) -> None:
    for at in range(len(record.events) - 1):
        events = list(record.events)
        events[at], events[at + 1] = events[at + 1], events[at]
        assert faults(replace(record, events=events)), at


def test_replay_of_any_event_twice_finds_it(record: ChainRecord) -> None:
    for at, event in enumerate(record.events):
        events = [*record.events[: at + 1], event, *record.events[at + 1 :]]
        assert faults(replace(record, events=events)), at


def test_replay_of_one_transaction_in_two_places_finds_it(record: ChainRecord) -> None:
    other = with_event(record, -1, transaction=record.events[0].transaction)
    assert any("other transactions came between" in what for _, what in faults(other))


def test_replay_of_two_names_for_one_block_finds_it(record: ChainRecord) -> None:
    at = next(i for i, event in enumerate(record.events) if event.index == 1)
    assert any("others name it" in what for _, what in faults(with_event(record, at, block_hash=b"\0" * 32)))


def test_replay_without_the_time_of_a_block_or_with_time_going_back_finds_it(record: ChainRecord) -> None:
    times = dict(record.times)
    del times[5]
    assert any("block 5 has events and no time" in what for _, what in faults(replace(record, times=times)))
    assert any("older than block" in what for _, what in faults(replace(record, times={**record.times, 5: 9_999})))


def test_replay_of_an_empty_log_finds_it(record: ChainRecord) -> None:
    assert any("it is empty or cut" in what for _, what in faults(replace(record, events=())))


def test_replay_of_an_event_of_another_contract_finds_it(record: ChainRecord) -> None:
    assert any("Minted is no event" in what for _, what in faults(with_event(record, -1, name="Minted")))


def event(name: str, **values: Any) -> Event:
    return Event(name, values, 1, b"", b"", 0)


TRANSFER = {"from": "0x" + "01" * 20, "to": "0x" + "02" * 20, "value": 1}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value", -1),
        ("value", 1 << 256),
        ("value", True),
        ("value", "1"),
        ("value", None),
        ("from", "0x1234"),
        ("from", 7),
        ("from", None),
    ],
)
def test_plain_with_a_value_of_another_type_is_refused_by_name(field: str, value: object) -> None:
    with pytest.raises(AuditFailure, match=field):
        plain(event("Transfer", **{**TRANSFER, field: value}))


@pytest.mark.parametrize("values", [{}, {"from": 1}, {**TRANSFER, "more": 1}])
def test_plain_with_other_names_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(AuditFailure, match="has the values"):
        plain(event("Transfer", **values))


def test_plain_of_a_struct_takes_a_map_or_a_sequence_of_its_fields() -> None:
    point = {"a": b"a" * 32, "b": b"b" * 32, "c": b"c" * 32}
    values = {"task": 1, "round": 1, "node": 1, "shard": 0, "digest": b"d" * 32}
    one = plain(event("UpdateSubmitted", **values, commitment=point))
    other = plain(event("UpdateSubmitted", **values, commitment=list(point.values())))
    assert one == other
    assert one.values["commitment"] == tuple(point.values())
    for wrong in ({"a": b"a" * 32}, b"abc", (b"a" * 32, b"b" * 32, b"c" * 31), 5):
        with pytest.raises(AuditFailure, match="commitment"):
            plain(event("UpdateSubmitted", **values, commitment=wrong))
