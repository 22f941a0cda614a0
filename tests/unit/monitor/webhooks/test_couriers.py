"""Several webhooks at once: none waits for another; and dead letters that are sent again."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from anomalyhive.errors import BadSetting
from anomalyhive.monitor.webhooks import DeadLetter, DeadLetters, delivering, redeliver
from anomalyhive.monitor.webhooks.webhook import MOST_WEBHOOKS

from .queues import Heard, Shelf, means_of, message, names, webhook
from .receiver import Behaviour, answers, drips, receiving, waits


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, message(1), message(2), message(3))


@pytest.mark.parametrize("behaviour", [waits, drips, answers(503)], ids=["silent", "slow", "busy"])
def test_webhook_that_takes_nothing_delays_no_other(shelf: Shelf, behaviour: Behaviour) -> None:
    with receiving(then=behaviour) as slow, receiving() as quick:
        hooks = [webhook(slow.url, "slow"), webhook(quick.url, "quick")]
        with delivering(hooks, means_of(Heard()), shelf.folder):
            slow.await_count(1)
            quick.await_count(3)
            assert set(slow.ids) == {*names(1)}
            slow.released.set()
    assert quick.ids == names(1, 2, 3)


def test_message_that_comes_later_is_delivered(shelf: Shelf) -> None:
    with receiving() as receiver, delivering([webhook(receiver.url)], means_of(Heard()), shelf.folder):
        receiver.await_count(3)
        shelf.put(message(4))
        receiver.await_count(4)
    assert shelf.cursor() == 4


def test_no_thread_stays_behind(shelf: Shelf) -> None:
    before = threading.active_count()
    with receiving() as receiver:
        hooks = [webhook(receiver.url, f"w{number}") for number in range(MOST_WEBHOOKS)]
        with delivering(hooks, means_of(Heard()), shelf.folder):
            receiver.await_count(3 * MOST_WEBHOOKS)
    assert not [one for one in threading.enumerate() if one.name.startswith("webhook ")]
    assert threading.active_count() >= before


def test_too_many_webhooks_are_refused(shelf: Shelf) -> None:
    hooks = [webhook("http://127.0.0.1:9/", f"w{number}") for number in range(MOST_WEBHOOKS + 1)]
    with pytest.raises(BadSetting, match="17 webhooks"), delivering(hooks, means_of(Heard()), shelf.folder):
        pass


def test_two_webhooks_of_one_name_are_refused(shelf: Shelf) -> None:
    hooks = [webhook("http://127.0.0.1:9/"), webhook("http://127.0.0.1:8/")]
    with pytest.raises(BadSetting, match="two webhooks"), delivering(hooks, means_of(Heard()), shelf.folder):
        pass


def buried(folder: Path) -> DeadLetters:
    dead = DeadLetters(folder, "ops")
    for seq in (1, 2, 3):
        dead.add(DeadLetter(message(seq), 1_700_000_000, 12, "HTTP status 502"))
    return dead


def test_redeliver_sends_every_letter_and_forgets_those_that_were_taken(shelf: Shelf) -> None:
    dead = buried(shelf.folder)
    with receiving(answers(200), answers(500)) as receiver:
        taken, refused = redeliver(webhook(receiver.url), means_of(Heard()), shelf.folder)
    assert receiver.ids == names(1, 2, 3)
    assert (taken, refused) == (2, [f"{names(2)[0]}: HTTP status 500"])
    assert [one.message.seq for one in dead.all()] == [2]


def test_redeliver_of_one_letter_leaves_the_others(shelf: Shelf) -> None:
    dead = buried(shelf.folder)
    with receiving() as receiver:
        assert redeliver(webhook(receiver.url), means_of(Heard()), shelf.folder, names(2)) == (1, [])
    assert receiver.ids == names(2)
    assert [one.message.seq for one in dead.all()] == [1, 3]
