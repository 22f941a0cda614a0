"""Order, tries, pauses and dead letters of one webhook, over real HTTP."""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from anomalyhive.monitor.schema import connect
from anomalyhive.monitor.webhooks import Courier, DeadLetters, verify
from anomalyhive.monitor.webhooks.answers import Answer

from .queues import NOW, PACE, SECRET, Heard, Shelf, means_of, message, names, webhook
from .receiver import Behaviour, Receiver, answers, hangs_up, receiving


class Round:
    """A courier with three messages for a receiver."""

    def __init__(self, receiver: Receiver, folder: Path) -> None:
        self.shelf, self.heard = Shelf(folder, message(1), message(2, "withdrawal"), message(3)), Heard()
        self.dead = DeadLetters(folder, "ops")
        self.courier = self.anew(receiver, folder)

    def anew(self, receiver: Receiver, folder: Path) -> Courier:
        """A courier as the next process has it."""
        dead = DeadLetters(folder, "ops")
        return Courier(webhook(receiver.url), means_of(self.heard), self.shelf.queue(), dead)

    def turn(self) -> float:
        return self.courier.turn(Event())

    @property
    def cursor(self) -> int:
        return self.shelf.cursor()


def test_messages_arrive_signed_and_in_order(tmp_path: Path) -> None:
    with receiving() as receiver:
        one = Round(receiver, tmp_path)
        assert one.turn() == 0.01
    assert (receiver.ids, one.cursor, one.heard.outcomes) == (names(1, 2, 3), 3, ["delivered"] * 3)
    assert [verify(SECRET, sent.headers, sent.body, NOW) for sent in receiver.received] == names(1, 2, 3)
    assert receiver.received[1].said == {
        "type": "withdrawal", "seq": 2, "data": {"address": "0x" + "0" * 39 + "2", "probability_bp": 9000},
    }  # fmt: skip
    assert receiver.received[0].headers["idempotency-key"] == f'"{names(1)[0]}"'


def test_nothing_new_is_sent_twice(tmp_path: Path) -> None:
    with receiving() as receiver:
        one = Round(receiver, tmp_path)
        one.turn()
        one.turn()
        one.anew(receiver, tmp_path).turn(Event())
    assert receiver.ids == names(1, 2, 3)


def test_message_is_tried_again_with_the_same_id_before_the_next_one(tmp_path: Path) -> None:
    with receiving(answers(500), hangs_up) as receiver:
        one = Round(receiver, tmp_path)
        assert [one.turn(), one.turn(), one.turn()] == [0.125, 0.25, 0.01]
    assert receiver.ids == names(1, 1, 1, 2, 3)
    assert len({sent.body for sent in receiver.received[:3]}) == 1
    assert one.heard.outcomes == ["again", "again", "delivered", "delivered", "delivered"]


def test_wait_that_a_receiver_asks_for_is_kept_within_patience(tmp_path: Path) -> None:
    with receiving(answers(429, Retry_After="33"), answers(503, Retry_After="86400")) as receiver:
        one = Round(receiver, tmp_path)
        assert [one.turn(), one.turn()] == [33.0, PACE.patience]


def test_message_that_is_never_taken_is_a_dead_letter_and_the_next_one_follows(tmp_path: Path) -> None:
    with receiving(*[answers(502)] * PACE.tries) as receiver:
        one = Round(receiver, tmp_path)
        for _ in range(PACE.tries):
            one.turn()
    assert receiver.ids == names(*[1] * PACE.tries, 2, 3)
    assert [(letter.message, letter.tries, letter.why, letter.at) for letter in one.dead.all()] == [
        (message(1), PACE.tries, "HTTP status 502", int(NOW))
    ]
    assert one.cursor == 3


@pytest.mark.parametrize("status", [400, 410, 422])
def test_refusal_makes_a_dead_letter_at_once(tmp_path: Path, status: int) -> None:
    with receiving(answers(200), answers(status)) as receiver:
        one = Round(receiver, tmp_path)
        one.turn()
    assert receiver.ids == names(1, 2, 3)
    assert [letter.message.seq for letter in one.dead.all()] == [2]
    assert one.heard.outcomes == ["delivered", "dead", "delivered"]


def test_tries_of_one_message_do_not_count_for_the_next(tmp_path: Path) -> None:
    with receiving(*[answers(500)] * 3, answers(200), *[answers(500)] * 3) as receiver:
        one = Round(receiver, tmp_path)
        for _ in range(7):
            one.turn()
    assert (one.dead.all(), one.cursor) == ([], 3)


KILLED = """
import os, signal, sys
from pathlib import Path
from threading import Event
from anomalyhive.monitor.outgoing import Outgoing
from anomalyhive.monitor.webhooks import Courier, DeadLetters, HttpPoster, Means, Pace, Webhook

class Mortal(Outgoing):
    def done(self, seq):
        os.kill(os.getpid(), signal.SIGKILL)

folder, url, secret = Path(sys.argv[1]), sys.argv[2], bytes.fromhex(sys.argv[3])
means = Means(HttpPoster(lambda: 0.0), Pace(), lambda: 0.0, lambda: 0.0, print)
Courier(Webhook("ops", url, secret), means, Mortal(folder, "webhook:ops"), DeadLetters(folder, "ops")).turn(Event())
"""
"""A courier that is killed when a message has been taken and that is not noted yet."""


def test_kill_between_sending_and_noting_brings_the_same_id_again(tmp_path: Path) -> None:
    with receiving() as receiver:
        one = Round(receiver, tmp_path)
        done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), receiver.url, SECRET.hex()], check=False)
        assert (done.returncode, receiver.ids, one.cursor) == (-9, names(1), 0)
        one.turn()
    assert receiver.ids == names(1, 1, 2, 3)
    assert receiver.received[0].body == receiver.received[1].body


def test_end_of_the_process_ends_the_courier_between_messages(tmp_path: Path) -> None:
    stop = Event()

    def takes_and_stops(handler: object) -> None:
        stop.set()
        answers(200)(handler)  # type: ignore[arg-type]

    with receiving(takes_and_stops) as receiver:
        one = Round(receiver, tmp_path)
        one.courier.run(stop)
    assert (receiver.ids, one.cursor) == (names(1), 1)


def test_queue_that_is_damaged_is_told_and_ends_nothing(tmp_path: Path) -> None:
    with receiving() as receiver:
        one = Round(receiver, tmp_path)
        with closing(connect(tmp_path, writing=True)) as database:
            database.execute("UPDATE outgoing SET body = '{nonsense' WHERE seq = 1")
        assert one.turn() > 0
    assert (receiver.received, one.heard.outcomes) == ([], ["stuck"])


@pytest.mark.parametrize("behaviour", [answers(500), answers(400), hangs_up])
def test_neither_secret_nor_url_is_told(tmp_path: Path, behaviour: Behaviour, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with receiving(then=behaviour) as receiver:
        one = Round(receiver, tmp_path)
        one.turn()
    told = f"{one.heard.steps}{caplog.text}{one.courier}"
    assert "hush" not in told
    assert SECRET.decode() not in told


def test_fault_of_a_courier_itself_ends_nothing(tmp_path: Path) -> None:
    def faulty(*_: object) -> Answer:
        raise ZeroDivisionError

    with receiving() as receiver:
        one = Round(receiver, tmp_path)
        whole = one.courier.means
        one.courier.means = replace(whole, poster=faulty)
        assert one.turn() > 0
        assert one.heard.outcomes == ["stuck"]
        one.courier.means = whole
        one.turn()
    assert receiver.ids == names(1, 2, 3)
