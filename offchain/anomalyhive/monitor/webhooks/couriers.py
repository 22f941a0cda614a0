"""All webhooks of a watch at work: a thread each, so that a slow one delays neither another nor the watch."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread

from anomalyhive.errors import BadSetting
from anomalyhive.monitor.outgoing import Outgoing
from anomalyhive.monitor.webhooks.answers import Meaning
from anomalyhive.monitor.webhooks.courier import CONSUMER, Courier, Means, send
from anomalyhive.monitor.webhooks.deadletters import DeadLetters
from anomalyhive.monitor.webhooks.webhook import MOST_WEBHOOKS, Webhook


def check_webhooks(webhooks: Sequence[Webhook]) -> None:
    """Raise BadSetting for too many webhooks, or two of one name."""
    names = [one.name for one in webhooks]
    if len(names) > MOST_WEBHOOKS:
        raise BadSetting(f"there are {len(names)} webhooks, and each has a thread: name {MOST_WEBHOOKS} at most")
    for name in names:
        if names.count(name) > 1:
            raise BadSetting(f"two webhooks are named {name!r}: give each a name of its own")


@contextmanager
def delivering(webhooks: Sequence[Webhook], means: Means, folder: Path) -> Iterator[None]:
    """Deliver on threads until the end of the block; ``folder`` is the watch's. Raises BadSetting as `check_webhooks`.

    At the end a message on its way is seen through, for as long as an attempt may take.
    """
    check_webhooks(webhooks)
    stop = Event()
    threads = []
    try:
        for webhook in webhooks:
            queue = Outgoing(folder, CONSUMER + webhook.name)
            courier = Courier(webhook, means, queue, DeadLetters(folder, webhook.name))
            threads.append(Thread(target=_serve, args=(courier, stop), name=f"webhook {webhook.name}", daemon=True))
            threads[-1].start()
        yield
    finally:
        stop.set()
        end = time.monotonic() + means.pace.timeout
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))


def _serve(courier: Courier, stop: Event) -> None:
    with closing(courier.queue):
        courier.run(stop)


def redeliver(webhook: Webhook, means: Means, folder: Path, ids: Collection[str] = ()) -> tuple[int, list[str]]:
    """Send dead letters once more, all or those of these webhook-ids; how many were taken, and why the others were not.

    What is taken is a dead letter no longer. A receiver that had taken it before drops it by its id. Raises Failure.
    """
    dead = DeadLetters(folder, webhook.name)
    taken, refused = 0, []
    for letter in dead.all():
        if ids and letter.name not in ids:
            continue
        answer = send(webhook, letter.message, means)
        if answer.meaning is Meaning.TAKEN:
            dead.remove((letter.name,))
            taken += 1
        else:
            refused.append(f"{letter.name}: {answer.why}")
    return taken, refused
