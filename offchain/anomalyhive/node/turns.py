"""When a keeper acts: not all at once, for of the same transaction one is enough."""

from __future__ import annotations

from dataclasses import dataclass, field

PLACES = 8
"""Keepers act one after the other in so many places; who shares a place acts at the same time."""

LONGEST_SHARE = 4
"""The last keeper acts when a quarter of the phase is over, whatever the pace."""


@dataclass
class Turns:
    """The turns of one node: each piece of work begins with another node, so that none bears all the costs."""

    node: int
    pace: float
    _seen: dict[str, float] = field(default_factory=dict, repr=False)

    def due(self, work: str, number: int, now: float, seconds: int) -> bool:
        """Whether this node's turn has come for work that is to be done in a phase of so many seconds.

        ``work`` names it and ``number`` turns the order; what was asked about before and is not the same is forgotten.
        """
        if work not in self._seen:
            self._seen = {work: now}
        place = (self.node + number) % PLACES
        return now - self._seen[work] >= min(place * self.pace, seconds / LONGEST_SHARE)
