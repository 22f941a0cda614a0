"""Private data mode: rows that no node shows. A validator holds each update against rows of its own.

Three questions, from the plainest to the most general; an update that fails one counts no more for the next:

1. Are its labels turned around? See `likeness`: no mixture of classes is suspicious, only labels that fit no mixture.
2. Is it anything that rows can give? Within the bounds of each coordinate there is room for nonsense.
3. Does it harm? Leave one out: is the next model much better on own rows without it?

An honest update from skewed data (one class only, a few rows) may well cost something, so no threshold is near zero:
each is far outside of what was measured of honest shards, and grows where few rows leave more to chance. The figures
are of 7,402 real accounts in 3 to 10 shards (drawn, sorted by label, by a feature, Dirichlet with 0.3 and 0.1),
validators of 50 to 370 rows, rounds 1 to 6.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from anomalyhive.chain.views import RoundView
from anomalyhive.content.store import Store
from anomalyhive.core.fixedpoint import LARGEST_LOGIT, sigmoid, softplus
from anomalyhive.core.learner import Integers, Learner, Plan, Rows, State
from anomalyhive.roles.judging import Finding
from anomalyhive.roles.likeness import Bearing, likeness
from anomalyhive.roles.lineage import exact_sum
from anomalyhive.roles.task import Task

TURNED_SHARE, TURNED_ROWS = Fraction(1, 4), 10
"""Rows that lean to turned labels, less those that lean to honest ones, beyond which an update is rejected: a
quarter of all and ten. Of honest shards under 100 rows at most a quarter and 7 were seen, of larger ones none at all;
turned ones lean by 60 to 140 of 100 rows."""

STRAY, STRAY_ROWS = 100, 5_000
"""The stray of an update times its rows, per row and in all, beyond which no rows give it. Of honest shards at most 34
a row at 100 rows was seen, 12 at 26; random integers within bounds give thousands, false losses hundreds."""

FAR = Fraction(1, 3)
"""The part of the loss that one update may be responsible for: of honest ones 0.07 was seen, 0.26 among three
shards of which one was rejected. Random labels cost 0.3 to 0.9 from the third round on."""

LEAST_HARM = 8 << 16
"""Nor less than this, in 1/65536: with few own rows a large part of the loss is one odd row. At most 0.9 was seen."""


@dataclass(frozen=True)
class Rejection:
    """An update that was taken away: the loss with it and without it, in 1/65536."""

    shard: int
    loss_with: int
    loss_without: int

    def reason(self, rows: int) -> str:
        """The rejection in words."""
        with_, without = (loss * 1000 // (rows << 16) for loss in (self.loss_with, self.loss_without))
        return (
            f"far outside the round: on the validator's own {rows} rows the next model's loss is "
            f"{with_ / 1000:.3f} with this update and {without / 1000:.3f} without it"
        )


def levelled_loss(learner: Learner, state: State, rows: Rows) -> int:
    """The sum of -ln p(label) over rows in 1/65536, all logits shifted so that the mean of p is that of the labels.

    Shards whose classes are mixed unlike the validator's shift all logits alike, and harm nothing else.
    """
    logits = learner.logits(state, rows.features)
    low, high = -2 * LARGEST_LOGIT, 2 * LARGEST_LOGIT
    while low < high:
        middle = (low + high) // 2
        if int(sigmoid(logits + middle, 16).sum()) >= int(rows.labels.sum()) << 16:
            high = middle
        else:
            low = middle + 1
    return int(softplus(np.where(rows.labels == 1, -(logits + low), logits + low)).sum())


def eliminate(loss_of: Callable[[frozenset[int]], int], shards: Sequence[int]) -> list[Rejection]:
    """The updates that harm, the costliest first, as long as one alone is responsible for more than ``FAR``.

    ``loss_of`` gives the loss on own rows, in 1/65536, of the next model made of the updates of these shards.
    """
    alive = frozenset(shards)
    taken: list[Rejection] = []
    current = loss_of(alive)
    while len(alive) > 1:
        without = {shard: loss_of(alive - {shard}) for shard in sorted(alive)}
        worst = min(without, key=lambda shard: (without[shard], shard))
        harm = current - without[worst]
        if harm <= FAR * current or harm <= LEAST_HARM:
            break
        taken.append(Rejection(worst, current, without[worst]))
        alive, current = alive - {worst}, without[worst]
    return taken


def misfit(bearing: Bearing, rows: int) -> str:
    """The reason if the labels of an update of so many rows look turned around, or it like no rows; else nothing."""
    if bearing.stray * rows > STRAY * rows + STRAY_ROWS:
        return f"like no rows: it strays by {int(bearing.stray)} of the distance between honest and turned labels"
    leaning = bearing.lean * rows
    if leaning > TURNED_SHARE * rows + TURNED_ROWS:
        return (
            f"labels turned around: {min(int(leaning), rows)} of {rows} rows lean to the wrong side, "
            f"of which {int(TURNED_SHARE * rows) + TURNED_ROWS} may be chance"
        )
    return ""


def suspects(
    learner: Learner, state: State, plan: Plan, vectors: Mapping[int, Integers], rows: Mapping[int, int], own: Rows
) -> dict[int, str]:
    """Shard -> why its update is rejected, judged by one's own rows; ``vectors`` (P,) and ``rows`` go by shard.

    Who has too few rows of a class to tell turned labels rejects nobody: while liars stay in, harm is nobody's mark.
    """
    reasons: dict[int, str] = {}
    known = likeness(learner, plan, own)
    if known is None:
        return reasons
    for shard, vector in vectors.items():
        bearing = known.bearing(vector, rows[shard]) if rows[shard] else None
        if bearing is not None and (reason := misfit(bearing, rows[shard])):
            reasons[shard] = reason
    left = {shard: vector for shard, vector in vectors.items() if shard not in reasons}
    if not left:
        return reasons
    total = exact_sum(left, plan.length)
    losses: dict[frozenset[int], int] = {}

    def loss_of(shards: frozenset[int]) -> int:
        if shards not in losses:
            kept = total - exact_sum({shard: left[shard] for shard in left.keys() - shards}, plan.length)
            losses[shards] = levelled_loss(learner, learner.absorb(state, plan, kept), own)
        return losses[shards]

    harmful = eliminate(loss_of, sorted(left))
    return {**reasons, **{one.shard: one.reason(len(own)) for one in harmful}}


@dataclass
class PrivateCheck:
    """Holds the updates of a round against a validator's own rows."""

    task: Task
    store: Store
    rows: Rows

    def check(self, view: RoundView, plan: Plan, findings: Sequence[Finding]) -> list[Finding]:
        """Reject what is far outside the round."""
        vectors = {one.submission.shard: one.vector for one in findings if one.vector is not None}
        rows = {shard: self.task.spec.shards[shard].rows for shard in vectors}
        state = self.task.state_of(self.store, self.task.base_of(view))
        reasons = suspects(self.task.learner, state, plan, vectors, rows, self.rows)
        return [
            Finding(one.submission, None, reasons[one.submission.shard]) if one.submission.shard in reasons else one
            for one in findings
        ]
