"""What a tally must come to, by the package's own arithmetic: the contract's model in Python."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from stages import points

from anomalyhive.chain.views import TaskConfig
from anomalyhive.commitments import BadCommitment, add_all
from anomalyhive.commitments.curve import INFINITY, check_on_curve
from anomalyhive.protocol import deviations, is_paid, median_of_update, split_reward
from rehearsal import Round


@dataclass(frozen=True)
class Outcome:
    """Medians by shard as recorded, sum of the accepted commitments (96 bytes), and the money."""

    medians: Mapping[int, int]
    sum: bytes
    paid: frozenset[int]
    rate: int
    share: int

    @property
    def accepted(self) -> int:
        """How many updates are in the sum."""
        return sum(median > 0 for median in self.medians.values())

    @property
    def worth(self) -> int:
        """Sum of the medians."""
        return sum(self.medians.values())

    @property
    def seats(self) -> int:
        """The paid seats as the contract's bits."""
        return sum(1 << seat for seat in self.paid)

    def event(self, round_: Round) -> dict[str, Any]:
        """RoundTallied, field by field."""
        return {
            "task": round_.task,
            "round": round_.number,
            "accepted": self.accepted,
            "worth": self.worth,
            "rate": self.rate,
            "share": self.share,
            "paid": self.seats,
            "sum": points(self.sum),
        }


def outcome_of(config: TaskConfig, round_: Round, withheld: Collection[int] = (), verify_sums: bool = True) -> Outcome:
    """The outcome of everything that was submitted and revealed; ``withheld`` are seats that did not reveal."""
    verdicts = {one.seat: (one.node, one.scores) for one in round_.verdicts.values() if one.seat not in withheld}
    medians, summands = {}, []
    for shard, update in round_.updates.items():
        median = median_of_update(shard, update.node, verdicts)
        if verify_sums and not _is_point(update.commitment):
            median = 0
        medians[shard] = median
        if median:
            summands.append(update.commitment)
    nodes = {shard: update.node for shard, update in round_.updates.items()}
    strayed = deviations(nodes, verdicts, medians)
    paid = frozenset(seat for seat, (total, judged) in strayed.items() if is_paid(total, judged, config.tolerance))
    shares = split_reward(config.reward, config.trainer_bps, sum(medians.values()), len(paid))
    total = add_all(summands) if verify_sums else INFINITY
    return Outcome(medians, total, paid, shares.rate, shares.share)


def _is_point(commitment: bytes) -> bool:
    try:
        check_on_curve(commitment)
    except BadCommitment:
        return False
    return True
