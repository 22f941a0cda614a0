"""The order of a log: what a chain cannot have written is found before anything is made of it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence

from anomalyhive.audit.report import Findings
from anomalyhive.chain.events import Event


def transactions(events: Sequence[Event], times: Mapping[int, int], findings: Findings) -> Iterator[list[Event]]:
    """The events, transaction by transaction; faults of their order are noted on the way."""
    group: list[Event] = []
    seen: set[bytes] = set()
    hashes: dict[int, bytes] = {}
    for event in events:
        before = group[-1] if group else None
        for fault in _faults(before, event, hashes.setdefault(event.block, event.block_hash)):
            findings.fail("events", f"block {event.block} log {event.index} ({event.name}): {fault}")
        if event.block not in times:
            findings.fail("events", f"block {event.block} has events and no time")
        if before is not None and before.transaction != event.transaction:
            yield group
            seen.add(before.transaction)
            group = []
        if event.transaction in seen:
            findings.fail(
                "events", f"block {event.block} log {event.index} ({event.name}): other transactions came between it "
                f"and the rest of 0x{event.transaction.hex()}"
            )  # fmt: skip
        group.append(event)
    if group:
        yield group
    _check_times(hashes, times, findings)


def _faults(before: Event | None, event: Event, block_hash: bytes) -> Iterator[str]:
    if event.block_hash != block_hash:
        yield f"names its block 0x{event.block_hash.hex()}, others name it 0x{block_hash.hex()}"
    if before is None:
        return
    if (event.block, event.index) <= (before.block, before.index):
        yield f"follows block {before.block} log {before.index}"
    if event.transaction == before.transaction and event.block != before.block:
        yield f"its transaction 0x{event.transaction.hex()} is in block {before.block} already"


def _check_times(blocks: Mapping[int, bytes], times: Mapping[int, int], findings: Findings) -> None:
    """Time never goes back on a chain."""
    known = [(number, times[number]) for number in sorted(blocks) if number in times]
    for (earlier, before), (later, after) in itertools.pairwise(known):
        if after < before:
            findings.fail("events", f"block {later} is {before - after} s older than block {earlier}")
