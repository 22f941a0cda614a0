"""The tally, as the model sees it: update by update, score by score, with the package's own arithmetic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from anomalyhive.chain.views import Phase, TaskConfig
from anomalyhive.commitments import BadCommitment, add_all, check_on_curve
from anomalyhive.protocol import deviations, is_paid, median_of_update, split_reward
from reference.part import refuse
from reference.rounds import Rounds
from reference.state import Round, Settled, Update
from reference.words import mask, points

BLOCK = 32
"""Shards whose medians share a word."""


class Row(NamedTuple):
    """An update as a slice of the tally tells it."""

    shard: int
    node: int
    digest: bytes
    commitment: bytes


class Tally(Rounds):
    """See IHive.tally."""

    def tally(self, number: int, round_: int, rows: Sequence[Row], scores: Sequence[bytes]) -> None:
        found = self.in_phase(number, round_, Phase.TALLY)
        config = self.state.tasks[number].config
        _check_scores(found, scores)
        is_first, begun = not found.medians, found.next_shard
        rows = rows[next((i for i, row in enumerate(rows) if row.shard >= begun), len(rows)) :]
        if not rows:
            refuse("NothingToTally", begun)
        is_last = len(found.medians) + len(rows) >= len(found.updates)
        _check_rows(found, rows, is_last)
        for row in rows:
            found.medians[row.shard] = median(found, row.shard)
        found.next_shard = rows[-1].shard + 1
        self.emit("UpdatesTallied", number, round_, *slice_medians(found, begun))
        if is_last:
            settle(found, config, self.time)
            settled = found.settled
            assert settled is not None
            self.emit(
                "RoundTallied",
                number,
                round_,
                len(found.accepted),
                found.worth,
                settled.rate,
                settled.share,
                mask(settled.paid),
                points(total(found)),
            )
        if is_first:
            self.slash_withheld(number, round_)


# Arithmetic


def median(round_: Round, shard: int) -> int:
    """What the tally records for an update: 0 also for a commitment that is no point."""
    update = round_.updates[shard]
    found = median_of_update(shard, update.node, round_.revealed)
    return found if is_point(update.commitment) else 0


def total(round_: Round) -> bytes:
    """The sum of the commitments accepted so far."""
    return add_all([round_.updates[shard].commitment for shard in round_.accepted])


def strayed(round_: Round, medians: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """Seat -> (deviation, updates judged), over what is tallied."""
    nodes = {shard: round_.updates[shard].node for shard in medians}
    return deviations(nodes, round_.revealed, medians)


def settle(round_: Round, config: TaskConfig, time: int) -> None:
    """Ends the tally: who is paid how much, and the next phase."""
    strays = strayed(round_, round_.medians)
    paid = {seat for seat, (deviation, judged) in strays.items() if is_paid(deviation, judged, config.tolerance)}
    shares = split_reward(config.reward, config.trainer_bps, round_.worth, len(paid))
    round_.settled = Settled(shares.rate, shares.share, paid)
    if len(round_.accepted) < config.min_updates:
        round_.phase, round_.deadline = Phase.STALLED, 0
    else:
        round_.phase, round_.deadline = Phase.ATTEST, time + config.attest_seconds


def slice_medians(round_: Round, begun: int) -> tuple[int, bytes]:
    """First shard and medians of a slice that began at a shard: from the beginning of its block."""
    first = begun // BLOCK * BLOCK
    return first, bytes(round_.medians.get(shard, 0) for shard in range(first, round_.next_shard))


def is_point(commitment: bytes) -> bool:
    """Whether the precompile adds it."""
    try:
        check_on_curve(commitment)
    except BadCommitment:
        return False
    return True


# Checks


def _check_scores(round_: Round, scores: Sequence[bytes]) -> None:
    revealed = round_.revealed
    if len(scores) != len(revealed):
        refuse("WrongScoreCount", len(scores), len(revealed))
    for given, (seat, (_, shown)) in zip(scores, revealed.items(), strict=True):
        if given != shown:
            refuse("WrongScores", seat)


def _check_rows(round_: Round, rows: Sequence[Row], is_last: bool) -> None:
    following = round_.next_shard
    for row in rows:
        if row.shard < following:
            refuse("WrongOrder", row.shard, following)
        if round_.updates.get(row.shard) != Update(row.node, row.digest, row.commitment):
            refuse("WrongUpdate", row.shard)
        left_out = [shard for shard in sorted(round_.updates) if following <= shard < row.shard]
        if left_out and not is_last:
            refuse("UpdateLeftOut", left_out[0])
        following = row.shard + 1
