"""Event streams: what they tell, how they go on, and that nobody who is slow or gone holds anything."""

from __future__ import annotations

import asyncio
import json
import selectors
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.unit.chain.conftest import Place

from anomalyhive.dashboard.live.hub import KEPT_EVENTS, QUEUE, Full, Hub, wire_of

from .rounds import Crew
from .serving import PATIENCE, Served, open_files, until

MANY, SLOW, GONE = 200, 40, 60
"""Streams: all of them, those that take nothing, those whose clients vanish."""


MARK = b"event: block"

POOL = 45
"""Threads that answer: FastAPI's pool has 40."""


class Listener:
    """A client of the event stream that reads what comes."""

    def __init__(self, running: Served, last: str | None = None, takes: int | None = None) -> None:
        self.socket = socket.socket()
        if takes is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, takes)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", running.port))
        resumed = "" if last is None else f"Last-Event-ID: {last}\r\n"
        self.socket.sendall(f"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n{resumed}\r\n".encode())
        self._text = b""

    def events(self) -> Iterator[tuple[str, str, Any]]:
        """Kind, id and data of every event; comments and chunk sizes are left out."""
        kind = id_ = ""
        while True:
            line = self._line()
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "id":
                id_ = value
            elif name == "data":
                yield kind, id_, json.loads(value)

    def next(self, wanted: str) -> tuple[str, Any]:
        """The id and the data of the next event of a kind."""
        return next((id_, data) for kind, id_, data in self.events() if kind == wanted)

    def ended(self) -> bool:
        """Whether the server has hung up; what it said before is dropped."""
        try:
            while self.socket.recv(1 << 20):
                pass
        except TimeoutError:
            return False
        except OSError:
            return True
        return True

    def close(self) -> None:
        """Go without a word."""
        self.socket.close()

    def _line(self) -> str:
        while b"\n" not in self._text:
            part = self.socket.recv(1 << 16)
            assert part, "the server hung up"
            self._text += part
        line, self._text = self._text.split(b"\n", 1)
        return line.decode().rstrip("\r")


class Reading:
    """Reads from many clients on one thread, and counts the events of blocks that came."""

    def __init__(self, clients: list[Listener]) -> None:
        self.seen = 0
        self._stopped = False
        self._tails: dict[int, bytes] = {}
        self._selector = selectors.DefaultSelector()
        for one in clients:
            one.socket.setblocking(False)
            self._selector.register(one.socket, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Read no more."""
        self._stopped = True
        self._thread.join(PATIENCE)
        self._selector.close()

    def _read(self) -> None:
        while not self._stopped:
            for key, _ in self._selector.select(0.1):
                part = key.fileobj.recv(1 << 20)  # type: ignore[union-attr]
                # An event's name may come in two parts.
                text = self._tails.get(key.fd, b"") + part
                self.seen += text.count(MARK)
                self._tails[key.fd] = text[1 - len(MARK) :]
                if not part:
                    self._selector.unregister(key.fileobj)


@pytest.fixture
def listening(running: Served) -> Iterator[list[Listener]]:
    """Clients that are gone after the test."""
    clients: list[Listener] = []
    yield clients
    for one in clients:
        one.close()
    until(lambda: running.board.hub.open == 0)


def test_stream_begins_with_hello_and_tells_a_round_to_its_end_and_blocks(
    running: Served, place: Place, listening: list[Listener]
) -> None:
    fresh = Crew.at(place)
    until(lambda: running.board.latest.task == fresh.task)
    listening.append(Listener(running))
    _, hello = listening[0].next("hello")
    assert (hello["resumed"], hello["connected"], hello["latest_round"]) == (False, True, 0)
    fresh.play()
    head = place.web3.eth.block_number
    final: Any = None
    last_block = 0
    for kind, _, data in listening[0].events():
        final = data if kind == "round" and data["gas"] else final
        last_block = data["number"] if kind == "block" else last_block
        if final is not None and last_block == head:
            break
    assert final == running.get("/v1/rounds/1").json()
    assert final["phase"] == "FINAL"


def test_stream_that_comes_back_is_told_what_it_missed_and_is_not_greeted(
    running: Served, listening: list[Listener]
) -> None:
    telling: Any = running.board.poller.listeners[0]
    listening.append(Listener(running))
    begun, _ = listening[0].next("hello")
    for number in range(3):
        telling.tell("connection", {"connected": True, "problem": f"test {number}"})
    found = [listening[0].next("connection") for _ in range(3)]
    listening[0].close()
    listening.append(Listener(running, last=found[0][0]))
    again = listening[1].events()
    assert [next(again)[1:] for _ in range(2)] == found[1:]
    listening.append(Listener(running, last=begun))
    assert next(listening[2].events())[1:] == found[0]
    listening.append(Listener(running, last="other-1"))
    assert next(listening[3].events())[0] == "hello"


def test_stream_beyond_those_that_there_may_be_is_told_to_come_again(
    running: Served, listening: list[Listener], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.board.hub, "most", 1)
    listening.append(Listener(running))
    listening[0].next("hello")
    answer = running.get("/v1/events")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0


def test_streams_that_are_slow_or_gone_hold_nothing_and_leave_nothing_behind(
    running: Served, listening: list[Listener]
) -> None:
    running.get("/healthz")
    until(lambda: running.board.hub.open == 0)
    files, threads = open_files(), threading.active_count()
    slow = [Listener(running, takes=4096) for _ in range(SLOW)]
    gone = [Listener(running) for _ in range(GONE)]
    well = [Listener(running) for _ in range(MANY - SLOW - GONE)]
    listening += slow + gone + well
    until(lambda: running.board.hub.open == MANY)
    for one in gone:
        one.close()
    telling: Any = running.board.poller.listeners[0]
    reading = Reading(well)
    # More than the system keeps for a connection that takes nothing, and more events than its queue does.
    for number in range(2 * QUEUE):
        telling.tell("block", {"number": number, "filling": "x" * (256 << 10)})
        # Who reads may be a little behind, as a browser is.
        until(lambda: reading.seen >= number * len(well) - 8 * len(well))  # noqa: B023 - called at once
    until(lambda: running.board.hub.open == len(well))
    assert running.get("/healthz").json()["streams"] == len(well)
    until(lambda: reading.seen >= 2 * QUEUE * len(well))
    assert all(one.ended() for one in slow)
    reading.stop()
    for one in listening:
        one.close()
    until(lambda: running.board.hub.open == 0)
    # Threads of the pool that answers may be more than before, and are kept; of files nothing is.
    until(lambda: open_files() <= files + 2)
    assert threading.active_count() <= threads + POOL


def test_hub_keeps_no_more_than_it_may() -> None:
    hub = Hub("run")
    for number in range(KEPT_EVENTS + 10):
        hub.publish("block", {"number": number})
    assert len(hub._past) == KEPT_EVENTS
    hub.publish("round", "x" * (9 << 20))
    assert hub._bytes == sum(len(one.wire) for one in hub._past) < 9 << 20


@pytest.mark.parametrize("last", [None, "", "run", "run-", "other-1", "run-99", "run-x", "run--1", "-1", "run-1" * 50])
def test_hub_resumes_from_no_id_but_its_own(last: str | None) -> None:
    hub = Hub("run")
    hub.publish("block", {})
    assert hub.since(last) is None


def test_hub_resumes_with_what_was_missed_and_with_nothing_where_nothing_was() -> None:
    hub = Hub("run")
    for number in range(3):
        hub.publish("block", {"number": number})
    missed = hub.since("run-1")
    assert missed is not None
    assert [one.number for one in missed] == [2, 3]
    assert hub.since("run-3") == []
    assert hub.since("run-0") is not None
    for number in range(KEPT_EVENTS):
        hub.publish("block", {"number": number})
    assert hub.since("run-1") is None


def test_hub_cuts_off_who_does_not_take_and_tells_the_others() -> None:
    async def scene() -> None:
        hub, cut = Hub("run", most=2), []
        with hub.joined(lambda: cut.append("slow")) as slow, hub.joined(lambda: cut.append("quick")) as quick:
            with pytest.raises(Full), hub.joined(lambda: None):
                pass
            for _ in range(QUEUE + 5):
                hub.publish("block", {})
                quick.queue.get_nowait()
            assert (slow.lost, quick.lost, cut, hub.open) == (True, False, ["slow"], 1)
        assert hub.open == 0

    asyncio.run(scene())


def test_wire_of_an_event_is_one_line_of_data() -> None:
    assert wire_of("round", {"text": "a\nb\r"}, "x-1") == b'event: round\nid: x-1\ndata: {"text":"a\\nb\\r"}\n\n'
