"""One publisher, many streams, and nobody waits for anybody.

Every stream has a queue of bounded length. Whoever does not take its events loses the stream, and may come back with
the id of the last event that it saw: the latest ones are kept for that.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

MOST_STREAMS = 256
"""Open at once."""

QUEUE = 64
"""Events that wait for one client; a hive makes a few a second at the most."""

KEPT_EVENTS, KEPT_BYTES = 1024, 8 << 20
"""Of the past, for who comes back; a round of a thousand updates has some hundred kilobytes."""

LONGEST_ID = 64
"""Characters of an event's id."""


class Full(Exception):
    """There are as many streams as there may be."""


@dataclass(frozen=True)
class Told:
    """An event as it goes over the wire: its number since the start, and its bytes."""

    number: int
    wire: bytes


@dataclass(eq=False)
class Stream:
    """One client: its queue, and how it is cut off when it does not take what is in it."""

    cut: Callable[[], None]
    queue: asyncio.Queue[Told] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    lost: bool = False


@dataclass(eq=False)
class Hub:
    """The streams of one event loop; ``run`` tells this start of the program from others."""

    run: str
    most: int = MOST_STREAMS
    _streams: set[Stream] = field(default_factory=set)
    _past: deque[Told] = field(default_factory=deque)
    _bytes: int = 0
    _number: int = 0

    @property
    def open(self) -> int:
        """How many streams there are."""
        return len(self._streams)

    def publish(self, kind: str, data: Any) -> None:
        """Tell every stream; called in the event loop."""
        self._number += 1
        told = Told(self._number, wire_of(kind, data, f"{self.run}-{self._number}"))
        self._past.append(told)
        self._bytes += len(told.wire)
        while len(self._past) > KEPT_EVENTS or self._bytes > KEPT_BYTES:
            self._bytes -= len(self._past.popleft().wire)
        for stream in list(self._streams):
            try:
                stream.queue.put_nowait(told)
            except asyncio.QueueFull:
                stream.lost = True
                self._streams.discard(stream)
                stream.cut()

    @contextmanager
    def joined(self, cut: Callable[[], None]) -> Iterator[Stream]:
        """A new stream until the end of the block; ``cut`` ends its connection. Raises Full."""
        if len(self._streams) >= self.most:
            raise Full(f"there are {self.most} streams")
        stream = Stream(cut)
        self._streams.add(stream)
        try:
            yield stream
        finally:
            self._streams.discard(stream)

    def since(self, last: str | None) -> list[Told] | None:
        """The events after the one with that id; None where they are not all known any more."""
        run, _, number = (last or "")[:LONGEST_ID].rpartition("-")
        if run != self.run or not number.isdigit() or int(number) > self._number:
            return None
        seen = int(number)
        first = self._past[0].number if self._past else self._number + 1
        if seen + 1 < first:
            return None
        return [one for one in self._past if one.number > seen]

    def here(self) -> str:
        """The id of the latest event."""
        return f"{self.run}-{self._number}"


def wire_of(kind: str, data: Any, id_: str | None = None) -> bytes:
    """An event as text/event-stream has it; ``data`` is JSON, or the text of one."""
    text = data if isinstance(data, str) else json.dumps(data, separators=(",", ":"))
    head = f"event: {kind}\n" + (f"id: {id_}\n" if id_ is not None else "")
    # JSON escapes line ends, so that the data is one line.
    return f"{head}data: {text}\n\n".encode()
