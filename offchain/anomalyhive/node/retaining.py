"""What a node keeps of its tasks' content, seen to whenever a task has a new model."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from anomalyhive.chain.views import ZERO_DIGEST, Phase
from anomalyhive.content.retention import Lineage, retention_of
from anomalyhive.errors import ContentFailure
from anomalyhive.node.duties import Equipment

FETCH_SECONDS = 10.0
"""For which peers are asked at a time: steps of rounds wait meanwhile."""

RETRY_SECONDS = 60.0
"""Before what could not be kept is asked for again."""

OVER = (Phase.FINAL, Phase.CANCELLED)


class Retaining:
    """The content of a node's tasks, in a store that keeps on request; a directory keeps all by itself."""

    def __init__(self, gear: Equipment, keep_models: int) -> None:
        """Raises BadSetting where the store should keep less than all and cannot."""
        self._gear = gear
        self._retention = retention_of(gear.store, keep_models)
        self._heads: dict[int, bytes] = {}
        self._again = 0.0
        self._beside: dict[int, dict[int, Sequence[bytes]]] = {}

    def see_to(self, tasks: Collection[int]) -> None:
        """Keep what is to be kept, and let go of the rest, if a task has a new model.

        Raises ChainFailure; what is wrong with content is told to the watcher.
        """
        if self._retention is None or self._gear.clock() < self._again:
            return
        states = {number: self._gear.contracts.hive.task(number) for number in tasks}
        heads = {number: state.head for number, state in states.items() if state.head != ZERO_DIGEST}
        if heads == self._heads:
            return
        lineages = [Lineage(head, self._named(number, states[number].latest_round)) for number, head in heads.items()]
        try:
            retained = self._retention.apply(lineages, FETCH_SECONDS)
        except ContentFailure as error:
            self._gear.watcher.failed("keep content", error)
            self._again = self._gear.clock() + RETRY_SECONDS
            return
        self._heads = heads
        for fault in retained.missing.values():
            self._gear.watcher.failed("keep content", fault)

    def _named(self, task: int, latest: int) -> dict[int, Sequence[bytes]]:
        """What the chain names beside the models: round -> verdicts, and updates that no model links."""
        known = self._beside.setdefault(task, {})
        found = dict(known)
        for number in range(1, latest + 1):
            if number in known:
                continue
            view = self._gear.contracts.hive.round(task, number)
            # Of a round that is not final, no model links even the updates that were accepted.
            accepted = set(view.tallied.accepted) if view.phase is Phase.FINAL and view.tallied else set()
            refused = [one.digest for shard, one in sorted(view.submissions.items()) if shard not in accepted]
            found[number] = [*(one.digest for one in view.reveals.values()), *refused]
            if view.phase in OVER:
                known[number] = found[number]
        return found
