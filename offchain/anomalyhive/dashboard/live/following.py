"""A ledger that follows its chain: blocks in ranges, reorganisations undone.

Two ledgers are kept. The settled one is `SETTLED` blocks behind the head and is never undone but by starting over; the
other one has the events after it, too. Where the chain has replaced a block that was read, the second is made anew from
the first, with what the chain says now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from web3 import Web3

from anomalyhive.chain.deployment import Deployment
from anomalyhive.chain.events import Event
from anomalyhive.dashboard.live.ledger import Ledger
from anomalyhive.dashboard.live.reading import Head, Moved, read_head, read_range, read_times, too_much
from anomalyhive.errors import ChainFailure

SETTLED = 64
"""Blocks behind the head that are not expected to be replaced: two epochs of Ethereum."""

WIDEST, NARROWEST = 20_000, 16
"""Blocks in one question for logs; providers allow from some hundred to ten thousand, so a refusal halves them."""


@dataclass
class Follower:
    """Follows one hive. ``head`` is the last block read, ``floor`` the last settled one; None before the first."""

    deployment: Deployment
    ledger: Ledger = field(default_factory=Ledger)
    head: Head | None = None
    floor: Head | None = None
    undone: int = 0
    _settled: Ledger = field(default_factory=Ledger)
    _recent: list[tuple[Event, int]] = field(default_factory=list)
    _span: int = WIDEST

    def catch_up(self, web3: Web3) -> Iterator[Head]:
        """Read up to the present head; yields the last block read after every range. Raises ChainFailure."""
        self._undo(web3)
        target = read_head(web3)
        while self.head is None or self.head.number < target.number:
            yield self._advance(web3, target)
        if self.head.number == target.number and self.head.hash != target.hash:
            raise Moved(f"block {target.number} was replaced while it was read")

    @property
    def settled_in(self) -> int:
        """The last block that is settled, -1 before there is one."""
        return -1 if self.floor is None else self.floor.number

    def _advance(self, web3: Web3, target: Head) -> Head:
        first = self.deployment.block if self.head is None else self.head.number + 1
        last = min(first + self._span - 1, target.number)
        if last < first:  # a chain that is shorter than its deployment is another one
            raise ChainFailure(f"the chain ends at block {target.number}, before the hive was deployed: is it another?")
        try:
            events = read_range(web3, self.deployment, first, last)
        except ChainFailure as error:
            if last - first < NARROWEST or not too_much(error):
                raise
            self._span = max((last - first + 1) // 2, NARROWEST)
            return self._advance(web3, target)
        times = read_times(web3, events) if events else {}
        end = target if last == target.number else read_head(web3, last)
        for event in events:
            self.ledger.apply(event, times[event.block])
            self._recent.append((event, times[event.block]))
        self.head = end
        self._span = min(self._span * 2, WIDEST)
        self._settle(web3, target)
        return end

    def _settle(self, web3: Web3, target: Head) -> None:
        """Let the settled ledger follow, now and then."""
        assert self.head is not None
        until = min(target.number - SETTLED, self.head.number)
        if until <= self.settled_in + (SETTLED if self.floor is not None else 0):
            return
        floor = self.head if until == self.head.number else read_head(web3, until)
        done = [one for one in self._recent if one[0].block <= until]
        for event, time in done:
            self._settled.apply(event, time)
        self._settled.changed.clear()
        self._recent, self.floor = self._recent[len(done) :], floor

    def _undo(self, web3: Web3) -> None:
        """See that what was read is still of the chain, and take back what is not."""
        if self.head is None or self._still(web3, self.head):
            return
        self.undone += 1
        touched = {
            (event.values["task"], event.values["round"]) for event, _ in self._recent if "round" in event.values
        }
        if self.floor is not None and self._still(web3, self.floor):
            self.ledger, self.head = self._settled.clone(), self.floor
        else:
            self.ledger, self._settled, self.head, self.floor = Ledger(), Ledger(), None, None
        self.ledger.changed |= touched
        self._recent = []

    def _still(self, web3: Web3, block: Head) -> bool:
        if read_head(web3).number < block.number:
            return False
        return read_head(web3, block.number).hash == block.hash
