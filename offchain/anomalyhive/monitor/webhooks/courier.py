"""Brings the messages of a watch to one webhook, in their order, each until it is taken or given up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any, Literal

from anomalyhive.errors import Failure
from anomalyhive.jsontext import loads
from anomalyhive.monitor.outgoing import Message, Outgoing
from anomalyhive.monitor.webhooks.answers import Answer, Meaning
from anomalyhive.monitor.webhooks.deadletters import DeadLetter, DeadLetters, name_of
from anomalyhive.monitor.webhooks.pace import Pace
from anomalyhive.monitor.webhooks.post import Poster
from anomalyhive.monitor.webhooks.signing import headers_of
from anomalyhive.monitor.webhooks.webhook import Webhook

BATCH = 64
"""Messages that are read from the queue at a time."""

CONSUMER = "webhook:"
"""Before a webhook's name, as its cursor is called."""

Outcome = Literal["delivered", "again", "dead", "stuck"]
"""What came of a step; stuck: the queue or the dead letters do not work."""

Tell = Callable[[str, Outcome, str], None]
"""Hears of each step: the webhook's name, the outcome, why."""


@dataclass(frozen=True)
class Means:
    """What couriers have in common: ``clock`` gives unix seconds, ``draw`` a number from 0 to 1, ``look`` is how many
    seconds an empty queue is left alone.
    """

    poster: Poster
    pace: Pace
    clock: Callable[[], float]
    draw: Callable[[], float]
    tell: Tell
    look: float = 1.0


@dataclass
class Courier:
    """Serves one webhook. A kill at any moment brings a message once more, with the same id, and loses none."""

    webhook: Webhook
    means: Means
    queue: Outgoing
    dead: DeadLetters
    _tries: int = field(default=0, init=False)

    def run(self, stop: Event) -> None:
        """Deliver until ``stop`` is set."""
        while not stop.is_set():
            stop.wait(self.turn(stop))

    def turn(self, stop: Event) -> float:
        """Deliver what can be; the seconds until the next look."""
        try:
            while not stop.is_set():
                waiting = self.queue.waiting(BATCH)
                if not waiting:
                    break
                for message in waiting:
                    pause = self._deliver(message)
                    if pause:
                        return pause
                    if stop.is_set():
                        break
        except Failure as error:
            self.means.tell(self.webhook.name, "stuck", str(error))
            return max(self.means.look, self.means.pace.first)
        except Exception as error:  # noqa: BLE001 - a thread that ends unseen would keep back every alert to come
            self.means.tell(self.webhook.name, "stuck", type(error).__name__)
            return max(self.means.look, self.means.pace.first)
        return self.means.look

    def _deliver(self, message: Message) -> float:
        """Try a message once; the seconds until it is tried again, 0 if it is done with."""
        name, pace = self.webhook.name, self.means.pace
        answer = send(self.webhook, message, self.means)
        self._tries += 1
        if answer.meaning is Meaning.TAKEN:
            self._done(message)
            self.means.tell(name, "delivered", answer.why)
            return 0.0
        if answer.meaning is Meaning.AGAIN and self._tries < pace.tries:
            self.means.tell(name, "again", answer.why)
            return pace.pause(self._tries, self.means.draw, answer.wait)
        # The letter first: after a kill in between the message is tried again, and the letter is the same one.
        self.dead.add(DeadLetter(message, int(self.means.clock()), self._tries, answer.why))
        self._done(message)
        self.means.tell(name, "dead", answer.why)
        return 0.0

    def _done(self, message: Message) -> None:
        self.queue.done(message.seq)
        self._tries = 0


def send(webhook: Webhook, message: Message, means: Means) -> Answer:
    """Sign a message and send it once."""
    body = body_of(message)
    headers = headers_of(webhook.secret, name_of(message), int(means.clock()), body)
    return means.poster(webhook.url, headers, body, means.pace.timeout)


def body_of(message: Message) -> bytes:
    """What a receiver is sent: ``type`` alert or withdrawal, ``seq``, and the alert or withdrawal under ``data``.

    Raises Failure for a message that is no JSON.
    """
    try:
        said: dict[str, Any] = {"type": message.kind, "seq": message.seq, "data": loads(message.body)}
    except ValueError as error:
        raise Failure(f"message {message.seq} of the watch is no JSON ({error}): make its folder anew") from error
    return json.dumps(said, separators=(",", ":"), sort_keys=True).encode()
