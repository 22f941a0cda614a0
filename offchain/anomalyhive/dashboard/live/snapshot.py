"""What the reading thread published last. It is never changed: a new one takes its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from anomalyhive.chain.deployment import Deployment
from anomalyhive.content.kinds import Spec
from anomalyhive.dashboard.live.ledger import Ledger, TaskBook
from anomalyhive.dashboard.live.places import Quality
from anomalyhive.dashboard.live.reading import Head


@dataclass(frozen=True)
class Snapshot:
    """What is known of a hive.

    ``task`` is the number of the task that is shown, 0 where there is none yet; ``gas`` goes by round of that task,
    ``settled_in`` is the last block that is not expected to be replaced. ``problem`` says in words why ``connected`` is
    false; the rest is then what was known last. ``looked_at`` is when the chain was last asked, in unix seconds.
    """

    mode: Literal["run", "live"]
    chain: str
    connected: bool = False
    problem: str | None = "the chain has not been read yet"
    revision: int = 0
    looked_at: float = 0.0
    deployment: Deployment | None = None
    ledger: Ledger = field(default_factory=Ledger)
    head: Head | None = None
    settled_in: int = -1
    task: int = 0
    spec: Spec | None = None
    gas: Mapping[int, int] = field(default_factory=dict)
    quality: Quality = field(default_factory=dict)

    @property
    def book(self) -> TaskBook | None:
        """The task that is shown, None before there is one."""
        return self.ledger.tasks.get(self.task)

    def now(self, clock: float) -> int:
        """The time that phases are told by: that of the latest block, or the clock's where that is later."""
        return max(self.head.time if self.head else 0, int(clock))
