"""Commitments opened by the vectors that they are said to commit to: many at once, which is much cheaper."""

from __future__ import annotations

from dataclasses import dataclass, field

from anomalyhive.audit.place import Place
from anomalyhive.commitments import wrong_openings
from anomalyhive.core.learner import Integers

MOST_ENTRIES = 1 << 22
"""Entries of the vectors that wait to be opened together: 32 MiB."""


@dataclass(frozen=True)
class _Waiting:
    place: Place
    check: str
    what: str
    digest: bytes | None


@dataclass
class Openings:
    """Collects openings over rounds, and opens them when there are enough; `flush` opens the rest.

    ``entropy`` makes the random combination unpredictable to whoever made the commitments.
    """

    entropy: bytes
    _openings: list[tuple[Integers, bytes]] = field(default_factory=list)
    _waiting: list[_Waiting] = field(default_factory=list)
    _entries: int = 0

    def add(
        self, vector: Integers, commitment: bytes, place: Place, check: str, what: str, digest: bytes | None = None
    ) -> None:
        """Have a vector (P,) held against its commitment; ``what`` names it in a fault of ``check``."""
        self._openings.append((vector, commitment))
        self._waiting.append(_Waiting(place, check, what, digest))
        self._entries += len(vector)
        if self._entries >= MOST_ENTRIES:
            self.flush()

    def flush(self) -> None:
        """Open all that wait."""
        openings, waiting = self._openings, self._waiting
        self._openings, self._waiting, self._entries = [], [], 0
        for one in waiting:
            one.place.findings.count(one.check)
        for index in wrong_openings(openings, self.entropy):
            one = waiting[index]
            one.place.fail(one.check, f"{one.what}: the commitment does not open to the vector", one.digest)
