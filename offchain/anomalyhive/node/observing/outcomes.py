"""What came of rounds, and of a node's own updates and verdicts, each told once."""

from __future__ import annotations

from dataclasses import dataclass

from anomalyhive.chain.views import Phase, RoundView


@dataclass(frozen=True)
class Seen:
    """What is new: ends of rounds, outcomes of the node's updates and of its verdicts."""

    rounds: tuple[str, ...] = ()
    updates: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()


@dataclass
class _Last:
    """The round that was seen last: its number, its base, and what of it has been told."""

    round: int
    base: bytes
    ended: bool = False
    tallied: bool = False


class Outcomes:
    """Knows of each task what it has told. What had ended before the first look is nobody's news.

    A round that ended between two looks shows by the base of the next one, which is its model if it was final. ``node``
    is the number of the node, 0 until it is known.
    """

    def __init__(self) -> None:
        self.node = 0
        self._last: dict[int, _Last] = {}

    def of(self, task: int, view: RoundView) -> Seen:
        """What a look at a task's latest round adds."""
        last = self._last.get(task)
        rounds: tuple[str, ...] = ()
        if last is None or last.round != view.round:
            if last is not None and last.round < view.round:
                rounds = _between(last, view)
            first_look = last is None
            last = self._last[task] = _Last(view.round, view.base)
            if first_look and view.phase in (Phase.FINAL, Phase.CANCELLED):
                last.ended = last.tallied = True
        updates: tuple[str, ...] = ()
        if view.tallied is not None and not last.tallied and self.node:
            last.tallied = True
            updates = tuple(
                "accepted" if view.tallied.medians.get(shard) else "rejected"
                for shard, one in sorted(view.submissions.items())
                if one.node == self.node
            )
        verdicts: tuple[str, ...] = ()
        if view.phase in (Phase.FINAL, Phase.CANCELLED) and not last.ended:
            last.ended = True
            rounds += ("final" if view.phase is Phase.FINAL else "cancelled",)
            verdicts = self._verdicts(view)
        return Seen(rounds, updates, verdicts)

    def _verdicts(self, view: RoundView) -> tuple[str, ...]:
        """What came of the node's verdicts in a round that is over."""
        final = view.phase is Phase.FINAL
        found = []
        for seat, node in sorted(view.committed.items()):
            if node == self.node:
                slashed = seat in view.slashed
                found.append("slashed" if slashed else "paid" if final and seat in view.paid else "unpaid")
        return tuple(found)


def _between(last: _Last, view: RoundView) -> tuple[str, ...]:
    """The ends of the round that was seen last and of those that nobody saw before the present one."""
    untold = view.round - last.round - last.ended
    if untold == 1 and not last.ended:
        return ("cancelled" if view.base == last.base else "final",)
    return ("unseen",) * untold
