"""Rounds in which not everybody takes part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from clock import Clock

from anomalyhive.chain.views import Phase
from rehearsal import BASE, Node, Rehearsal, Round

SHARDS, SEATS = range(BASE.shards), range(BASE.seats)


class Play:
    """Final and cancelled rounds of one cast; what a quota does not end, its deadline does."""

    def __init__(
        self, rehearsal: Rehearsal, clock: Clock, trainers: Sequence[Node], validators: Sequence[Node]
    ) -> None:
        self.rehearsal, self.hive, self.clock = rehearsal, rehearsal.hive, clock
        self.trainers, self.validators = trainers, validators

    def task(self, **changes: Any) -> int:
        """A task of BASE with changes, in which everybody took its slot."""
        task = self.rehearsal.create(**changes)
        self.rehearsal.settle_in(task, self.trainers, self.validators)
        return task

    def final(
        self, task: int, shards: Iterable[int] = SHARDS, seats: Iterable[int] = SEATS, withheld: Iterable[int] = ()
    ) -> None:
        """A round with updates of these shards and commits of these seats, some of them never revealed."""
        self.finish(self.rehearsal.open(task), shards, seats, withheld)

    def finish(self, round_: Round, shards: Iterable[int], seats: Iterable[int], withheld: Iterable[int] = ()) -> None:
        """The same for a round that was opened just now."""
        for shard in shards:
            self.rehearsal.submit(round_, shard)
        self.end(round_, Phase.TRAIN)
        for seat in seats:
            self.rehearsal.commit(round_, seat, [100] * BASE.shards)
        self.end(round_, Phase.JUDGE)
        for seat in withheld:
            del round_.verdicts[seat]
        for seat in round_.verdicts:
            self.rehearsal.reveal(round_, seat)
        self.end(round_, Phase.REVEAL)
        self.rehearsal.tally(round_)
        for seat in list(round_.verdicts)[: BASE.quorum]:
            self.rehearsal.attest(round_, seat, self.rehearsal.model_of(round_))
        assert self.hive.phaseOf(*round_.key)[0] == Phase.FINAL

    def cancelled(self, task: int, shards: Iterable[int] = ()) -> None:
        """A round with updates of these shards, which must be too few."""
        round_ = self.rehearsal.open(task)
        for shard in shards:
            self.rehearsal.submit(round_, shard)
        self.end(round_, Phase.TRAIN)
        self.hive.cancelRound(*round_.key, {"from": self.rehearsal.sponsor})

    def end(self, round_: Round, phase: Phase) -> None:
        """Let this phase reach its deadline, if it has not ended before."""
        now, deadline = self.hive.phaseOf(*round_.key)
        if now == phase:
            self.clock.reach(deadline)
