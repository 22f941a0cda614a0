"""Messages and means of couriers for tests, with a clock and a chance that stand still."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from anomalyhive.monitor.outgoing import Message, Outgoing
from anomalyhive.monitor.schema import FILE, connect, create
from anomalyhive.monitor.webhooks import HttpPoster, Means, Pace, Webhook
from anomalyhive.monitor.webhooks.courier import Outcome

SECRET = b"anomaly hive secret 24 b"
NOW = 1_700_000_000.0

PACE = Pace(first=0.25, longest=2.0, jitter=0.5, tries=4, patience=60.0, timeout=5.0)


def message(seq: int, kind: Any = "alert") -> Message:
    """A message whose id follows from its number."""
    return Message(seq, f"{seq:064x}", kind, f'{{"address":"0x{seq:040x}","probability_bp":9000}}')


class Shelf:
    """The file of a watch with messages in its queue."""

    def __init__(self, folder: Path, *messages: Message) -> None:
        self.folder = folder
        if not (folder / FILE).exists():
            create(folder / FILE)
        self.put(*messages)

    def put(self, *messages: Message) -> None:
        """Add messages, as a block does."""
        with closing(connect(self.folder, writing=True)) as database:
            rows = [(one.seq, one.id, one.kind, one.body) for one in messages]
            database.executemany("INSERT INTO outgoing VALUES (?, ?, ?, ?)", rows)

    def queue(self, name: str = "ops") -> Outgoing:
        """The queue as a webhook has it."""
        return Outgoing(self.folder, f"webhook:{name}")

    def cursor(self, name: str = "ops") -> int:
        """How far a webhook has got."""
        with closing(self.queue(name)) as queue:
            return queue.cursor


@dataclass
class Heard:
    """What couriers told."""

    steps: list[tuple[str, Outcome, str]] = field(default_factory=list)

    def __call__(self, webhook: str, outcome: Outcome, why: str) -> None:
        self.steps.append((webhook, outcome, why))

    @property
    def outcomes(self) -> list[str]:
        return [outcome for _, outcome, _ in self.steps]


def means_of(heard: Heard, pace: Pace = PACE, **other: Any) -> Means:
    """Means over real HTTP."""
    made = Means(HttpPoster(lambda: NOW), pace, lambda: NOW, lambda: 1.0, heard, look=0.01)
    return replace(made, **other)


def names(*seqs: int) -> list[str]:
    """The webhook-ids of these messages."""
    return [f"{message(seq).id}-{seq}" for seq in seqs]


def webhook(url: str, name: str = "ops") -> Webhook:
    """A webhook that signs with the tests' secret."""
    return Webhook(name, url, SECRET)
