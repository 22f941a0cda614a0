"""What a monitor adds to each turn of a node's loop: news of its watch, and its part on the feed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from anomalyhive.chain.feed_deployment import feed_at
from anomalyhive.chain.views import Role
from anomalyhive.errors import BadSetting, Failure
from anomalyhive.monitor.schema import FILE
from anomalyhive.node.duties import Equipment, no_roles
from anomalyhive.node.monitoring.lookout import Lookout
from anomalyhive.node.monitoring.voice import Voice
from anomalyhive.node.monitoring.wishes import Wishes

QUIET_SECONDS = 30.0
"""How often the feed is looked at while the watch has nothing new."""

TOKEN = 10**18
"""1e-18 tokens."""


@dataclass
class Beside:
    """A monitor's part in a node's loop."""

    gear: Equipment
    lookout: Lookout
    paused: Callable[[], frozenset[Role]] = no_roles
    _voice: Voice | None = field(default=None, init=False)
    _seen: int = field(default=-1, init=False)
    _next: float = field(default=0.0, init=False)

    def turn(self) -> None:
        """Take what is due. What fails is told. Raises BadInput for what only the operator can put right."""
        self.lookout.news.tell(self.gear.watcher)
        self.lookout.check()
        monitor = self.lookout.monitor
        if monitor.feed is None or not (monitor.folder / FILE).exists():
            return
        changes, now = self.lookout.changes, self.gear.clock()
        if changes == self._seen and now < self._next:
            return
        try:
            if self._voice is None:
                self._voice = self._made(monitor.feed)
            acted = self._voice.turn(Role.MONITOR in self._resting())
        except Failure as error:
            self.gear.watcher.failed("speak on the feed", error)
            self._next = now + QUIET_SECONDS / 2
            self._seen = changes
            return
        self._seen = changes
        self._next = now if acted else now + QUIET_SECONDS

    def _resting(self) -> frozenset[Role]:
        """The roles that rest: this one too where it cannot be told."""
        try:
            return self.paused()
        except BadSetting as error:
            self.gear.watcher.failed("see which roles rest", error)
            return frozenset({Role.MONITOR})

    def _made(self, address: str) -> Voice:
        monitor, gear = self.lookout.monitor, self.gear
        # The hive is older than any feed of it, and its block is known: to look for the feed's own takes an archive.
        feed = feed_at(gear.contracts.hive.web3, address, gear.deployment, gear.deployment.block)
        if feed.task() != self.lookout.task:
            raise BadSetting(
                f"the feed {address} is of task {feed.task()}, and the watch judges by the models of task "
                f"{self.lookout.task}: name the feed or the task in [monitor] that is meant"
            )
        return Voice(gear, feed, Wishes(monitor.folder), monitor.post, monitor.claim_tokens * TOKEN)
