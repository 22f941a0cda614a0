"""Whom `anomalyhive monitor` tells of alerts and withdrawals besides the screen: a log, and webhooks."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

from anomalyhive.errors import BadSetting
from anomalyhive.monitor.alertlog import CONSUMER, AlertLog
from anomalyhive.monitor.outgoing import Outgoing
from anomalyhive.monitor.webhooks import HttpPoster, Means, Pace, Webhook, check_webhooks, delivering, read_secret
from anomalyhive.monitor.webhooks.courier import CONSUMER as COURIER

LOG = "alerts.jsonl"
"""Name of the log in a watch's folder."""

SECRET = "ANOMALYHIVE_WEBHOOK_SECRET"  # noqa: S105 - the name of a variable
"""The environment variable with the secret of all webhooks; with _NAME at its end, of the webhook NAME."""

LAST_SECONDS = 10.0
"""How long a watch that has come to its last block waits for webhooks."""


def webhooks_of(options: Sequence[str], environment: Mapping[str, str] = os.environ) -> tuple[Webhook, ...]:
    """The webhooks that options name, each as NAME=URL, with their secrets. Raises BadSetting, which shows neither."""
    found = []
    for option in options:
        name, equals, url = option.partition("=")
        if not equals or "://" in name:
            raise BadSetting("--webhook is no NAME=URL: write for instance ops=https://example.org/alerts")
        made = Webhook(name, url, b"")
        own = f"{SECRET}_{name.upper().replace('-', '_')}"
        variable = own if own in environment else SECRET
        secret = read_secret(environment.get(variable, ""), f"the variable {variable}")
        found.append(replace(made, secret=secret))
    check_webhooks(found)
    return tuple(found)


@contextmanager
def telling(
    folder: Path, log: Path | None, webhooks: Sequence[Webhook], problem: Callable[[str], None]
) -> Iterator[Callable[[], None]]:
    """What writes the news of a watch to its log when it is called; webhooks are served until the end of the block.

    ``folder`` is that of an open watch; ``problem`` hears of what a webhook did not take, on any thread. Raises
    BadSetting where another process writes the log.
    """

    def told(name: str, outcome: str, why: str) -> None:
        if outcome == "dead":
            problem(f"webhook {name} did not take a message, which is a dead letter now: {why}")
        elif outcome != "delivered":
            problem(f"webhook {name}: {why} (trying again)")

    with ExitStack() as open_:
        queue = open_.enter_context(closing(Outgoing(folder, CONSUMER)))
        written = open_.enter_context(AlertLog(folder / LOG if log is None else log))
        # Chance only keeps senders apart; nothing is secret about it.
        means = Means(HttpPoster(time.time), Pace(), time.time, random.random, told)
        open_.enter_context(delivering(webhooks, means, folder))

        def follow() -> None:
            written.follow(queue)

        follow()
        yield follow
        _see_through(folder, webhooks)


def _see_through(folder: Path, webhooks: Sequence[Webhook]) -> None:
    """Give webhooks a moment for what waits; what they do not take in it is sent when the watch goes on."""
    until = time.monotonic() + LAST_SECONDS
    for webhook in webhooks:
        with closing(Outgoing(folder, COURIER + webhook.name)) as queue:
            while queue.waiting(1) and time.monotonic() < until:
                time.sleep(0.05)
