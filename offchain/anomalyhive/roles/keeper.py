"""What anyone may do for a round: open it, tally it, cancel it when it has stalled."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.chain.hive import HiveClient
from anomalyhive.chain.signer import Signer
from anomalyhive.chain.views import RoundView

SLICE = 200
"""Updates in one transaction of a tally: about 8,000 gas each, far below any block's limit."""


@dataclass
class Keeper:
    """Sends the transactions that nobody in particular has to send."""

    signer: Signer
    hive: HiveClient

    def open(self, task: int) -> None:
        """Open the next round."""
        self.hive.open_round(self.signer, task)

    def tally(self, view: RoundView) -> bool:
        """Count all updates, in slices; True if a transaction was sent."""
        updates = [view.submissions[shard] for shard in sorted(view.submissions)]
        scores = [view.reveals[seat].scores for seat in sorted(view.reveals)]
        for first in range(0, len(updates), SLICE):
            self.hive.tally(self.signer, view.task, view.round, updates[first : first + SLICE], scores)
        return True

    def cancel(self, view: RoundView) -> bool:
        """Cancel a stalled round; True if a transaction was sent."""
        self.hive.cancel_round(self.signer, view.task, view.round)
        return True
