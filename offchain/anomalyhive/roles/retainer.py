"""What every node does between rounds: keep the content of its tasks, and let go of what became obsolete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.views import ZERO_DIGEST, Phase, RoundView
from anomalyhive.content.retention import Lineage, Retained, Retention
from anomalyhive.roles.task import Task

ENDED = (Phase.FINAL, Phase.CANCELLED)


@dataclass
class Retainer:
    """Applies a node's `content.retention.Retention` to what the chain says; one object as long as the process runs."""

    hive: HiveClient
    retention: Retention
    _beside: dict[int, dict[int, tuple[bytes, ...]]] = field(default_factory=dict)
    _genesis: dict[int, bytes] = field(default_factory=dict)
    _done: dict[int, tuple[bytes, int]] = field(default_factory=dict)

    def keep(self, tasks: Sequence[Task], seconds: float) -> Retained | None:
        """Keep and let go of content, for at most ``seconds`` of asking peers at a time; None where nothing is new.

        ``tasks`` are all that the node works on: they share content. Call it when a round has ended, or at every turn.
        """
        seen = {task.number: self._look(task) for task in tasks}
        if seen == self._done:
            return None
        lineages = [Lineage(seen[task.number][0], self._beside[task.number]) for task in tasks]
        done = self.retention.apply(lineages, seconds)
        # What could not be had is asked for again when something else is new.
        self._done = seen
        return done

    def _look(self, task: Task) -> tuple[bytes, int]:
        """The current model of a task, and how many of its rounds have ended; reads each round once."""
        beside = self._beside.setdefault(task.number, {})
        state = self.hive.task(task.number)
        for number in range(1, state.latest_round + 1):
            if number not in beside:
                view = self.hive.round(task.number, number)
                if view.phase in ENDED:
                    beside[number] = beside_the_model(view)
        head = state.head
        if head == ZERO_DIGEST:
            if task.number not in self._genesis:
                self._genesis[task.number] = task.publish_genesis(self.retention.store)
            head = self._genesis[task.number]
        return head, len(beside)


def beside_the_model(view: RoundView) -> tuple[bytes, ...]:
    """The digests that a round names and its model does not link: verdicts, and updates that were not accepted."""
    accepted = view.tallied.accepted if view.tallied is not None and view.phase is Phase.FINAL else ()
    rejected = [one.digest for shard, one in sorted(view.submissions.items()) if shard not in set(accepted)]
    verdicts = [one.digest for _, one in sorted(view.reveals.items())]
    return tuple(dict.fromkeys(rejected + verdicts))
