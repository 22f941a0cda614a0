"""Alerts and withdrawals sent to webhooks: signed, in order, and each until it is taken or a dead letter."""

from anomalyhive.monitor.webhooks.courier import Courier, Means
from anomalyhive.monitor.webhooks.couriers import check_webhooks, delivering, redeliver
from anomalyhive.monitor.webhooks.deadletters import DeadLetter, DeadLetters, given_up
from anomalyhive.monitor.webhooks.pace import Pace
from anomalyhive.monitor.webhooks.post import HttpPoster
from anomalyhive.monitor.webhooks.signing import NotSigned, read_secret, verify
from anomalyhive.monitor.webhooks.webhook import Webhook

__all__ = [
    "Courier",
    "DeadLetter",
    "DeadLetters",
    "HttpPoster",
    "Means",
    "NotSigned",
    "Pace",
    "Webhook",
    "check_webhooks",
    "delivering",
    "given_up",
    "read_secret",
    "redeliver",
    "verify",
]
