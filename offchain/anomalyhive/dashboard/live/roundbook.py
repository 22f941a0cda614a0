"""A round as its events tell it: who holds what, what was submitted, and when each phase began and ended.

The phases follow from the events and the times of their blocks alone (`protocol.phases`), so that a chain is asked for
logs and headers and for nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from anomalyhive.chain.folding import point_bytes, seats_of
from anomalyhive.chain.views import ZERO_DIGEST, Reveal, RoundView, Submission, Tallied, TaskConfig
from anomalyhive.protocol.phases import Phase, Progress, progress_at

OVER = (Phase.FINAL, Phase.CANCELLED)


@dataclass
class RoundBook:
    """A round; times are unix seconds, amounts 1e-18 tokens.

    ``shards`` and ``seats`` are place -> node as held when the round opened, or later while it was open. ``entered``
    and ``left`` are when each phase began and ended; ``transactions`` those with an event of the round, in order.
    """

    task: int
    number: int
    config: TaskConfig
    seed: bytes
    base: bytes
    opened_at: int
    opened_in: int
    progress: Progress
    shards: dict[int, int]
    seats: dict[int, int]
    entered: dict[Phase, int] = field(default_factory=dict)
    left: dict[Phase, int] = field(default_factory=dict)
    submissions: dict[int, Submission] = field(default_factory=dict)
    committed: dict[int, int] = field(default_factory=dict)
    reveals: dict[int, Reveal] = field(default_factory=dict)
    slashed: dict[int, int] = field(default_factory=dict)
    medians: dict[int, int] = field(default_factory=dict)
    tallied: Tallied | None = None
    attested: dict[int, bytes] = field(default_factory=dict)
    attesters: dict[int, int] = field(default_factory=dict)
    model: bytes = ZERO_DIGEST
    paid: frozenset[int] = frozenset()
    returned: int = 0
    drawn: bytes = ZERO_DIGEST
    ended_at: int | None = None
    ended_in: int | None = None
    transactions: dict[bytes, None] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Whether the round is final or cancelled: nothing of it changes any more."""
        return self.progress.phase in OVER

    @property
    def final(self) -> bool:
        """Whether a quorum named its model."""
        return self.progress.phase is Phase.FINAL

    def clone(self) -> RoundBook:
        """A copy that events may change; a round that is over is its own copy."""
        if self.over:
            return self
        fresh = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, dict):
                setattr(fresh, name, dict(value))
        return fresh

    def at(self, now: int) -> RoundBook:
        """The round as it stands at ``now``, whether or not anybody called since its last event."""
        fresh = self.clone()
        fresh.advance(now)
        return fresh

    def advance(self, now: int) -> None:
        """Let deadlines pass that lie before ``now``."""
        while self.progress.deadline and now >= self.progress.deadline:
            ended = self.progress
            # At its deadline a phase gives way to the next one alone, which lasts a second at the least.
            self.progress, _ = progress_at(ended, self.config, ended.deadline)
            self._enter(ended.phase, ended.deadline)

    def take(self, name: str, values: Mapping[str, Any], time: int, block: int, block_hash: bytes) -> None:
        """Let an event of this round happen."""
        if self.over:
            # A cancelled round's slashes come after the event that ends it, in the same transaction.
            if name == "SeatSlashed":
                STEPS[name](self, values, time)
            return
        self.advance(time)
        if name == "UpdateSubmitted":
            self.drawn = block_hash
        STEPS[name](self, values, time)
        if self.over:
            self.ended_at, self.ended_in = time, block

    def view(self, now: int) -> RoundView:
        """The round as the rest of the program knows one."""
        there = self.at(now)
        return RoundView(
            task=self.task,
            round=self.number,
            phase=there.progress.phase,
            ends_at=there.progress.deadline,
            now=now,
            seed=self.seed,
            base=self.base,
            submissions=self.submissions,
            committed=self.committed,
            reveals=self.reveals,
            tallied=self.tallied,
            attested=self.attested,
            slashed=self.slashed,
            model=self.model,
            paid=self.paid if self.tallied else frozenset(),
            returned=self.returned,
            opened_in=self.opened_in,
            drawn=self.drawn,
        )

    def go(self, phase: Phase, deadline: int, time: int) -> None:
        """Enter a phase at ``time``."""
        before = self.progress.phase
        self.progress = replace(self.progress, phase=phase, deadline=deadline)
        self._enter(before, time)

    def count(self) -> None:
        """Bring the counts of the progress up to date."""
        self.progress = replace(
            self.progress,
            submitted=len(self.submissions),
            committed=len(self.committed),
            revealed=len(self.reveals),
        )

    def _enter(self, before: Phase, time: int) -> None:
        if before is not self.progress.phase:
            self.left[before] = time
            self.entered[self.progress.phase] = time


def _submitted(book: RoundBook, v: Mapping[str, Any], time: int) -> None:
    shard = v["shard"]
    book.submissions[shard] = Submission(shard, v["node"], bytes(v["digest"]), point_bytes(v["commitment"]))
    book.shards[shard] = v["node"]
    book.count()
    if len(book.submissions) == book.config.update_quota:
        book.go(Phase.JUDGE, time + book.config.judge_seconds, time)


def _committed(book: RoundBook, v: Mapping[str, Any], time: int) -> None:
    book.committed[v["seat"]] = v["node"]
    book.seats[v["seat"]] = v["node"]
    book.count()
    if len(book.committed) == book.config.verdict_quota:
        book.go(Phase.REVEAL, time + book.config.reveal_seconds, time)


def _revealed(book: RoundBook, v: Mapping[str, Any], time: int) -> None:
    seat = v["seat"]
    book.reveals[seat] = Reveal(seat, v["node"], bytes(v["scores"]), bytes(v["verdict"]))
    book.count()
    if len(book.reveals) == len(book.committed):
        book.go(Phase.TALLY, time + book.config.tally_seconds, time)


def _slashed(book: RoundBook, v: Mapping[str, Any], time: int) -> None:  # noqa: ARG001 - one of a table
    book.slashed[v["seat"]] = v["burned"]


def _sliced(book: RoundBook, v: Mapping[str, Any], time: int) -> None:  # noqa: ARG001 - one of a table
    for shard, median in enumerate(bytes(v["medians"]), v["firstShard"]):
        if shard in book.submissions:
            # The medians of an earlier slice may come again; none of them ever becomes less.
            book.medians[shard] = max(median, book.medians.get(shard, 0))


def _tallied(book: RoundBook, v: Mapping[str, Any], time: int) -> None:
    medians = MappingProxyType(dict(book.medians))
    book.paid = seats_of(v["paid"])
    book.tallied = Tallied(medians, v["worth"], v["rate"], v["share"], book.paid, point_bytes(v["sum"]))
    if v["accepted"] >= book.config.min_updates:
        book.go(Phase.ATTEST, time + book.config.attest_seconds, time)
    else:
        book.go(Phase.STALLED, 0, time)


def _attested(book: RoundBook, v: Mapping[str, Any], time: int) -> None:  # noqa: ARG001 - one of a table
    book.attested[v["seat"]] = bytes(v["model"])
    book.attesters[v["seat"]] = v["node"]


def _finalized(book: RoundBook, v: Mapping[str, Any], time: int) -> None:
    book.model, book.paid, book.returned = bytes(v["model"]), seats_of(v["paid"]), v["returned"]
    book.go(Phase.FINAL, 0, time)


def _cancelled(book: RoundBook, v: Mapping[str, Any], time: int) -> None:
    book.returned = v["returned"]
    book.go(Phase.CANCELLED, 0, time)


STEPS: Mapping[str, Callable[[RoundBook, Mapping[str, Any], int], None]] = MappingProxyType(
    {
        "UpdateSubmitted": _submitted,
        "VerdictCommitted": _committed,
        "VerdictRevealed": _revealed,
        "SeatSlashed": _slashed,
        "UpdatesTallied": _sliced,
        "RoundTallied": _tallied,
        "ModelAttested": _attested,
        "RoundFinalized": _finalized,
        "RoundCancelled": _cancelled,
    }
)
"""Name of an event of an open round -> what it does to it."""
