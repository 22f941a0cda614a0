"""The log of a run, with any one thing in it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from test_audit.lineages import Lineage


def test_audit_without_any_one_event_fails(lineage: Lineage) -> None:
    events = lineage.record.events
    for at, event in enumerate(events):
        assert not lineage.audit(events=[*events[:at], *events[at + 1 :]]).holds, (at, event.name)


def test_audit_with_two_neighbouring_events_exchanged_fails(lineage: Lineage) -> None:
    events = lineage.record.events
    # Every third pair, as each takes an audit; the unit tests of the log exchange them all.
    for at in range(0, len(events) - 1, 3):
        exchanged = [*events[:at], events[at + 1], events[at], *events[at + 2 :]]
        assert not lineage.audit(events=exchanged).holds, (at, events[at].name)


def other(value: Any) -> Any:
    """A value of the same type and shape, in one place another."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value - 1 if value else 1
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(value, str):
        return "0x" + "12" * 20
    assert isinstance(value, Mapping)
    key = sorted(value)[len(value) // 2]
    return {**value, key: other(value[key])}


def test_audit_with_any_field_of_any_kind_of_event_changed_fails(lineage: Lineage) -> None:
    seen: set[tuple[str, str]] = set()
    for at, event in enumerate(lineage.record.events):
        for name, value in event.values.items():
            if (event.name, name) in seen:
                continue
            seen.add((event.name, name))
            changed = replace(event, values={**event.values, name: other(value)})
            events = [*lineage.record.events[:at], changed, *lineage.record.events[at + 1 :]]
            assert not lineage.audit(events=events).holds, (event.name, name)
    assert len({name for name, _ in seen}) == 18, sorted({name for name, _ in seen})


def test_audit_with_any_setting_of_the_task_changed_fails(lineage: Lineage) -> None:
    at, created = next((i, one) for i, one in enumerate(lineage.record.events) if one.name == "TaskCreated")
    for setting, value in created.values["config"].items():
        config = {**created.values["config"], setting: other(value)}
        changed = replace(created, values={**created.values, "config": config})
        events = [*lineage.record.events[:at], changed, *lineage.record.events[at + 1 :]]
        assert not lineage.audit(events=events).holds, setting
