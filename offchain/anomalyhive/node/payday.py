"""Claims that a node sends by itself, after so many final rounds."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.chain.dues import dues_of
from anomalyhive.chain.views import TaskState
from anomalyhive.node.duties import Equipment
from anomalyhive.node.slots import events_of_terms


@dataclass(frozen=True)
class Payday:
    """The claims of a node in one task, after ``every`` final rounds; never for 0."""

    gear: Equipment
    task: int
    every: int

    def claim(self, state: TaskState) -> None:
        """Have the owner paid for what was earned, if enough rounds have become final since the last time.

        Claimed twice is claimed once: the contract pays for no round again.
        """
        if not self.every or state.finals < self._claimed + self.every:
            return
        contracts = self.gear.contracts
        dues = dues_of(contracts, events_of_terms(contracts, self.task), self.task, self.gear.node)
        for items in dues.claims:
            contracts.hive.claim(self.gear.signer, self.gear.node, items)
        self.gear.journal.put(self._key, str(state.finals).encode())
        if dues.unclaimed:
            self.gear.watcher.rewarded(self.task, dues.unclaimed)

    @property
    def _key(self) -> str:
        return f"claimed/{self.task}"

    @property
    def _claimed(self) -> int:
        """The number of rounds that had become final at the last claim."""
        return int(self.gear.journal.get(self._key) or b"0")
